import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../domain/kube-object.ts";
import { type Json, Refusal, type Schema } from "../contract.ts";
import { isMap, schemaOfField, schemaOfObject } from "./schema-walk.ts";

const orderOf = "$setElementOrder/";
const deletionFrom = "$deleteFromPrimitiveList/";

/**
 * The object with what a strategic merge patch says: maps are merged, lists as their patch strategy in the schema says, by
 * merge key or by value, or else replaced; `null` and the directives that begin with `$` remove, replace and order.
 * Throws Refusal: 415 without a schema, as for custom resources, 400 for directives that can't be followed, 422 for list
 * entries without their merge key.
 */
export function strategicMergePatch(object: KubeObject, patch: unknown, schema: Schema | undefined): KubeObject {
	if (schema === undefined) {
		const accepted = ["json-patch+json", "merge-patch+json", "apply-patch+yaml"].map((type) => `application/${type}`);
		const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
		throw new Refusal(415, "UnsupportedMediaType", message);
	}
	if (!isMap(patch) || ("metadata" in patch && !isMap(patch.metadata))) throw badPatch("invalid JSON document");
	return mergeMaps(object, patch, schemaOfObject(schema)) as unknown as KubeObject;
}

function mergeMaps(original: Json, patch: Json, schema: Schema | undefined): Json {
	switch (patch.$patch) {
		case undefined:
		case "merge":
			break;
		case "replace":
			return withoutDirectives(patch) as Json;
		case "delete":
			return {};
		default:
			throw badPatch(`unknown patch type: ${String(patch.$patch)} in map: ${JSON.stringify(patch)}`);
	}
	const merged = new Map(Object.entries(retained(original, patch)));
	for (const key of fieldsOf(patch)) {
		const value = mergeField(merged.get(key), { key, patch, schema: schemaOfField(schema, key) });
		if (value === undefined) merged.delete(key);
		else merged.set(key, value);
	}
	return Object.fromEntries(merged);
}

/** What a patch says of one field, and how the schema has it merged. */
interface FieldPatch {
	readonly key: string;
	readonly patch: Json;
	readonly schema: Schema | undefined;
}

function mergeField(original: unknown, { key, patch, schema }: FieldPatch): unknown {
	const said = patch[key];
	if (said === null) return undefined;
	const value = said === undefined ? original : mergeValue(original, said, schema);
	const kept = without(value, patch[deletionFrom + key]);
	const order = patch[orderOf + key];
	if (order === undefined || kept === undefined) return kept;
	if (!Array.isArray(order) || !Array.isArray(kept)) throw badPatch("the patch list of $setElementOrder is not a list");
	return inOrder(kept, { order, original: Array.isArray(original) ? original : [], by: identityIn(schema) });
}

function mergeValue(original: unknown, said: unknown, schema: Schema | undefined): unknown {
	const strategies = schema?.["x-kubernetes-patch-strategy"]?.split(",") ?? [];
	if (isMap(original) && isMap(said) && !strategies.includes("replace")) return mergeMaps(original, said, schema);
	if (Array.isArray(said) && strategies.includes("merge")) {
		return mergeLists(Array.isArray(original) ? original : [], said, schema);
	}
	return withoutDirectives(said);
}

function mergeLists(original: readonly unknown[], said: readonly unknown[], schema: Schema | undefined): unknown[] {
	const by = identityIn(schema);
	const directed = said.filter((entry) => isMap(entry) && entry.$patch !== undefined) as Json[];
	const plain = said.filter((entry) => !directed.some((other) => other === entry && other.$patch !== "merge"));
	if (directed.some(({ $patch }) => $patch === "replace")) return plain.map(withoutDirectives);
	const deleted = directed.filter(({ $patch }) => $patch === "delete").map(by);
	const merged = original.filter((entry) => !deleted.some((identity) => isDeepStrictEqual(identity, by(entry))));
	for (const entry of plain) {
		const identity = by(entry);
		const index = merged.findIndex((other) => isDeepStrictEqual(by(other), identity));
		const present = merged[index];
		if (index < 0) merged.push(withoutDirectives(entry));
		else if (isMap(present) && isMap(entry)) merged[index] = mergeMaps(present, entry, schema?.items);
	}
	return inOrder(merged, { order: plain, original, by });
}

/**
 * What is in the order comes in it; the rest keeps its original order, and comes in front of what it was in front of.
 * What is new therefore comes before the rest.
 */
function inOrder(
	entries: readonly unknown[],
	{ order, original, by }: { order: readonly unknown[]; original: readonly unknown[]; by: Identity },
): unknown[] {
	const places = (list: readonly unknown[]) => {
		const identities = list.map(by);
		return (entry: unknown) => identities.findIndex((identity) => isDeepStrictEqual(identity, by(entry)));
	};
	const placeInOrder = places(order);
	const placeBefore = places(original);
	const ordered = entries.filter((entry) => placeInOrder(entry) >= 0).sort((a, b) => placeInOrder(a) - placeInOrder(b));
	const rest = entries.filter((entry) => placeInOrder(entry) < 0).sort((a, b) => placeBefore(a) - placeBefore(b));
	const result: unknown[] = [];
	for (const entry of ordered) {
		const place = placeBefore(entry);
		while (rest.length > 0 && placeBefore(rest[0]) < place) result.push(rest.shift());
		result.push(entry);
	}
	return [...result, ...rest];
}

/** What makes two entries of a list the same. */
type Identity = (entry: unknown) => unknown;

/** By merge key, or by their values when the schema has none. */
function identityIn(schema: Schema | undefined): Identity {
	const mergeKey = schema?.["x-kubernetes-patch-merge-key"];
	if (mergeKey === undefined) return (entry) => entry;
	return (entry) => {
		const value = isMap(entry) ? entry[mergeKey] : undefined;
		if (value !== undefined) return value;
		const message = `map: ${JSON.stringify(entry)} does not contain declared merge key: ${mergeKey}`;
		throw new Refusal(422, "Invalid", message);
	};
}

function retained(original: Json, { $retainKeys: keys, ...patch }: Json): Json {
	if (keys === undefined) return original;
	if (!Array.isArray(keys)) throw badPatch("invalid patch format of retainKeys");
	if (!fieldsOf(patch).every((key) => keys.includes(key) || patch[key] === null)) {
		throw badPatch("invalid patch format of retainKeys");
	}
	return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

/** The fields that a patch says something of, be it in a directive. */
function fieldsOf(patch: Json): string[] {
	const names = Object.keys(patch).flatMap((key) => {
		if (key === "$patch" || key === "$retainKeys") return [];
		const directive = [orderOf, deletionFrom].find((prefix) => key.startsWith(prefix)) ?? "";
		return [key.slice(directive.length)];
	});
	return [...new Set(names)];
}

function without(value: unknown, deleted: unknown): unknown {
	if (deleted === undefined || value === undefined) return value;
	if (!Array.isArray(deleted) || !Array.isArray(value)) throw badPatch("invalid patch format of primitive list");
	return value.filter((entry) => !deleted.includes(entry));
}

/** What a patch says where there is nothing to merge it with. */
function withoutDirectives(value: unknown): unknown {
	if (Array.isArray(value)) {
		const entries = value.filter(
			(entry) => !(isMap(entry) && (entry.$patch === "delete" || entry.$patch === "replace")),
		);
		return entries.map(withoutDirectives);
	}
	if (!isMap(value)) return value;
	if (value.$patch === "delete") return {};
	const isDirective = (key: string) =>
		key === "$patch" || key === "$retainKeys" || key.startsWith(orderOf) || key.startsWith(deletionFrom);
	const said = Object.entries(value).filter(([key, field]) => !isDirective(key) && field !== null);
	return Object.fromEntries(said.map(([key, field]) => [key, withoutDirectives(field)]));
}

function badPatch(message: string): Refusal {
	return new Refusal(400, "BadRequest", message);
}
