import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";

/** Keys of what a Canary names beside its workload, in the order of its lists. */
export interface References {
	readonly metricTemplates: readonly ObjectKey[];
	readonly alertProviders: readonly ObjectKey[];
	/** Of its hooks. Templates and providers name Secrets of their own: `secretNamedBy`. */
	readonly secrets: readonly ObjectKey[];
}

/** What a Canary names, read from whatever the API server let pass: indexes must not throw, so what is malformed names nothing. */
export function referencesOf({ metadata: { namespace }, spec }: KubeObject): References {
	const each = (list: string, field: string) =>
		listAt(at(spec, "analysis", list)).flatMap((item) => keyNamed(at(item, field), namespace));
	return {
		metricTemplates: each("metrics", "templateRef"),
		alertProviders: each("alerts", "providerRef"),
		secrets: each("webhooks", "secretRef"),
	};
}

/** The Secret that a MetricTemplate or an AlertProvider names, if it does; always of its own namespace. */
export function secretNamedBy({ metadata: { namespace }, spec }: KubeObject): readonly ObjectKey[] {
	return [at(spec, "secretRef"), at(spec, "provider", "secretRef")].flatMap((reference) =>
		keyNamed({ name: at(reference, "name") }, namespace),
	);
}

function keyNamed(reference: unknown, own: string | undefined): readonly ObjectKey[] {
	const name = at(reference, "name");
	const namespace = at(reference, "namespace");
	if (typeof name !== "string") return [];
	return [keyOf({ namespace: typeof namespace === "string" ? namespace : own, name })];
}

function listAt(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>(
		(inner, step) =>
			typeof inner === "object" && inner !== null ? (inner as Readonly<Record<string, unknown>>)[step] : undefined,
		value,
	);
}
