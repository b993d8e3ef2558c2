import { createHash } from "node:crypto";
import type { PodTemplate } from "./deployment.ts";

/**
 * The identity of a pod template: 16 hexadecimal digits over its canonical JSON as the API server gave it, absent and
 * empty fields being the same. Never over decoded library objects, so no upgrade of ours changes it; one of Kubernetes
 * that serves a new default does, which is why the recorded generation decides first whether anybody changed anything.
 */
export function revisionOf(template: PodTemplate): string {
	const known = revisions.get(template);
	if (known !== undefined) return known;
	const revision = createHash("sha256").update(canonical(template)).digest("hex").slice(0, 16);
	revisions.set(template, revision);
	return revision;
}

/** Templates are never changed in place, and are looked at far more often than they are replaced. */
const revisions = new WeakMap<PodTemplate, string>();

/** JSON with sorted keys and without nulls and empty objects and lists. */
export function canonical(value: unknown): string {
	return JSON.stringify(pruned(value)) ?? "null";
}

function pruned(value: unknown): unknown {
	if (value === null || value === undefined) return undefined;
	if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => pruned(item) ?? null);
	if (typeof value !== "object") return value;
	const entries = Object.entries(value)
		.map(([key, held]) => [key, pruned(held)] as const)
		.filter(([, held]) => held !== undefined)
		.sort(([one], [other]) => (one < other ? -1 : 1));
	return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
