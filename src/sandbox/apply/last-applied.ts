import type { KubeObject } from "../../domain/kube-object.ts";
import type { Schema } from "../contract.ts";
import { compare } from "./compare.ts";
import { difference, type FieldSet, nothing, union } from "./field-set.ts";
import { fieldSetOf } from "./field-set-of.ts";
import { isMap } from "./schema-walk.ts";

/** Where `kubectl apply` without `--server-side` keeps what it applied, as JSON. */
const annotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The manager whose objects may move from one way to apply to the other, unless a person names another one. */
export const movingManager = "kubectl";

/** What kubectl applied before in its own way, and is so still: taking that over is no conflict. */
export function fieldsAppliedByClient(live: KubeObject | undefined, schema: Schema): FieldSet {
	const applied = jsonIn(live?.metadata.annotations?.[annotation]);
	if (live === undefined || !isMap(applied) || applied.apiVersion !== live.apiVersion) return nothing;
	const { added, modified, removed } = compare(applied, live, schema);
	return difference(fieldSetOf(applied, schema), union(added, union(modified, removed)));
}

/** The object with the annotation, when it has it, saying what is applied now: kubectl may go back to its own way. */
export function withAppliedByClient(object: KubeObject, applied: KubeObject): KubeObject {
	const { annotations } = object.metadata;
	if (!annotations?.[annotation]) return object;
	const { [annotation]: _, ...others } = applied.metadata.annotations ?? {};
	const isAnnotated = applied.metadata.annotations !== undefined;
	const metadata = isAnnotated ? { ...applied.metadata, annotations: others } : applied.metadata;
	// kubectl ends it with a new line, too.
	const said = `${JSON.stringify(inOrder({ ...applied, metadata }))}\n`;
	if (annotations[annotation] === said) return object;
	return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [annotation]: said } } };
}

/** Undefined for what is no JSON: people may write anything into an annotation. */
function jsonIn(text: string | undefined): unknown {
	if (!text) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function inOrder(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(inOrder);
	if (!isMap(value)) return value;
	const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(fields.map(([key, field]) => [key, inOrder(field)]));
}
