import type { KubeObject } from "../../../domain/kube-object.ts";

/** What a pod belongs to: `Deployment cart`, never its ReplicaSet. */
export interface Workload {
	readonly kind: string;
	readonly name: string;
}

/** The workload that made the pod; the pod itself when nothing did. */
export function workloadOf(pod: KubeObject, replicaSets: ReadonlyMap<string, KubeObject>): Workload {
	const owner = controllerOf(pod);
	if (owner === undefined) return { kind: "Pod", name: pod.metadata.name };
	if (owner.kind !== "ReplicaSet") return owner;
	const made = replicaSets.get(`${pod.metadata.namespace}/${owner.name}`);
	if (made !== undefined) return controllerOf(made) ?? owner;
	// The ReplicaSet may be gone, or not be heard of yet; a Deployment names it after itself and a hash.
	return { kind: "Deployment", name: owner.name.replace(/-[0-9a-z]+$/, "") };
}

function controllerOf({ metadata: { ownerReferences = [] } }: KubeObject): Workload | undefined {
	const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
	return owner && { kind: owner.kind, name: owner.name };
}
