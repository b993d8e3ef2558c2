import { API_VERSION } from "../../../src/api/canary.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";

type Json = Readonly<Record<string, unknown>>;

/** The least that a Canary says. */
export const leastSpec: Json = {
	targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
	service: { port: 80 },
	analysis: { stepWeight: 10 },
};

/** A Canary with the fields of its spec that are given instead of the least ones; `undefined` takes one away. */
export function canaryOf(spec: Json = {}, rest: Json = {}): KubeObject {
	return manifest("Canary", { ...leastSpec, ...spec }, rest);
}

/** A Canary with one thing to say about its analysis. */
export function analysing(analysis: Json): KubeObject {
	return canaryOf({ analysis: { stepWeight: 10, ...analysis } });
}

/** A Canary with one thing to say about its Services. */
export function serving(service: Json): KubeObject {
	return canaryOf({ service: { port: 80, ...service } });
}

export function metricTemplateOf(provider: Json, query: unknown = "up"): KubeObject {
	return manifest("MetricTemplate", { provider, query });
}

export function alertProviderOf(spec: Json): KubeObject {
	return manifest("AlertProvider", spec);
}

function manifest(kind: string, spec: Json, rest: Json = {}): KubeObject {
	// As JSON, in which `undefined` does not exist.
	return JSON.parse(
		JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { name: "cart", namespace: "shop" }, spec, ...rest }),
	);
}
