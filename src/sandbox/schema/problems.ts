import { type Json, Refusal } from "../contract.ts";

/** What is wrong with one field, as the causes of a refused request say it. */
export interface Problem {
	/** `spec.ports[0].name`; of keys that people choose, `metadata.labels[app]`. */
	readonly field: string;
	readonly reason: string;
	/** Without the field: `Invalid value: 0: must be …`. */
	readonly message: string;
}

export function invalid(field: string, value: unknown, why: string): Problem {
	return { field, reason: "FieldValueInvalid", message: `Invalid value: ${quoted(value)}: ${why}` };
}

export function required(field: string, why = ""): Problem {
	return { field, reason: "FieldValueRequired", message: `Required value${why === "" ? "" : `: ${why}`}` };
}

export function forbidden(field: string, why: string): Problem {
	return { field, reason: "FieldValueForbidden", message: `Forbidden: ${why}` };
}

export function duplicate(field: string, value: unknown): Problem {
	return { field, reason: "FieldValueDuplicate", message: `Duplicate value: ${quoted(value)}` };
}

/** `allowed` are said in the order of the alphabet, unless they are to be said as they are. */
export function notSupported(
	field: string,
	value: unknown,
	allowed: readonly unknown[],
	order: "sorted" | "as they are" = "sorted",
): Problem {
	const words = allowed.map(quoted);
	const said = order === "sorted" ? words.toSorted() : words;
	return {
		field,
		reason: "FieldValueNotSupported",
		message: `Unsupported value: ${quoted(value)}: supported values: ${said.join(", ")}`,
	};
}

/** Refuses an object: `Deployment.apps "x" is invalid: spec.replicas: Invalid value: …`. */
export function refuse(
	what: { readonly apiVersion: string; readonly kind: string; readonly name: string },
	problems: readonly Problem[],
): Refusal {
	const group = groupOf(what.apiVersion);
	const said = problems.map(({ field, message }) => `${field}: ${message}`);
	const sentence = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
	const details: Json = {
		...(what.name === "" ? {} : { name: what.name }),
		...(group === "" ? {} : { group }),
		kind: what.kind,
		causes: problems.map(({ field, reason, message }) => ({ reason, message, field })),
	};
	return new Refusal(
		422,
		"Invalid",
		`${what.kind}${group === "" ? "" : `.${group}`} ${JSON.stringify(what.name)} is invalid: ${sentence}`,
		details,
	);
}

/** `apps` of `apps/v1`, and nothing of `v1`. */
export function groupOf(apiVersion: string): string {
	return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function quoted(value: unknown): string {
	return value === undefined ? "null" : JSON.stringify(value);
}

/** The fields of a JSON object; nothing of anything else. */
export function fieldsOf(value: unknown): Json {
	return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The items of a JSON array; none of anything else. */
export function itemsOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}
