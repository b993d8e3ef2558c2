import { describe, expect, test } from "vitest";
import { type Canary, Provider, parseCanary, SUPPORTED_PROVIDERS } from "../../../src/api/canary.ts";
import { unsupportedFeatures } from "../../../src/api/unsupported.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { analysing, canaryOf, serving } from "./manifests.ts";

function read(object: KubeObject): Canary {
	const parsed = parseCanary(object);
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return parsed.canary;
}

const targeting = (given: object) =>
	canaryOf({ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart", ...given } });

describe("with any provider", () => {
	test.each([
		["a Deployment is fine", canaryOf(), []],
		[
			"a DaemonSet is refused",
			targeting({ kind: "DaemonSet" }),
			["spec.targetRef.kind: DaemonSet is not supported yet; use a Deployment"],
		],
		[
			"a Service is refused",
			targeting({ apiVersion: "v1", kind: "Service" }),
			["spec.targetRef.kind: Service is not supported yet; use a Deployment"],
		],
		[
			"a Deployment of a group that has none is refused",
			targeting({ apiVersion: "extensions/v1beta1" }),
			["spec.targetRef.apiVersion: extensions/v1beta1 has no Deployment; use apps/v1"],
		],
		[
			"an autoscaler is refused",
			canaryOf({ autoscalerRef: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name: "cart" } }),
			[
				"spec.autoscalerRef: autoscalers are not supported yet; remove the field and give the target a fixed number of replicas",
			],
		],
		[
			"references of ingresses are refused",
			canaryOf({
				ingressRef: { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "cart" },
				routeRef: { apiVersion: "apisix.apache.org/v2", kind: "ApisixRoute", name: "cart" },
				upstreamRef: { apiVersion: "gloo.solo.io/v1", kind: "Upstream", name: "cart" },
			}),
			[
				"spec.ingressRef: Ingress is not supported yet; remove the field",
				"spec.routeRef: ApisixRoute is not supported yet; remove the field",
				"spec.upstreamRef: Upstream is not supported yet; remove the field",
			],
		],
		[
			"no Services are refused",
			canaryOf({ service: undefined }),
			["spec.service: is missing; say at least which port the workload serves"],
		],
		[
			"A/B testing is refused",
			analysing({ stepWeight: undefined, iterations: 5, match: [{ headers: { cookie: { exact: "beta" } } }] }),
			["spec.analysis.match: A/B testing is not supported yet; remove the field"],
		],
		["an empty match asks for nothing", analysing({ match: [] }), []],
		[
			"A/B steps are refused",
			analysing({
				stepWeight: undefined,
				steps: [{ weight: 1 }, { match: [{ headers: { cookie: { exact: "beta" } } }] }],
			}),
			["spec.analysis.steps[1].match: A/B testing is not supported yet; use weight or mirror"],
		],
		[
			"session affinity is refused",
			analysing({ sessionAffinity: { cookieName: "version" } }),
			["spec.analysis.sessionAffinity: session affinity is not supported yet; remove the field"],
		],
		[
			"what only Istio can do is refused",
			serving({
				trafficPolicy: { tls: { mode: "DISABLE" } },
				retries: { attempts: 3 },
				gateways: ["mesh"],
				timeout: "5s",
			}),
			[
				"spec.service.gateways: no supported provider can do that; remove the field",
				"spec.service.trafficPolicy: no supported provider can do that; remove the field",
				"spec.service.retries: no supported provider can do that; remove the field",
			],
		],
		["what is off or empty asks for nothing", serving({ delegation: false, gateways: [], trafficPolicy: {} }), []],
	])("%s", (_claim, object, problems) => {
		expect(unsupportedFeatures(read(object))).toEqual(problems);
	});
});

describe("a provider", () => {
	test.each(Provider.options.filter((name) => !(SUPPORTED_PROVIDERS as readonly string[]).includes(name)))(
		"%s is known, but refused with the list of those that work",
		(provider) => {
			expect(unsupportedFeatures(read(canaryOf({ provider })))).toEqual([
				`spec.provider: ${provider} is not supported yet; use one of ${SUPPORTED_PROVIDERS.join(", ")}`,
			]);
		},
	);

	test.each(SUPPORTED_PROVIDERS)("%s takes the Services that it can make", (provider) => {
		const gatewayRefs = provider.startsWith("gatewayapi") ? [{ name: "shared" }] : undefined;
		const service = {
			port: 80,
			targetPort: "http",
			portDiscovery: true,
			apex: { labels: { team: "shop" } },
			gatewayRefs,
		};
		expect(unsupportedFeatures(read(canaryOf({ provider, service })))).toEqual([]);
	});

	test("of the operator counts for Canaries that name none, and for those alone", () => {
		expect(unsupportedFeatures(read(canaryOf()), "istio")).toHaveLength(1);
		expect(unsupportedFeatures(read(canaryOf({ provider: "linkerd" })), "istio")).toEqual([]);
	});
});

const gateway = (provider: string, service: object) =>
	canaryOf({ provider, service: { port: 80, gatewayRefs: [{ name: "shared" }], ...service } });

describe("routes", () => {
	test.each([
		[
			"of the Gateway API do all of this",
			gateway("gatewayapi:v1", {
				hosts: ["cart.example.com"],
				timeout: "5s",
				backendTimeout: "1s",
				match: [
					{
						uri: { prefix: "/" },
						method: { exact: "GET" },
						headers: { a: { regex: "b" } },
						queryParams: { c: { exact: "d" } },
					},
				],
				rewrite: { uri: "/" },
				headers: { request: { set: { a: "b" } } },
				mirror: [{ backendRef: { name: "audit", port: 80 } }],
				corsPolicy: { allowOrigin: ["*"] },
			}),
			[],
		],
		[
			"of the older Gateway API do less",
			gateway("gatewayapi:v1beta1", { timeout: "5s", backendTimeout: "1s", corsPolicy: { allowOrigin: ["*"] } }),
			[
				"spec.service.backendTimeout: provider gatewayapi:v1beta1 cannot do that; remove the field",
				"spec.service.corsPolicy: provider gatewayapi:v1beta1 cannot do that; remove the field",
			],
		],
		[
			"of the Gateway API need a parent",
			gateway("gatewayapi", { gatewayRefs: [] }),
			["spec.service.gatewayRefs: is missing; name the Gateway, or the Service, that the route is attached to"],
		],
		[
			"of the Gateway API compare in fewer ways",
			gateway("gatewayapi", {
				match: [
					{
						uri: { suffix: ".js" },
						method: { regex: "G.*" },
						headers: { a: { prefix: "b" } },
						queryParams: { c: { suffix: "d" } },
					},
					{ sourceLabels: { app: "front" }, ignoreUriCase: true, authority: { exact: "x" } },
				],
				corsPolicy: { allowOrigins: [{ regex: ".*" }] },
			}),
			[
				"spec.service.match[0].uri: the Gateway API cannot compare it like that; use exact or prefix or regex",
				"spec.service.match[0].method: the Gateway API cannot compare it like that; use exact",
				"spec.service.match[0].headers['a']: the Gateway API cannot compare it like that; use exact or regex",
				"spec.service.match[0].queryParams['c']: the Gateway API cannot compare it like that; use exact or regex",
				"spec.service.match[1].authority: the Gateway API cannot match that; remove the field",
				"spec.service.match[1].ignoreUriCase: the Gateway API cannot match that; remove the field",
				"spec.service.match[1].sourceLabels: the Gateway API cannot match that; remove the field",
				"spec.service.corsPolicy.allowOrigins: the Gateway API has no patterns for origins; use allowOrigin",
			],
		],
		[
			"of TrafficSplit know weights and nothing else",
			canaryOf({ provider: "smi:v1alpha2", service: { port: 80, hosts: ["cart"], timeout: "5s" } }),
			[
				"spec.service.timeout: provider smi:v1alpha2 cannot do that; remove the field",
				"spec.service.hosts: provider smi:v1alpha2 cannot do that; remove the field",
			],
		],
	])("%s", (_claim, object, problems) => {
		expect(unsupportedFeatures(read(object))).toEqual(problems);
	});
});
