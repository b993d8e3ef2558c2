import type { KubeObject } from "../domain/kube-object.ts";
import { podSpecOf } from "./workload.ts";

type Labels = Readonly<Record<string, string>>;

/** Taints that the cluster sets and takes away by itself: the node is one for the workload again soon. */
const PASSING_TAINTS = "node.kubernetes.io/";
const KEEPING_AWAY = ["NoSchedule", "NoExecute"];

/**
 * What the nodes run on that the workload's pods may come to, such as `linux/amd64`, each once. Pods come where their node
 * selector, the required part of their node affinity and their tolerations let them. Empty when nothing is known of such a node.
 */
export function platformsFor(workload: KubeObject, nodes: readonly KubeObject[]): readonly string[] {
	const pod = (podSpecOf(workload) ?? {}) as PodWishes;
	const platforms = nodes.filter((node) => mayComeTo(pod, node)).flatMap(platformOf);
	return [...new Set(platforms)].sort();
}

function platformOf({ status }: KubeObject): readonly string[] {
	const { operatingSystem, architecture } =
		(status as { readonly nodeInfo?: Readonly<Record<string, string>> } | undefined)?.nodeInfo ?? {};
	return operatingSystem && architecture ? [`${operatingSystem}/${architecture}`] : [];
}

/** As the API server has it, which has checked it. */
interface PodWishes {
	readonly nodeSelector?: Labels;
	readonly affinity?: {
		readonly nodeAffinity?: {
			readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] };
		};
	};
	readonly tolerations?: readonly Toleration[];
}

interface Term {
	readonly matchExpressions?: readonly Expression[];
}

interface Expression {
	readonly key: string;
	readonly operator: string;
	readonly values?: readonly string[];
}

interface Toleration {
	readonly key?: string;
	readonly operator?: string;
	readonly value?: string;
	readonly effect?: string;
}

interface Taint {
	readonly key: string;
	readonly value?: string;
	readonly effect: string;
}

function mayComeTo({ nodeSelector, affinity, tolerations }: PodWishes, node: KubeObject): boolean {
	const labels = node.metadata.labels ?? {};
	const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
	const taints = ((node.spec ?? {}) as { readonly taints?: readonly Taint[] | null }).taints ?? [];
	return (
		Object.entries(nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
		(terms.length === 0 || terms.some((term) => (term.matchExpressions ?? []).every((one) => holds(one, labels)))) &&
		taints.every((taint) => !keepsAway(taint) || (tolerations ?? []).some((one) => tolerates(one, taint)))
	);
}

/** A sentence that is not known here holds: rather one platform too many than one too few. */
function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
	const label = labels[key];
	switch (operator) {
		case "In":
			return label !== undefined && values.includes(label);
		case "NotIn":
			return label === undefined || !values.includes(label);
		case "Exists":
			return label !== undefined;
		case "DoesNotExist":
			return label === undefined;
		case "Gt":
			return Number(label) > Number(values[0]);
		case "Lt":
			return Number(label) < Number(values[0]);
		default:
			return true;
	}
}

function keepsAway({ key, effect }: Taint): boolean {
	return KEEPING_AWAY.includes(effect) && !key.startsWith(PASSING_TAINTS);
}

function tolerates({ key = "", operator = "Equal", value = "", effect = "" }: Toleration, taint: Taint): boolean {
	if (effect !== "" && effect !== taint.effect) return false;
	if (operator === "Exists") return key === "" || key === taint.key;
	return key === taint.key && value === (taint.value ?? "");
}
