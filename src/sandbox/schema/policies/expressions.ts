import type { Environment } from "@marcbachmann/cel-js";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { compile, createLanguage, type Evaluate } from "../cel/language.ts";
import { fieldsOf, itemsOf } from "../problems.ts";

const groupVersion = (word: string) => ({ group: "string", version: "string", [word]: "string" });

/** What an expression may ask of a request. */
const REQUEST = {
	kind: groupVersion("kind"),
	resource: groupVersion("resource"),
	subResource: "string",
	requestKind: groupVersion("kind"),
	requestResource: groupVersion("resource"),
	requestSubResource: "string",
	name: "string",
	namespace: "string",
	operation: "string",
	userInfo: { username: "string", uid: "string", groups: "list<string>", extra: "map<string, list<string>>" },
	dryRun: "bool",
	options: "dyn",
};

const language = createLanguage({ isOpen: false })
	.registerVariable("object", "dyn")
	.registerVariable("oldObject", "dyn")
	.registerVariable("namespaceObject", "dyn")
	.registerVariable({ name: "request", schema: REQUEST });

/** What an expression has to come to. */
type Wanted = "bool" | "string" | "anything";

/** An expression of a policy, read once; or in the API's words why it is none. */
export type Reading =
	| { readonly ok: true; readonly expression: string; readonly evaluate: Evaluate }
	| { readonly ok: false; readonly expression: string; readonly problem: string };

interface NamedExpression {
	readonly name: string;
	readonly reading: Reading;
}

/** The expressions of a policy, in its order. */
export interface Readings {
	/** What each variable of the policy comes to. */
	readonly variables: readonly NamedExpression[];
	readonly matchConditions: readonly NamedExpression[];
	readonly validations: readonly ReadValidation[];
	/** By their keys. */
	readonly auditAnnotations: readonly NamedExpression[];
}

export interface ReadValidation {
	readonly reading: Reading;
	readonly messageReading: Reading | undefined;
	readonly message: string;
	/** Empty: not said. */
	readonly reason: string;
}

const known = new WeakMap<object, Readings>();

/** The same readings as long as the policy's spec is the same object. */
export function readingsOf(policy: KubeObject): Readings {
	const spec = fieldsOf(policy.spec);
	let readings = known.get(spec);
	if (readings === undefined) {
		readings = read(spec);
		known.set(spec, readings);
	}
	return readings;
}

function read(spec: Json): Readings {
	const variables = itemsOf(spec.variables).map(fieldsOf);
	const composed = variables.length === 0 ? language : withVariables(variables.map(({ name }) => String(name)));
	const named = (one: Json, word: string, field: string, wanted: Wanted, language: Environment) => ({
		name: String(one[word] ?? ""),
		reading: readingOf(language, one[field], wanted),
	});
	return {
		variables: variables.map((one) => named(one, "name", "expression", "anything", composed)),
		// They are asked before there are any variables.
		matchConditions: itemsOf(spec.matchConditions).map((one) =>
			named(fieldsOf(one), "name", "expression", "bool", language),
		),
		validations: itemsOf(spec.validations)
			.map(fieldsOf)
			.map(({ expression, messageExpression, message, reason }) => ({
				reading: readingOf(composed, expression, "bool"),
				messageReading:
					typeof messageExpression === "string" && messageExpression.trim() !== ""
						? readingOf(composed, messageExpression, "string")
						: undefined,
				message: String(message ?? "").trim(),
				reason: String(reason ?? ""),
			})),
		auditAnnotations: itemsOf(spec.auditAnnotations).map((one) =>
			named(fieldsOf(one), "key", "valueExpression", "anything", composed),
		),
	};
}

function withVariables(names: readonly string[]): Environment {
	const schema = Object.fromEntries(names.map((name) => [name, "dyn"]));
	return language.clone().registerVariable({ name: "variables", schema });
}

function readingOf(language: Environment, said: unknown, wanted: Wanted): Reading {
	const expression = String(said ?? "");
	const unread = (problem: string): Reading => ({ ok: false, expression, problem });
	const { valid, error, type = "dyn" } = language.check(expression);
	if (!valid) return unread(`compilation failed: ${complaint(expression, error)}`);
	if (wanted !== "anything" && type !== wanted && type !== "dyn") {
		return unread(`must evaluate to ${wanted} but got ${type}`);
	}
	return { ok: true, expression, evaluate: compile(language, expression) };
}

/** What the language says is wrong, as the API does: with the line that is meant and a mark below it. */
function complaint(expression: string, thrown: unknown): string {
	const { summary, message, range } = (thrown ?? {}) as {
		readonly summary?: string;
		readonly message?: string;
		readonly range?: { readonly start: number };
	};
	const said = summary ?? message ?? String(thrown);
	const field = /^No such key: (.*)$/.exec(said)?.[1];
	const name = /^Unknown variable: (.*)$/.exec(said)?.[1];
	const what =
		field !== undefined
			? `undefined field '${field}'`
			: name !== undefined
				? `undeclared reference to '${name}' (in container '')`
				: said;
	// A field is told of at the dot before it.
	const at = Math.max(0, (range?.start ?? 0) - (field === undefined ? 0 : 1));
	const before = expression.slice(0, at).split("\n");
	const column = (before.at(-1) ?? "").length;
	const line = expression.split("\n")[before.length - 1] ?? "";
	return `ERROR: <input>:${before.length}:${column + 1}: ${what}\n | ${line}\n | ${".".repeat(column)}^`;
}
