import { applyPatch, type Operation } from "rfc6902";
import type { KubeObject } from "../../domain/kube-object.ts";
import { Refusal } from "../contract.ts";
import { isMap } from "./schema-walk.ts";

/** More would hold up everybody else. */
const operationsMax = 10_000;

/**
 * The object after the operations of RFC 6902, all or none of them.
 * Throws Refusal: 400 for what is no list of operations, 413 for too many, 422 when one of them doesn't fit the object.
 */
export function jsonPatch(object: KubeObject, patch: unknown): KubeObject {
	if (!Array.isArray(patch) || !patch.every(isMap)) {
		throw new Refusal(400, "BadRequest", "json: a JSON patch is a list of operations");
	}
	if (patch.length > operationsMax) {
		const message = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`;
		throw new Refusal(413, "RequestEntityTooLarge", message);
	}
	// Operations that can't be, and values that are none of the object's, are for the library to find: it changes its copy.
	const patched = structuredClone(object);
	const failure = failureOf(patched, patch as unknown as Operation[]);
	if (failure !== undefined || !isMap(patched.metadata)) {
		// Neither does the real one say which operation it was.
		throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", {});
	}
	return patched;
}

function failureOf(patched: KubeObject, operations: Operation[]): Error | undefined {
	try {
		return applyPatch(patched, operations).find((result) => result !== null) ?? undefined;
	} catch (error) {
		// What is no JSON pointer is thrown, not returned.
		if (error instanceof Error) return error;
		throw error;
	}
}
