import type { KubeObject } from "../../../../src/domain/kube-object.ts";

export const GATEWAY_API = "gateway.networking.k8s.io/v1";

export function service(name: string, ports: readonly number[] = [80], namespace = "shop"): KubeObject {
	return {
		apiVersion: "v1",
		kind: "Service",
		metadata: { name, namespace },
		spec: { ports: ports.map((port) => ({ port })) },
	};
}

export function route(
	name: string,
	spec: object,
	namespace = "shop",
	creationTimestamp = "2026-01-01T00:00:00Z",
): KubeObject {
	return { apiVersion: GATEWAY_API, kind: "HTTPRoute", metadata: { name, namespace, creationTimestamp }, spec };
}

export function gateway(name: string, listeners: readonly object[], namespace = "shop"): KubeObject {
	return {
		apiVersion: GATEWAY_API,
		kind: "Gateway",
		metadata: { name, namespace },
		spec: { gatewayClassName: "sandbox", listeners },
	};
}

export function split(name: string, spec: object, version = "v1alpha2", namespace = "shop"): KubeObject {
	return { apiVersion: `split.smi-spec.io/${version}`, kind: "TrafficSplit", metadata: { name, namespace }, spec };
}

export function pod(name: string, replicaSet: string, namespace = "shop"): KubeObject {
	const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: replicaSet, uid: replicaSet, controller: true };
	return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, ownerReferences: [owner] } };
}

export function replicaSet(name: string, deployment: string, namespace = "shop"): KubeObject {
	const owner = { apiVersion: "apps/v1", kind: "Deployment", name: deployment, uid: deployment, controller: true };
	return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name, namespace, ownerReferences: [owner] } };
}

export const httpListener = { name: "http", port: 80, protocol: "HTTP" };
export const forMesh = (name: string) => [{ group: "", kind: "Service", name }];
export const to = (name: string, weight = 1, port = 80) => ({ name, port, weight });

/** Numbers that look random and are the same each time. */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return state / 2 ** 32;
	};
}
