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
			"what only other meshes can do is refused",
			serving({
				delegation: true,
				meshName: "global",
				backends: ["backend.shop"],
				trafficPolicy: { tls: { mode: "DISABLE" } },
				retries: { attempts: 3 },
				gateways: ["mesh"],
				timeout: "5s",
			}),
			[
				"spec.service.gateways: no supported provider can do that; remove the field",
				"spec.service.delegation: no supported provider can do that; remove the field",
				"spec.service.trafficPolicy: no supported provider can do that; remove the field",
				"spec.service.retries: no supported provider can do that; remove the field",
				"spec.service.meshName: no supported provider can do that; remove the field",
				"spec.service.backends: no supported provider can do that; remove the field",
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

	test.each(SUPPORTED_PROVIDERS)("%s works", (provider) => {
		expect(unsupportedFeatures(read(canaryOf({ provider })))).toEqual([]);
	});
});

test("what only some meshes can do is for their adapters to refuse", () => {
	const service = {
		hosts: ["cart.example.com"],
		gatewayRefs: [{ name: "shared" }],
		timeout: "5s",
		backendTimeout: "1s",
		match: [{ uri: { prefix: "/" } }],
		rewrite: { uri: "/" },
		headers: { request: { set: { a: "b" } } },
		mirror: [{ backendRef: { name: "audit", port: 80 } }],
		corsPolicy: { allowOrigin: ["*"] },
	};
	expect(unsupportedFeatures(read(serving(service)))).toEqual([]);
});
