import type { Schema } from "../../contract.ts";
import { compile, createLanguage, type Evaluate } from "../cel/language.ts";
import { forbidden, invalid, isObject, type Problem, required } from "../problems.ts";

interface Rule {
	readonly rule: string;
	readonly message?: string;
	readonly messageExpression?: string;
	readonly reason?: string;
	/** Below the value, and begins with a dot. */
	readonly fieldPath?: string;
}

interface Compiled extends Rule {
	/** Undefined: the rule cannot be read here. */
	readonly evaluate: Evaluate | undefined;
	/** It compares with the value before, so that it is asked only where there is one. */
	readonly isTransition: boolean;
}

/** What the rules of a schema say of a value. */
export interface RuleFindings {
	readonly problems: readonly Problem[];
	/** Of rules that could not be asked: each is told once, the first time. */
	readonly warnings: readonly string[];
}

const language = createLanguage({ isOpen: true });

const compiled = new WeakMap<Schema, readonly Compiled[]>();
const told = new WeakSet<Compiled>();

/**
 * Asks every rule along a value, `before` being what was there. A rule that cannot be read or asked here refuses nothing:
 * it is told of once, as a warning.
 */
export function ruleFindings(value: unknown, before: unknown, schema: Schema, at: string): RuleFindings {
	const problems: Problem[] = [];
	const warnings: string[] = [];
	ask(value, before, schema, at, { problems, warnings });
	return { problems, warnings };
}

interface Findings {
	readonly problems: Problem[];
	readonly warnings: string[];
}

function ask(value: unknown, before: unknown, schema: Schema, at: string, found: Findings): void {
	if (value === undefined || value === null) return;
	for (const rule of rulesOf(schema)) askRule(rule, value, before, schema, at, found);
	if (Array.isArray(value)) {
		const { items } = schema;
		if (items === undefined) return;
		value.forEach((item, index) => {
			ask(item, counterpart(item, before, schema), items, `${at}[${index}]`, found);
		});
	} else if (isObject(value)) {
		const earlier = isObject(before) ? before : {};
		for (const [name, item] of Object.entries(value)) {
			const known = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
			const property = known ?? schema.additionalProperties;
			if (typeof property !== "object") continue;
			const path = known === undefined ? `${at}[${name}]` : at === "" ? name : `${at}.${name}`;
			ask(item, earlier[name], property, path, found);
		}
	}
}

/** The item of the earlier list that is the same one: only lists with keys say which that is. */
function counterpart(item: unknown, before: unknown, schema: Schema): unknown {
	const keys = schema["x-kubernetes-list-map-keys"];
	if (schema["x-kubernetes-list-type"] !== "map" || keys === undefined || !Array.isArray(before) || !isObject(item)) {
		return undefined;
	}
	return before.find((one) => isObject(one) && keys.every((key) => one[key] === item[key]));
}

function askRule(rule: Compiled, value: unknown, before: unknown, schema: Schema, at: string, found: Findings): void {
	if (rule.isTransition && (before === undefined || before === null)) return;
	const variables = {
		self: celValue(value, schema),
		...(rule.isTransition ? { oldSelf: celValue(before, schema) } : {}),
	};
	let isGood: unknown;
	try {
		if (rule.evaluate === undefined) throw new Error("it cannot be read");
		isGood = rule.evaluate(variables);
	} catch (thrown) {
		if (told.has(rule)) return;
		told.add(rule);
		const why = thrown instanceof Error ? thrown.message.split("\n")[0] : String(thrown);
		found.warnings.push(
			`${at === "" ? "<root>" : at}: the rule ${JSON.stringify(rule.rule)} is not checked here: ${why}`,
		);
		return;
	}
	if (isGood !== false) return;
	const field = `${at}${rule.fieldPath ?? ""}`.replace(/^\./, "");
	const why = messageOf(rule, variables);
	if (rule.reason === "FieldValueForbidden") found.problems.push(forbidden(field, why));
	else if (rule.reason === "FieldValueRequired") found.problems.push(required(field, why));
	else found.problems.push(invalid(field, Array.isArray(value) ? "array" : typeOf(value), why));
}

function messageOf(rule: Compiled, variables: Record<string, unknown>): string {
	if (rule.messageExpression !== undefined) {
		try {
			const said = compile(language, rule.messageExpression)(variables);
			if (typeof said === "string" && said.trim() !== "") return said;
		} catch {
			// As in a real API server, the plain message takes its place.
		}
	}
	return rule.message ?? `failed rule: ${rule.rule.trim()}`;
}

function rulesOf(schema: Schema): readonly Compiled[] {
	const rules = schema["x-kubernetes-validations"] as readonly Rule[] | undefined;
	if (rules === undefined) return [];
	let known = compiled.get(schema);
	if (known === undefined) {
		known = rules.map((rule) => ({
			...rule,
			evaluate: tryCompiling(rule.rule),
			isTransition: /\boldSelf\b/.test(rule.rule),
		}));
		compiled.set(schema, known);
	}
	return known;
}

function tryCompiling(rule: string): Evaluate | undefined {
	try {
		return compile(language, rule);
	} catch {
		// Told of where the rule is asked for the first time.
		return undefined;
	}
}

/** A value as the language has it: whole numbers apart from others, moments as moments. */
function celValue(value: unknown, schema: Schema): unknown {
	if (Array.isArray(value)) return value.map((item) => celValue(item, schema.items ?? {}));
	if (isObject(value)) {
		return Object.fromEntries(
			Object.entries(value)
				.filter(([, item]) => item !== undefined)
				.map(([name, item]) => {
					const known = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
					const property = known ?? schema.additionalProperties;
					return [
						known === undefined ? name : escaped(name),
						celValue(item, typeof property === "object" ? property : {}),
					];
				}),
		);
	}
	if (typeof value === "number") return Number.isInteger(value) && schema.type !== "number" ? BigInt(value) : value;
	if (typeof value === "string" && schema.format === "date-time" && !Number.isNaN(Date.parse(value)))
		return new Date(value);
	return value;
}

/** Names that the language cannot say are said in this way by all rules of Kubernetes. */
function escaped(name: string): string {
	if (/^[A-Za-z_]\w*$/.test(name) && !name.includes("__")) return name;
	return name
		.replaceAll("__", "__underscores__")
		.replaceAll(".", "__dot__")
		.replaceAll("-", "__dash__")
		.replaceAll("/", "__slash__");
}

function typeOf(value: unknown): string {
	if (isObject(value)) return "object";
	return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}
