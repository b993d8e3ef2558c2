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

/** Says most of what Flagger's documentation shows, of all meshes at once. */
export const flaggerCanary = canaryOf({
	provider: "istio",
	metricsServer: "http://prometheus.monitoring:9090",
	autoscalerRef: {
		apiVersion: "autoscaling/v2",
		kind: "HorizontalPodAutoscaler",
		name: "cart",
		primaryScalerReplicas: { minReplicas: 2, maxReplicas: 5 },
	},
	ingressRef: { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "cart" },
	routeRef: { apiVersion: "apisix.apache.org/v2", kind: "ApisixRoute", name: "cart" },
	upstreamRef: { apiVersion: "gloo.solo.io/v1", kind: "Upstream", name: "cart", namespace: "gloo-system" },
	progressDeadlineSeconds: 60,
	skipAnalysis: false,
	revertOnDeletion: true,
	suspend: false,
	service: {
		name: "cart",
		port: 80,
		portName: "http",
		targetPort: 8080,
		appProtocol: "http",
		trafficDistribution: "PreferClose",
		portDiscovery: true,
		headless: false,
		timeout: "15s",
		backendTimeout: "5s",
		gateways: ["istio-system/public", "mesh"],
		gatewayRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "shared", namespace: "gateways" }],
		hosts: ["cart.example.com"],
		delegation: false,
		trafficPolicy: {
			loadBalancer: {
				consistentHash: { httpCookie: { name: "user", ttl: "0s" } },
				localityLbSetting: { enabled: true, distribute: [{ from: "a/*", to: { "a/*": 80, "b/*": 20 } }] },
				warmupDurationSecs: "30s",
			},
			connectionPool: { http: { http1MaxPendingRequests: 10, h2UpgradePolicy: "UPGRADE" } },
			outlierDetection: { consecutive5xxErrors: 5, interval: "5m", baseEjectionTime: "15m" },
			tls: { mode: "ISTIO_MUTUAL" },
		},
		match: [
			{
				uri: { prefix: "/" },
				method: { exact: "GET" },
				headers: { "x-user": { regex: ".+" } },
				withoutHeaders: { "x-bot": { exact: "1" } },
				queryParams: { beta: { exact: "1" } },
				sourceLabels: { app: "front" },
			},
		],
		rewrite: { uri: "/", type: "ReplacePrefixMatch" },
		retries: { attempts: 3, perTryTimeout: "1s", retryOn: "gateway-error,connect-failure" },
		headers: { request: { add: { "x-envoy-upstream-rq-timeout-ms": "15000" } }, response: { remove: ["server"] } },
		mirror: [{ backendRef: { group: "", kind: "Service", name: "audit", port: 80 } }],
		corsPolicy: { allowOrigin: ["https://example.com"], allowMethods: ["GET"], allowCredentials: false, maxAge: "24h" },
		meshName: "global",
		backends: ["backend.shop"],
		apex: { annotations: { team: "shop" } },
		primary: { labels: { role: "primary" } },
		canary: { labels: { role: "canary" } },
		unmanagedMetadata: { annotations: ["cloud.google.com/neg-status"], labels: ["argocd"] },
	},
	analysis: {
		interval: "1m30s",
		threshold: 10,
		maxWeight: 50,
		stepWeight: 5,
		stepWeightPromotion: 50,
		mirror: true,
		mirrorWeight: 20,
		primaryReadyThreshold: 90,
		canaryReadyThreshold: 80,
		match: [{ headers: { "user-agent": { regex: ".*Firefox.*" }, cookie: { suffix: "canary" } } }],
		metrics: [
			{ name: "request-success-rate", thresholdRange: { min: 99 }, interval: "1m" },
			{ name: "request-duration", threshold: 500, interval: "30s" },
			{
				name: "errors",
				templateRef: { name: "errors", namespace: "flagger" },
				templateVariables: { direction: "inbound" },
				interval: "1m",
			},
			{ name: "404s", query: "sum(rate(x[1m]))", threshold: 5, interval: "1m" },
		],
		alerts: [{ name: "on-call", severity: "error", providerRef: { name: "on-call", namespace: "flagger" } }],
		webhooks: [
			{
				name: "gate",
				type: "confirm-rollout",
				url: "http://flagger-loadtester.test/gate/check",
				muteAlert: true,
				timeout: "10s",
				retries: 0,
			},
			{
				name: "load",
				type: "rollout",
				url: "http://flagger-loadtester.test/",
				timeout: "5s",
				retries: 2,
				disableTLS: true,
				metadata: { cmd: "hey -z 1m http://cart-canary.shop/" },
			},
			{ name: "event", type: "event", url: "http://events.test/", timeout: "10s", retries: 0 },
		],
		sessionAffinity: {
			cookieName: "version",
			primaryCookieName: "primary",
			maxAge: 21_600,
			secure: true,
			sameSite: "Strict",
		},
	},
}) as KubeObject & { readonly spec: object };
