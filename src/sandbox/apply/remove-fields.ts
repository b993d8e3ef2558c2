import type { Schema } from "../contract.ts";
import { type FieldSet, isEmpty, nothing } from "./field-set.ts";
import { nameOfEntry, schemaOfField, shapeOf } from "./schema-walk.ts";

/** The value without the fields of the set, each with all that is below it. Undefined when nothing is left of it. */
export function removeFields(value: unknown, fields: FieldSet, schema: Schema | undefined): unknown {
	if (isEmpty(fields)) return value;
	const shape = shapeOf(schema, value);
	if (shape === "leaf") return value;
	if (shape === "list") {
		const left = (value as unknown[]).flatMap((entry) => {
			const removed = fields.children.get(nameOfEntry(schema, entry) ?? "") ?? nothing;
			const rest = removed.itself ? undefined : removeFields(entry, removed, schema?.items);
			return rest === undefined ? [] : [rest];
		});
		return left.length === 0 ? undefined : left;
	}
	const left = Object.entries(value as object).flatMap(([key, field]: [string, unknown]): [string, unknown][] => {
		const removed = fields.children.get(`f:${key}`) ?? nothing;
		const rest = removed.itself ? undefined : removeFields(field, removed, schemaOfField(schema, key));
		return rest === undefined ? [] : [[key, rest]];
	});
	return left.length === 0 ? undefined : Object.fromEntries(left);
}
