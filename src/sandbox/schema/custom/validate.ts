import { equal } from "../../../domain/contains.ts";
import type { Schema } from "../../contract.ts";
import { duplicate, invalid, isObject, itemsOf, notSupported, type Problem, required } from "../problems.ts";
import { hasFormat } from "./formats.ts";

/** What is wrong with a value of a custom resource, in the words of a real API server; nothing when all is well. `at` is its path. */
export function schemaProblems(value: unknown, schema: Schema, at: string): readonly Problem[] {
	if (value === null && schema.nullable === true) return [];
	const isOfType = typeProblem(value, schema, at);
	if (isOfType !== undefined) return [isOfType];
	const problems: Problem[] = [];
	const allowed = schema.enum;
	if (allowed !== undefined && !allowed.some((one) => equal(one, value))) {
		problems.push(notSupported(at, value, allowed, "as they are"));
	}
	if (typeof value === "string") problems.push(...stringProblems(value, schema, at));
	else if (typeof value === "number") problems.push(...numberProblems(value, schema, at));
	else if (Array.isArray(value)) problems.push(...listProblems(value, schema, at));
	else if (isObject(value)) problems.push(...objectProblems(value, schema, at));
	return [...problems, ...branchProblems(value, schema, at)];
}

/** What keeps a real API server from asking the rules of a schema at all. */
export function hidesRules({ reason }: Problem): boolean {
	return [
		...["FieldValueRequired", "FieldValueTypeInvalid", "FieldValueNotSupported"],
		...["FieldValueTooLong", "FieldValueTooMany"],
	].includes(reason);
}

function typeProblem(value: unknown, schema: Schema, at: string): Problem | undefined {
	const found = typeOf(value);
	if (schema["x-kubernetes-int-or-string"] === true) {
		return found === "integer" || found === "string" ? undefined : wrongType(at, "integer,string", found);
	}
	const { type } = schema;
	if (type === undefined || type === found || (type === "number" && found === "integer")) return undefined;
	return wrongType(at, type, found);
}

function wrongType(at: string, wanted: string, found: unknown): Problem {
	const why = `${at} in body must be of type ${wanted}: ${JSON.stringify(found)}`;
	return { ...invalid(at, found, why), reason: "FieldValueTypeInvalid" };
}

function typeOf(value: unknown): string {
	if (Array.isArray(value)) return "array";
	if (value === null) return "null";
	return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}

function stringProblems(value: string, schema: Schema, at: string): readonly Problem[] {
	const problems: Problem[] = [];
	const { minLength, maxLength, pattern, format } = schema;
	const length = [...value].length;
	if (typeof minLength === "number" && length < minLength) {
		problems.push(invalid(at, value, `${at} in body should be at least ${minLength} chars long`));
	}
	if (typeof maxLength === "number" && length > maxLength) {
		problems.push({
			...{ field: at, reason: "FieldValueTooLong" },
			message: `Too long: may not be more than ${maxLength} bytes`,
		});
	}
	if (typeof pattern === "string" && !patternOf(pattern).test(value)) {
		problems.push(invalid(at, value, `${at} in body should match '${pattern}'`));
	}
	if (format !== undefined && !hasFormat(value, format)) {
		const why = `${at} in body must be of type ${format}: ${JSON.stringify(value)}`;
		problems.push({ ...invalid(at, value, why), reason: "FieldValueTypeInvalid" });
	}
	return problems;
}

const patterns = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
	let compiled = patterns.get(pattern);
	if (compiled === undefined) {
		try {
			compiled = new RegExp(pattern, "u");
		} catch {
			// Go reads some escapes that this engine reads only in its older way.
			compiled = new RegExp(pattern);
		}
		patterns.set(pattern, compiled);
	}
	return compiled;
}

function numberProblems(value: number, schema: Schema, at: string): readonly Problem[] {
	const problems: Problem[] = [];
	const refuse = (why: string) => problems.push(invalid(at, value, `${at} in body should be ${why}`));
	const { minimum, maximum, multipleOf } = schema;
	if (typeof minimum === "number") {
		if (schema.exclusiveMinimum === true && value <= minimum) refuse(`greater than ${minimum}`);
		else if (value < minimum) refuse(`greater than or equal to ${minimum}`);
	}
	if (typeof maximum === "number") {
		if (schema.exclusiveMaximum === true && value >= maximum) refuse(`less than ${maximum}`);
		else if (value > maximum) refuse(`less than or equal to ${maximum}`);
	}
	if (typeof multipleOf === "number" && !Number.isInteger(value / multipleOf)) refuse(`a multiple of ${multipleOf}`);
	return problems;
}

function listProblems(value: readonly unknown[], schema: Schema, at: string): readonly Problem[] {
	const problems: Problem[] = [...countProblems(value.length, schema.minItems, schema.maxItems, "items", at)];
	const { items } = schema;
	if (items !== undefined) {
		for (const [index, item] of value.entries()) problems.push(...schemaProblems(item, items, `${at}[${index}]`));
	}
	const kind = schema["x-kubernetes-list-type"];
	if (kind !== "map" && kind !== "set") return problems;
	const keys = schema["x-kubernetes-list-map-keys"] ?? [];
	const seen = new Set<string>();
	for (const [index, item] of value.entries()) {
		const key =
			kind === "set" ? item : Object.fromEntries(keys.map((name) => [name, isObject(item) ? item[name] : null]));
		const text = JSON.stringify(key);
		if (seen.has(text)) problems.push(duplicate(`${at}[${index}]`, key));
		seen.add(text);
	}
	return problems;
}

function objectProblems(value: Readonly<Record<string, unknown>>, schema: Schema, at: string): readonly Problem[] {
	const inside = (name: string) => (at === "" ? name : `${at}.${name}`);
	const count = Object.keys(value).length;
	const problems: Problem[] = [...countProblems(count, schema.minProperties, schema.maxProperties, "properties", at)];
	const wanted = new Set(schema.required);
	if (schema["x-kubernetes-embedded-resource"] === true) wanted.add("apiVersion").add("kind");
	for (const name of wanted) {
		if (value[name] === undefined) problems.push(required(inside(name)));
	}
	for (const [name, item] of Object.entries(value)) {
		const property = Object.hasOwn(schema.properties ?? {}, name)
			? schema.properties?.[name]
			: schema.additionalProperties;
		if (typeof property === "object" && item !== undefined)
			problems.push(...schemaProblems(item, property, inside(name)));
	}
	return problems;
}

function countProblems(
	count: number,
	least: unknown,
	most: unknown,
	what: "items" | "properties",
	at: string,
): readonly Problem[] {
	const problems: Problem[] = [];
	if (typeof least === "number" && count < least) {
		problems.push(invalid(at, count, `${at} in body should have at least ${least} ${what}`));
	}
	if (typeof most === "number" && count > most) {
		const message = `Too many: ${count}: must have at most ${most} ${most === 1 ? "item" : "items"}`;
		problems.push({ field: at, reason: "FieldValueTooMany", message });
	}
	return problems;
}

function branchProblems(value: unknown, schema: Schema, at: string): readonly Problem[] {
	const problems: Problem[] = [];
	const failures = (keyword: string) =>
		itemsOf(schema[keyword]).map((branch) => schemaProblems(value, branch as Schema, at));
	const whole = (why: string): Problem => invalid("<nil>", "", `${JSON.stringify(at)} must ${why}`);
	const all = failures("allOf");
	const failed = all.filter((found) => found.length > 0);
	problems.push(...failed.flat());
	if (failed.length > 0) {
		problems.push(whole(`validate all the schemas (allOf)${failed.length === all.length ? ". None validated" : ""}`));
	}
	const any = failures("anyOf");
	if (any.length > 0 && any.every((found) => found.length > 0)) {
		problems.push(whole("validate at least one schema (anyOf)"), ...(any[0] ?? []));
	}
	const one = failures("oneOf");
	const good = one.filter((found) => found.length === 0).length;
	if (one.length > 0 && good !== 1) {
		const how = good === 0 ? "Found none valid" : `Found ${good} valid alternatives`;
		problems.push(whole(`validate one and only one schema (oneOf). ${how}`), ...(good === 0 ? (one[0] ?? []) : []));
	}
	if (isObject(schema.not) && schemaProblems(value, schema.not as Schema, at).length === 0) {
		problems.push(whole("not validate the schema (not)"));
	}
	return problems;
}
