import type { KubeObject } from "../../domain/kube-object.ts";
import { type Json, Refusal } from "../contract.ts";
import { isMap } from "./schema-walk.ts";

/** The object with what the patch says, by RFC 7386: `null` removes. Throws Refusal (400) for what is no map. */
export function mergePatch(object: KubeObject, patch: unknown): KubeObject {
	if (!isMap(patch) || !("metadata" in patch ? isMap(patch.metadata) : true)) {
		throw new Refusal(400, "BadRequest", "Invalid JSON Patch");
	}
	return merge(object, patch) as unknown as KubeObject;
}

function merge(target: unknown, patch: Json): Json {
	const merged = new Map(Object.entries(isMap(target) ? target : {}));
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) merged.delete(key);
		else merged.set(key, isMap(value) ? merge(merged.get(key), value) : value);
	}
	return Object.fromEntries(merged);
}
