import type { Json, Schema } from "../contract.ts";
import { entryName } from "./field-set.ts";

/** How a value is owned: whole, field by field, or entry by entry. */
export type Shape = "leaf" | "map" | "list";

/** `null` counts as a leaf; a list without a word is one, and a map without a word is not. */
export function shapeOf(schema: Schema | undefined, value: unknown): Shape {
	if (Array.isArray(value)) {
		const type = schema?.["x-kubernetes-list-type"];
		return type === "map" || type === "set" ? "list" : "leaf";
	}
	if (!isMap(value)) return "leaf";
	return schema?.["x-kubernetes-map-type"] === "atomic" ? "leaf" : "map";
}

export function isMap(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nothing, `null`, or a map or list without anything in it. */
export function isBlank(value: unknown): boolean {
	if (value === undefined || value === null) return true;
	return typeof value === "object" && Object.keys(value).length === 0;
}

/** The schema names this field, rather than allowing any name there. */
export function isNamed(schema: Schema | undefined, key: string): boolean {
	return schema?.properties !== undefined && Object.hasOwn(schema.properties, key);
}

/** Undefined where the schema says nothing of the field's value. */
export function schemaOfField(schema: Schema | undefined, key: string): Schema | undefined {
	if (isNamed(schema, key)) {
		const named = schema?.properties?.[key];
		return key === "metadata" && schema?.["x-kubernetes-embedded-resource"] ? withMeta(named) : named;
	}
	const others = schema?.additionalProperties;
	return typeof others === "object" ? others : undefined;
}

/**
 * The FieldsV1 name of an entry of a list that is a map or a set. Keys it doesn't say take the schema's default; undefined
 * when it says none of them.
 */
export function nameOfEntry(list: Schema | undefined, entry: unknown): string | undefined {
	if (list?.["x-kubernetes-list-type"] === "set") return `v:${JSON.stringify(entry)}`;
	const keys: Record<string, unknown> = {};
	for (const key of list?.["x-kubernetes-list-map-keys"] ?? []) {
		const said = isMap(entry) ? entry[key] : undefined;
		const value = said ?? list?.items?.properties?.[key]?.default;
		if (value !== undefined) keys[key] = value;
	}
	return Object.keys(keys).length === 0 ? undefined : entryName(keys);
}

/** The entries by their names, in order; a name that several entries have keeps them all. What has no name is left out. */
export function entriesByName(schema: Schema | undefined, list: readonly unknown[]): Map<string, unknown[]> {
	const entries = new Map<string, unknown[]>();
	for (const entry of list) {
		const name = nameOfEntry(schema, entry);
		if (name === undefined) continue;
		const same = entries.get(name);
		if (same === undefined) entries.set(name, [entry]);
		else same.push(entry);
	}
	return entries;
}

/** The schema of whole objects: custom resources don't say what metadata is, nor those without any schema. */
export function schemaOfObject(schema: Schema | undefined): Schema {
	if (schema === undefined)
		return { type: "object", properties: typeAndMeta, "x-kubernetes-preserve-unknown-fields": true };
	if (schema.properties?.metadata?.properties !== undefined) return schema;
	return { ...schema, properties: { ...schema.properties, ...typeAndMeta } };
}

const text: Schema = { type: "string" };
const whole: Schema = { type: "integer" };
const texts: Schema = { type: "object", additionalProperties: text };

/** What is the same of the metadata of every kind. */
const objectMeta: Schema = {
	type: "object",
	properties: {
		name: text,
		generateName: text,
		namespace: text,
		selfLink: text,
		uid: text,
		resourceVersion: text,
		generation: whole,
		creationTimestamp: text,
		deletionTimestamp: text,
		deletionGracePeriodSeconds: whole,
		labels: texts,
		annotations: texts,
		ownerReferences: {
			type: "array",
			items: {
				type: "object",
				properties: {
					apiVersion: text,
					kind: text,
					name: text,
					uid: text,
					controller: { type: "boolean" },
					blockOwnerDeletion: { type: "boolean" },
				},
				"x-kubernetes-map-type": "atomic",
			},
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["uid"],
			"x-kubernetes-patch-strategy": "merge",
			"x-kubernetes-patch-merge-key": "uid",
		},
		finalizers: { type: "array", items: text, "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" },
		managedFields: { type: "array", items: { type: "object" }, "x-kubernetes-list-type": "atomic" },
	},
};

const typeAndMeta: Readonly<Record<string, Schema>> = { apiVersion: text, kind: text, metadata: objectMeta };

function withMeta(schema: Schema | undefined): Schema {
	return schema?.properties === undefined ? objectMeta : schema;
}
