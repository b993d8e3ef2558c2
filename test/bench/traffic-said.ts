import type { KubeObject } from "../support/control-plane/kube-object.ts";

interface Weighted {
	readonly name?: string;
	readonly service?: string;
	readonly weight?: number;
}

/** The candidate's weight in an HTTPRoute or a TrafficSplit; 0 when it has none. */
export function trafficSaid({ spec }: KubeObject): number {
	const { rules = [], backends = [] } = spec as {
		readonly rules?: readonly { readonly backendRefs?: readonly Weighted[] }[];
		readonly backends?: readonly Weighted[];
	};
	const refs = [...backends, ...rules.flatMap(({ backendRefs = [] }) => backendRefs)];
	return refs.find(({ name, service }) => (name ?? service ?? "").endsWith("-canary"))?.weight ?? 0;
}
