import type { Schema } from "../contract.ts";
import { type FieldPath, type FieldSet, setOf } from "./field-set.ts";
import { entriesByName, isBlank, isMap, isNamed, schemaOfField, shapeOf } from "./schema-walk.ts";

/** The fields that a configuration says: what its applier owns. */
export function fieldSetOf(value: unknown, schema: Schema | undefined): FieldSet {
	const paths: FieldPath[] = [];
	collect(value, schema, [], paths);
	return setOf(paths);
}

/**
 * The set, and with each field in it the ones around it that the schema names. Such fields are not owned for themselves,
 * but have to go when nothing is left in them.
 */
export function withNamedFields(set: FieldSet, schema: Schema | undefined): FieldSet {
	const children = [...set.children].map(([name, child]): [string, FieldSet] => {
		const field = name.startsWith("f:") ? name.slice(2) : undefined;
		const below = withNamedFields(child, field === undefined ? schema?.items : schemaOfField(schema, field));
		return [name, field !== undefined && isNamed(schema, field) ? { ...below, itself: true } : below];
	});
	return { itself: set.itself, children: new Map(children) };
}

function collect(value: unknown, schema: Schema | undefined, path: FieldPath, into: FieldPath[]): void {
	const shape = shapeOf(schema, value);
	if (shape === "leaf") {
		if (path.length > 0) into.push(path);
		return;
	}
	if (shape === "map") {
		for (const [key, field] of Object.entries(value as object)) {
			const at = [...path, `f:${key}`];
			collect(field, schemaOfField(schema, key), at, into);
			// A name that the applier chose is a thing it made; one of the schema's is there anyway.
			if (!isNamed(schema, key) || field === null || (isMap(field) && isBlank(field))) into.push(at);
		}
		return;
	}
	for (const [name, entries] of entriesByName(schema, value as unknown[])) {
		const at = [...path, name];
		into.push(at);
		if (entries.length === 1) collect(entries[0], schema?.items, at, into);
	}
}
