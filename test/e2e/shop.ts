import type { Json, KubeObject, Reference } from "../support/control-plane/kube-object.ts";

/** How a version of the shop behaves: what `behaviourOf` reads from a pod's env. */
export interface ShopVersion {
	readonly version: string;
	/** Percent of answers that are 500. */
	readonly errorPercent?: number;
	readonly latencyMs?: number;
}

const NAMESPACE = "default";
const PORT = 9898;

const refTo = (apiVersion: string, kind: string, name: string): Reference => ({
	apiVersion,
	kind,
	metadata: { name, namespace: NAMESPACE },
});

export const deploymentRef = (name: string) => refTo("apps/v1", "Deployment", name);
export const serviceRef = (name: string) => refTo("v1", "Service", name);
export const routeRef = (name: string) => refTo("gateway.networking.k8s.io/v1", "HTTPRoute", name);
export const canaryRef = (name: string) => refTo("haldane.dev/v1beta1", "Canary", name);

/** The Host header of a shop's requests. */
export const hostOf = (name: string) => `${name}.example.com`;

/** What somebody has before they hear of Haldane: a Deployment, its Service, and a route that sends requests to it. */
export function shop(name: string, first: ShopVersion, parentRef: object): readonly KubeObject[] {
	const labels = { app: name };
	const containers = [{ name: "main", ports: [{ containerPort: PORT }], ...containerOf(first) }];
	return [
		{
			...deploymentRef(name),
			spec: {
				replicas: 2,
				selector: { matchLabels: labels },
				template: { metadata: { labels }, spec: { containers } },
			},
		},
		{ ...serviceRef(name), spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: PORT }] } },
		{
			...routeRef(name),
			spec: { hostnames: [hostOf(name)], parentRefs: [parentRef], rules: [{ backendRefs: [{ name, port: 80 }] }] },
		},
	];
}

/** The Canary for a shop, judged by the built-in checks every five seconds. */
export function shopCanary(name: string, parentRef: object, analysis: Json): KubeObject {
	return {
		...canaryRef(name),
		spec: {
			provider: "gatewayapi:v1",
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
			service: { port: 80, targetPort: PORT, gatewayRefs: [parentRef], hosts: [hostOf(name)] },
			analysis: {
				interval: "5s",
				threshold: 3,
				metrics: [
					{ name: "request-success-rate", interval: "10s", thresholdRange: { min: 99 } },
					{ name: "request-duration", interval: "10s", thresholdRange: { max: 200 } },
				],
				...analysis,
			},
		},
	};
}

/** What `kubectl set image` and `kubectl set env` send. */
export function versionPatch(next: ShopVersion): Json {
	return { spec: { template: { spec: { containers: [{ name: "main", ...containerOf(next) }] } } } };
}

function containerOf({ version, errorPercent = 0, latencyMs = 0 }: ShopVersion) {
	const variables = { VERSION: version, ERROR_RATE: String(errorPercent), LATENCY_MS: String(latencyMs) };
	return {
		image: `example.com/shop:${version}`,
		env: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
	};
}
