import type { KubeObject } from "../../../domain/kube-object.ts";
import { type Deed, type KindRef, Refusal, type ServedKind } from "../../contract.ts";
import { convert } from "../convert.ts";
import { fieldsOf, groupOf, itemsOf } from "../problems.ts";
import { type Reading, type Readings, type ReadValidation, readingsOf } from "./expressions.ts";
import { isNamespace, matchedAs } from "./matching.ts";

/** The policies and bindings that there are, and what is about to be done. */
export interface PolicyQuestion {
	readonly policies: readonly KubeObject[];
	readonly bindings: readonly KubeObject[];
	readonly deed: Deed;
}

/** What a policy holds against it. */
interface Objection {
	readonly message: string;
	readonly reason: string;
}

/**
 * Asks every policy that looks at what is about to be done. Throws the refusal of the first that denies it, and returns
 * what others warn of. Throws no other errors: what goes wrong with asking is told as the policy's failure policy wants.
 */
export function askPolicies({ policies, bindings, deed }: PolicyQuestion): readonly string[] {
	const warnings: string[] = [];
	let denied: Refusal | undefined;
	for (const policy of policies) {
		const own = bindings.filter((binding) => fieldsOf(binding.spec).policyName === policy.metadata.name);
		if (own.length === 0) continue;
		const kind = matchedAs(fieldsOf(policy.spec).matchConstraints, deed);
		if (kind === undefined) continue;
		let objections: readonly Objection[] | undefined;
		for (const binding of own) {
			const { matchResources, validationActions } = fieldsOf(binding.spec);
			if (matchResources !== undefined && matchedAs(matchResources, deed) === undefined) continue;
			objections ??= objectionsOf(policy, deed, kind);
			for (const objection of objections) {
				const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
				if (itemsOf(validationActions).includes("Warn")) {
					warnings.push(`Validation failed for ${names}: ${objection.message}`);
				}
				if (itemsOf(validationActions).includes("Deny")) denied ??= refusalOf(names, objection, deed);
			}
		}
	}
	if (denied !== undefined) throw denied;
	return warnings;
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, RequestEntityTooLarge: 413 };

function refusalOf(names: string, { message, reason }: Objection, { kind, name }: Deed): Refusal {
	const group = groupOf(kind.apiVersion);
	const said = `${names} denied request: ${message}`;
	return new Refusal(
		CODES[reason] ?? 422,
		reason,
		`${kind.plural}${group === "" ? "" : `.${group}`} ${JSON.stringify(name)} is forbidden: ${said}`,
		{ name, ...(group === "" ? {} : { group }), kind: kind.plural, causes: [{ message: said }] },
	);
}

function objectionsOf(policy: KubeObject, deed: Deed, kind: ServedKind): readonly Objection[] {
	const readings = readingsOf(policy);
	const isStrict = fieldsOf(policy.spec).failurePolicy !== "Ignore";
	const failed = (why: string): readonly Objection[] => (isStrict ? [{ message: why, reason: "Invalid" }] : []);
	const names = namesFor(deed, kind);
	const conditions = readings.matchConditions.map(({ reading }) => answerOf(reading, names));
	if (conditions.some((answer) => answer.ok && answer.value === false)) return [];
	const unanswered = conditions.flatMap((answer) => (answer.ok ? [] : [told(answer)]));
	if (unanswered.length > 0) return failed(inOne(unanswered));
	const composed = { ...names, variables: variablesOf(readings, names) };
	const objections = readings.validations.flatMap((validation) => {
		const answer = answerOf(validation.reading, composed);
		if (!answer.ok) return failed(told(answer));
		if (answer.value === true) return [];
		return [{ message: messageOf(validation, composed), reason: validation.reason || "Invalid" }];
	});
	// There is no audit log to write annotations in: whether they can be made is all that is asked.
	const annotations = readings.auditAnnotations.flatMap(({ reading }) => {
		const answer = answerOf(reading, composed);
		return answer.ok ? [] : failed(told(answer));
	});
	return [...objections, ...annotations];
}

function inOne(problems: readonly string[]): string {
	return problems.length === 1 ? String(problems[0]) : `[${problems.join(", ")}]`;
}

type Names = Readonly<Record<string, unknown>>;

interface Unanswered {
	readonly ok: false;
	readonly expression: string;
	readonly why: string;
}

type Answer = { readonly ok: true; readonly value: unknown } | Unanswered;

function answerOf(reading: Reading, names: Names): Answer {
	const { expression } = reading;
	if (!reading.ok) return { ok: false, expression, why: reading.problem };
	try {
		return { ok: true, value: reading.evaluate(names) };
	} catch (thrown) {
		return { ok: false, expression, why: whyOf(thrown) };
	}
}

function told({ expression, why }: Unanswered): string {
	return `expression '${expression}' resulted in error: ${why}`;
}

function whyOf(thrown: unknown): string {
	const { summary, message } = (thrown ?? {}) as { readonly summary?: string; readonly message?: string };
	return (summary ?? message ?? String(thrown)).replace(/^No such key/, "no such key");
}

const MESSAGE_BYTES_MAX = 5 * 1024;

function messageOf({ messageReading, message, reading }: ReadValidation, names: Names): string {
	const answer = messageReading === undefined ? undefined : answerOf(messageReading, names);
	const said = answer?.ok === true && typeof answer.value === "string" ? answer.value.trim() : "";
	if (said !== "" && !said.includes("\n") && Buffer.byteLength(said) <= MESSAGE_BYTES_MAX) return said;
	if (message !== "") return message;
	return `failed expression: ${reading.expression.trim()}`;
}

/** Each is asked when it is first needed, and once. One that needs itself comes to nothing. */
function variablesOf({ variables }: Readings, names: Names): object {
	const all = {};
	const composed = { ...names, variables: all };
	for (const { name, reading } of variables) {
		let answer: Answer | undefined;
		Object.defineProperty(all, name, {
			enumerable: true,
			get() {
				if (answer === undefined) {
					answer = { ok: false, expression: reading.expression, why: "it needs itself" };
					answer = answerOf(reading, composed);
				}
				if (answer.ok) return answer.value;
				throw new Error(`composited variable ${JSON.stringify(name)} fails to evaluate: ${answer.why}`);
			},
		});
	}
	return all;
}

/** What an expression can ask about, but for the variables. */
function namesFor(deed: Deed, kind: ServedKind): Names {
	const { sent, object, oldObject, home } = deed;
	const seen = (one: KubeObject | undefined) =>
		one === undefined ? null : celValue(sent === undefined ? convert(one, kind) : one);
	return {
		object: seen(object),
		oldObject: seen(oldObject),
		request: requestOf(deed, kind),
		namespaceObject: home === undefined || isNamespace(deed.kind) ? null : celValue(withoutManagers(home)),
	};
}

function withoutManagers({ metadata: { managedFields: _, ...metadata }, ...object }: KubeObject): object {
	return { ...object, metadata };
}

/** Go leaves out what is empty, and so `has` tells whether there is any. */
function requestOf(
	{ operation, kind: asked, subresource, sent, namespace, name, asker, dryRun }: Deed,
	kind: ServedKind,
) {
	const below = subresource === "" ? {} : { subResource: subresource, requestSubResource: subresource };
	return {
		kind: groupVersionKind(sent ?? kind),
		resource: groupVersionResource(kind),
		requestKind: groupVersionKind(sent ?? asked),
		requestResource: groupVersionResource(asked),
		...below,
		...(name === "" ? {} : { name }),
		...(namespace === undefined ? {} : { namespace }),
		operation,
		userInfo: {
			username: asker.username,
			...(asker.uid === undefined ? {} : { uid: asker.uid }),
			groups: [...asker.groups],
			extra: asker.extra ?? {},
		},
		dryRun,
		options: null,
	};
}

function groupVersionKind({ apiVersion, kind }: KindRef) {
	return { group: groupOf(apiVersion), version: apiVersion.slice(apiVersion.indexOf("/") + 1), kind };
}

function groupVersionResource({ apiVersion, plural }: ServedKind) {
	return { group: groupOf(apiVersion), version: apiVersion.slice(apiVersion.indexOf("/") + 1), resource: plural };
}

/** A value as the language has it: whole numbers apart from others. */
function celValue(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(celValue);
	if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, celValue(item)]])),
	);
}
