import { invariant } from "../domain/invariant.ts";
import type { KubeObject, OwnerReference } from "../domain/kube-object.ts";
import type { Deployment, PodSpec, PodTemplate } from "./deployment.ts";
import { revisionOf } from "./revision.ts";

/** On the primary: the revision of the target that its template was made of. */
export const REVISION_ANNOTATION = "haldane.dev/revision";

/** What turns a target's labels into its primary's. */
export interface SelectorLabel {
	readonly key: string;
	/** The target's value; the primary's has `-primary` behind it. */
	readonly value: string;
}

/** The first of the known labels that the target selects its pods by; undefined when it uses none of them. */
export function selectorLabelOf(target: Deployment, known: readonly string[]): SelectorLabel | undefined {
	const labels = target.spec.selector.matchLabels ?? {};
	const key = known.find((name) => labels[name] !== undefined);
	return key === undefined ? undefined : { key, value: labels[key] as string };
}

/** All of the target's match labels, the selector label's value being the primary's. */
export function primarySelector(target: Deployment, { key, value }: SelectorLabel): Readonly<Record<string, string>> {
	return { ...target.spec.selector.matchLabels, [key]: `${value}-primary` };
}

export interface PrimaryRequest {
	readonly target: Deployment;
	readonly name: string;
	readonly label: SelectorLabel;
	readonly replicas: number;
	readonly owner: OwnerReference;
	/** Which of the target's own labels and annotations the primary gets: those whose key starts with one of these; `*` is all. */
	readonly includePrefixes: readonly string[];
}

/**
 * The primary as it is to be applied: the target's template under other labels. Pods of a Flux-managed target lose
 * Flux's labels, and rules that keep the target's own pods apart keep the primary's apart instead.
 */
export function primaryOf({ target, name, label, replicas, owner, includePrefixes }: PrimaryRequest): KubeObject {
	invariant(target.metadata.namespace !== undefined, "a Deployment has a namespace");
	const { spec, metadata } = target;
	const kept = (["progressDeadlineSeconds", "minReadySeconds", "revisionHistoryLimit", "strategy"] as const).filter(
		(field) => spec[field] !== undefined,
	);
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: {
			name,
			namespace: metadata.namespace as string,
			labels: {
				...included(metadata.labels, includePrefixes),
				[label.key]: `${label.value}-primary`,
				"app.kubernetes.io/managed-by": "haldane",
			},
			annotations: {
				...included(metadata.annotations, includePrefixes),
				[REVISION_ANNOTATION]: revisionOf(spec.template),
			},
			ownerReferences: [owner],
		},
		spec: {
			...Object.fromEntries(kept.map((field) => [field, spec[field]])),
			replicas,
			selector: { matchLabels: primarySelector(target, label) },
			template: primaryTemplate(spec.template, label),
		},
	};
}

function primaryTemplate(template: PodTemplate, label: SelectorLabel): PodTemplate {
	const labels = Object.fromEntries(
		Object.entries({ ...template.metadata?.labels, [label.key]: `${label.value}-primary` }).filter(
			([key]) => !key.includes("toolkit.fluxcd.io"),
		),
	);
	const annotations = template.metadata?.annotations;
	return {
		metadata: { labels, ...(annotations === undefined ? {} : { annotations }) },
		...(template.spec === undefined ? {} : { spec: withoutNulls(keepApart(template.spec, label)) as PodSpec }),
	};
}

/** Anti-affinity and spread constraints that name the target's pods name the primary's. */
function keepApart(spec: PodSpec, label: SelectorLabel): PodSpec {
	const affinity = spec.affinity as { podAntiAffinity?: unknown } | undefined;
	const renamed = { ...spec };
	if (affinity?.podAntiAffinity !== undefined) {
		Object.assign(renamed, {
			affinity: { ...affinity, podAntiAffinity: withRenamedSelectors(affinity.podAntiAffinity, label) },
		});
	}
	if (spec.topologySpreadConstraints !== undefined) {
		Object.assign(renamed, { topologySpreadConstraints: withRenamedSelectors(spec.topologySpreadConstraints, label) });
	}
	return renamed;
}

/** A copy in which every label selector below that asks for the target's value asks for the primary's. */
function withRenamedSelectors(value: unknown, label: SelectorLabel): unknown {
	if (Array.isArray(value)) return value.map((item) => withRenamedSelectors(item, label));
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, held]) => {
		if (key === "matchLabels" && isRecord(held) && held[label.key] === label.value) {
			return [key, { ...held, [label.key]: `${label.value}-primary` }];
		}
		if (key === "matchExpressions" && Array.isArray(held))
			return [key, held.map((one) => renameExpression(one, label))];
		return [key, withRenamedSelectors(held, label)];
	});
	return Object.fromEntries(entries);
}

function renameExpression(expression: unknown, { key, value }: SelectorLabel): unknown {
	if (!isRecord(expression) || expression.key !== key || !Array.isArray(expression.values)) return expression;
	return { ...expression, values: expression.values.map((one) => (one === value ? `${value}-primary` : one)) };
}

function included(
	metadata: Readonly<Record<string, string>> | undefined,
	prefixes: readonly string[],
): Record<string, string> {
	const isWanted = (key: string) => prefixes.some((prefix) => prefix === "*" || key.startsWith(prefix));
	return Object.fromEntries(
		Object.entries(metadata ?? {}).filter(
			([key]) =>
				isWanted(key) &&
				!key.includes("toolkit.fluxcd.io") &&
				// What tools keep for themselves on the one object: the Deployment's controller would fight over its own.
				!key.startsWith("deployment.kubernetes.io/") &&
				key !== "kubectl.kubernetes.io/last-applied-configuration",
		),
	);
}

/** A copy without nulls, which server-side apply would read as values. */
function withoutNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNulls);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, held]) => held !== null)
			.map(([key, held]) => [key, withoutNulls(held)]),
	);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
