import type { KubeObject } from "../../domain/kube-object.ts";
import { Refusal, type Schema } from "../contract.ts";
import { pathText } from "./field-set.ts";
import { isMap, isNamed, nameOfEntry, schemaOfField, shapeOf } from "./schema-walk.ts";

/**
 * Throws Refusal unless ownership of everything in an applied configuration can be told: fields have to be declared in the
 * schema, entries of lists need their keys, and no two the same. (An API server answers with a 500 without a reason.)
 */
export function checkDeclared(applied: KubeObject, schema: Schema): void {
	const problem = problemIn(applied, schema, "");
	if (problem === undefined) return;
	const { namespace, name } = applied.metadata;
	const object = `${namespace ?? ""}/${name}; ${applied.apiVersion}, Kind=${applied.kind}`;
	throw new Refusal(500, "", `failed to create typed patch object (${object}): ${problem}`);
}

function problemIn(value: unknown, schema: Schema | undefined, path: string): string | undefined {
	const shape = shapeOf(schema, value);
	if (shape === "map") {
		for (const [key, field] of Object.entries(value as object)) {
			if (!allows(schema, key)) return `${path}.${key}: field not declared in schema`;
			const problem = problemIn(field, schemaOfField(schema, key), `${path}.${key}`);
			if (problem !== undefined) return problem;
		}
	}
	if (shape === "list") return problemInEntries(value as unknown[], schema, path);
	return undefined;
}

function problemInEntries(list: readonly unknown[], schema: Schema | undefined, path: string): string | undefined {
	const seen = new Set<string>();
	for (const [index, entry] of list.entries()) {
		const name = nameOfEntry(schema, entry);
		if (name === undefined) {
			const keys = (schema?.["x-kubernetes-list-map-keys"] ?? []).map((key) => `"${key}"`).join(", ");
			const omits = isMap(entry) ? `omits key field ${keys}` : "is not a map";
			return `${path}: element ${index}: associative list with keys has an element that ${omits}`;
		}
		if (seen.has(name)) return `${path}: duplicate entries for key ${pathText([name])}`;
		seen.add(name);
		const problem = problemIn(entry, schema?.items, `${path}${pathText([name])}`);
		if (problem !== undefined) return problem;
	}
	return undefined;
}

/** A schema without properties says nothing of what may be there. */
function allows(schema: Schema | undefined, key: string): boolean {
	if (schema?.properties === undefined || isNamed(schema, key)) return true;
	return schema["x-kubernetes-preserve-unknown-fields"] === true;
}
