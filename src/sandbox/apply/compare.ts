import { isDeepStrictEqual } from "node:util";
import type { Schema } from "../contract.ts";
import { type FieldPath, type FieldSet, setOf } from "./field-set.ts";
import { entriesByName, schemaOfField, shapeOf } from "./schema-walk.ts";

/** The fields in which two objects differ; each is in one of the sets. */
export interface Differences {
	readonly added: FieldSet;
	readonly modified: FieldSet;
	readonly removed: FieldSet;
}

/** What became of `before`. A field that is `null` counts as one that isn't there. */
export function compare(before: unknown, after: unknown, schema: Schema | undefined): Differences {
	const paths: Paths = { added: [], modified: [], removed: [] };
	walk({ before, after, schema, path: [] }, paths);
	return { added: setOf(paths.added), modified: setOf(paths.modified), removed: setOf(paths.removed) };
}

type Paths = Record<keyof Differences, FieldPath[]>;

interface Place {
	readonly before: unknown;
	readonly after: unknown;
	readonly schema: Schema | undefined;
	readonly path: FieldPath;
}

function walk(place: Place, into: Paths): void {
	const { schema, path } = place;
	const before = place.before ?? undefined;
	const after = place.after ?? undefined;
	if (before === after) return;
	const shape = shapeOf(schema, after ?? before);
	const isOfTwoShapes = before !== undefined && after !== undefined && shapeOf(schema, before) !== shape;
	if (shape === "leaf" || isOfTwoShapes) {
		if (before === undefined) into.added.push(path);
		else if (after === undefined) into.removed.push(path);
		else if (!isDeepStrictEqual(before, after)) into.modified.push(path);
		return;
	}
	if (shape === "map") walkFields({ before, after, schema, path }, into);
	else walkEntries({ before, after, schema, path }, into);
	if (before === undefined) into.added.push(path);
	else if (after === undefined) into.removed.push(path);
}

function walkFields({ before, after, schema, path }: Place, into: Paths): void {
	const left = (before ?? {}) as Readonly<Record<string, unknown>>;
	const right = (after ?? {}) as Readonly<Record<string, unknown>>;
	for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
		const place = { before: left[key], after: right[key], schema: schemaOfField(schema, key) };
		walk({ ...place, path: [...path, `f:${key}`] }, into);
	}
}

function walkEntries({ before, after, schema, path }: Place, into: Paths): void {
	const left = entriesByName(schema, (before ?? []) as unknown[]);
	const right = entriesByName(schema, (after ?? []) as unknown[]);
	for (const name of new Set([...left.keys(), ...right.keys()])) {
		const was = left.get(name) ?? [];
		const is = right.get(name) ?? [];
		const at = [...path, name];
		if (was.length < 2 && is.length < 2) {
			walk({ before: was[0], after: is[0], schema: schema?.items, path: at }, into);
			continue;
		}
		// Entries of one name can't be told apart: together they are one leaf.
		if (was.length === 0) into.added.push(at);
		else if (is.length === 0) into.removed.push(at);
		else if (!isDeepStrictEqual(was, is)) into.modified.push(at);
	}
}
