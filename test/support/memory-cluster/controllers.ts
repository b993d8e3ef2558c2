import { equal } from "../../../src/domain/contains.ts";
import { type KubeObject, type ObjectRef, refOf } from "../../../src/domain/kube-object.ts";
import type { Json } from "./json.ts";

/** What the simulated controllers see and do. */
export interface ControllerPorts {
	readonly cluster: {
		after(delayMs: number, call: () => void): void;
		get(ref: ObjectRef): KubeObject | undefined;
		readonly refusedRoutes: ReadonlyMap<string, string>;
	};
	readonly podStartMs: number;
	readonly routeLagMs: number;
	readonly setStatus: (ref: ObjectRef, status: object) => void;
}

interface DeploymentLike extends KubeObject {
	readonly spec: { readonly replicas: number; readonly template: Json };
	readonly status?: DeploymentStatus;
}

interface DeploymentStatus {
	readonly observedGeneration?: number;
	readonly replicas?: number;
	readonly updatedReplicas?: number;
	readonly availableReplicas?: number;
}

const OBSERVE_MS = 10;

/** In an image: its pods never become ready. With `-as-primary` behind it: not in a Deployment of that name's end. */
const BROKEN = "broken";
const BROKEN_AS_PRIMARY = "broken-as-primary";

/** Deployments become available after a while, and routes are accepted; under virtual time. */
export function createControllers({ cluster, podStartMs, routeLagMs, setStatus }: ControllerPorts) {
	/** Called after each change of a spec. */
	function specChanged(object: KubeObject, before: KubeObject | undefined): void {
		const ref = refOf(object);
		const { generation } = object.metadata;
		const current = () => {
			const found = cluster.get(ref);
			return found?.metadata.generation === generation ? found : undefined;
		};
		if (object.kind === "Deployment") rollOut(object as DeploymentLike, before as DeploymentLike | undefined, current);
		if (object.kind === "HTTPRoute") {
			cluster.after(routeLagMs, () => {
				const route = current();
				if (route !== undefined) setStatus(ref, acceptance(route));
			});
		}
	}

	/** Old pods serve until new ones do; pods that only more or less are asked for come and go alone. */
	function rollOut(
		{ metadata, spec, ...object }: DeploymentLike,
		before: DeploymentLike | undefined,
		current: () => KubeObject | undefined,
	): void {
		const ref = refOf({ ...object, metadata } as KubeObject);
		const observedGeneration = metadata.generation ?? 1;
		const { replicas } = spec;
		const isSameTemplate = before !== undefined && equal(before.spec.template, spec.template);
		cluster.after(OBSERVE_MS, () => {
			const found = current() as DeploymentLike | undefined;
			if (found === undefined) return;
			const { replicas: standing = 0, updatedReplicas = 0, availableReplicas = 0 } = found.status ?? {};
			const kept = Math.min(availableReplicas, replicas);
			setStatus(ref, {
				observedGeneration,
				replicas: replicas === 0 ? 0 : isSameTemplate ? replicas : Math.max(1, standing),
				updatedReplicas:
					replicas === 0 ? 0 : isSameTemplate ? Math.max(replicas, Math.min(updatedReplicas, replicas)) : 0,
				availableReplicas: kept,
				conditions: [progressing("True", "ReplicaSetUpdated")],
			});
		});
		if (replicas === 0 || isBroken(metadata.name, spec.template)) return;
		cluster.after(OBSERVE_MS + podStartMs, () => {
			if (current() === undefined) return;
			const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas };
			setStatus(ref, { observedGeneration, ...counts, conditions: [progressing("True", "NewReplicaSetAvailable")] });
		});
	}

	function acceptance({ metadata, spec }: KubeObject): object {
		const refused = cluster.refusedRoutes.get(metadata.name);
		const condition = {
			type: "Accepted",
			status: refused === undefined ? "True" : "False",
			reason: refused ?? "Accepted",
			observedGeneration: metadata.generation,
		};
		const { parentRefs = [] } = spec as { parentRefs?: readonly Json[] };
		return { parents: parentRefs.map((parentRef) => ({ parentRef, controllerName: "mesh", conditions: [condition] })) };
	}

	return {
		specChanged,
		giveUp(namespace: string, name: string): void {
			const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name };
			const status = (cluster.get(ref)?.status ?? {}) as object;
			setStatus(ref, { ...status, conditions: [progressing("False", "ProgressDeadlineExceeded")] });
		},
	};
}

function progressing(status: string, reason: string): object {
	return { type: "Progressing", status, reason, message: reason };
}

function isBroken(name: string, template: Json): boolean {
	const text = JSON.stringify(template);
	return text.includes(BROKEN_AS_PRIMARY) ? name.endsWith("-primary") : text.includes(BROKEN);
}
