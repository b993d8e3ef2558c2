import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../../src/domain/kube-object.ts";

/** Frozen throughout, so that whoever writes to it throws. */
export function frozen<T>(value: T): T {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const part of Object.values(value)) frozen(part);
	}
	return value;
}

/** The object after a server-side apply: maps by key, lists whole. (What an earlier apply owned is not taken away.) */
export function applied(existing: KubeObject | undefined, config: KubeObject): KubeObject {
	const before = existing ?? { ...config, metadata: { ...config.metadata, generation: 0 } };
	const merged = merge(before, config) as KubeObject;
	const isNewSpec = existing === undefined || !isDeepStrictEqual(existing.spec, merged.spec);
	const generation = (before.metadata.generation ?? 0) + (isNewSpec ? 1 : 0);
	return frozen({ ...merged, metadata: { ...merged.metadata, generation } });
}

function merge(actual: unknown, wanted: unknown): unknown {
	if (!isMap(actual) || !isMap(wanted)) return wanted;
	const changed = Object.entries(wanted).map(([key, value]) => [key, merge(actual[key], value)]);
	return { ...actual, ...Object.fromEntries(changed) };
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the API server and other writers add to every object. */
export function stored(object: KubeObject): KubeObject {
	const metadata = {
		uid: "6f3c3a52-1b1f-4d0e-9f55-0d0c5b9c9f01",
		resourceVersion: "4711",
		generation: 1,
		creationTimestamp: "2026-11-01T00:00:00Z",
		managedFields: [{ manager: "argocd-controller", operation: "Apply", fieldsType: "FieldsV1", fieldsV1: {} }],
		...object.metadata,
	};
	return frozen({ ...object, metadata });
}
