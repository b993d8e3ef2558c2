import { describe, expect, test } from "vitest";
import { split } from "../../../src/domain/traffic.ts";
import { trafficSplit } from "../../../src/mesh-adapters/traffic-split.ts";
import { cart, trafficSplitOf } from "./service.ts";

const service = cart("split.smi-spec.io/v1alpha1");

describe("a TrafficSplit", () => {
	test("is made for the apex, with whole weights", () => {
		const apex = { labels: { team: "shop" }, annotations: { note: "ours" } };
		expect(trafficSplit.render(cart("split.smi-spec.io/v1alpha2", { apex }), split(10), undefined)).toEqual({
			apiVersion: "split.smi-spec.io/v1alpha2",
			kind: "TrafficSplit",
			metadata: {
				name: "cart",
				namespace: "shop",
				labels: { team: "shop" },
				annotations: {
					note: "ours",
					"haldane.dev/created": "true",
					"helm.toolkit.fluxcd.io/driftDetection": "disabled",
					"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
				},
			},
			spec: {
				service: "cart",
				backends: [
					{ service: "cart-primary", weight: 90 },
					{ service: "cart-canary", weight: 10 },
				],
			},
		});
	});

	test("is made for the first host when the Canary names hosts", () => {
		const hosts = ["cart.example.com", "shop.example.com"];
		const made = trafficSplit.render(cart("split.smi-spec.io/v1alpha2", { hosts }), split(10), undefined);
		expect(made.spec).toMatchObject({ service: "cart.example.com" });
		expect(trafficSplit.observe(service, made)).toBeUndefined();
	});

	test.each([
		["whole weights", { "cart-primary": 90, "cart-canary": 10 }, split(10)],
		["thousandths", { "cart-primary": "900m", "cart-canary": "100m" }, split(10)],
		["quantities of both kinds", { "cart-primary": "1500m", "cart-canary": "0.5" }, split(25)],
		["text", { "cart-primary": "50", "cart-canary": "50" }, split(50)],
		["one backend", { "cart-primary": 1 }, split(0)],
		["a backend without weight", { "cart-primary": 1, "cart-canary": 1, spare: 0 }, split(50)],
		["parts of a percent", { "cart-primary": 2, "cart-canary": 1 }, undefined],
		["no weight at all", { "cart-primary": 0, "cart-canary": 0 }, undefined],
		["a negative weight", { "cart-primary": 2, "cart-canary": -1 }, undefined],
		["a weight that is none", { "cart-primary": "all", "cart-canary": "0" }, undefined],
		["the apex", { cart: 100 }, undefined],
		["a third backend", { "cart-primary": 90, "cart-canary": 10, spare: 1 }, undefined],
	])("with %s says what it says", (_name, weights, traffic) => {
		expect(trafficSplit.observe(service, trafficSplitOf("cart", weights))).toEqual(traffic);
	});

	test.each([
		[
			"of another service",
			trafficSplitOf("login", { login: 1 }),
			"ForeignRoute",
			"TrafficSplit shop/cart splits the traffic of login",
		],
		[
			"with a third backend",
			trafficSplitOf("cart", { cart: 1, spare: 1 }),
			"RouteUnusable",
			"also sends requests to spare",
		],
	])("%s is in our way", (_name, existing, reason, message) => {
		const obstacle = trafficSplit.obstacle(service, existing);
		expect(obstacle?.reason).toBe(reason);
		expect(obstacle?.message).toContain(message);
	});

	test("is refused to a Canary that asks for more than weights", () => {
		const { reason, message } = trafficSplit.obstacle(
			cart("split.smi-spec.io/v1alpha2", { timeout: "1s", retries: { attempts: 3 }, headers: {}, gateways: ["mesh"] }),
			undefined,
		) as { reason: string; message: string };
		expect(reason).toBe("RouteUnusable");
		expect(message).toBe(
			"spec.service.retries, spec.service.timeout cannot be said by a TrafficSplit; remove what cannot",
		);
	});

	test("that we made goes with us; one that we found gets its apex back", () => {
		const made = trafficSplit.render(service, split(10), undefined);
		expect(trafficSplit.release(service, made)).toEqual({ kind: "delete" });
		const found = trafficSplitOf("cart", { "cart-primary": 90, "cart-canary": 10, spare: 0 });
		expect(trafficSplit.release(service, found)).toEqual({
			kind: "write",
			object: {
				apiVersion: "split.smi-spec.io/v1alpha1",
				kind: "TrafficSplit",
				metadata: { name: "cart", namespace: "shop" },
				spec: {
					backends: [
						{ service: "cart", weight: 100 },
						{ service: "spare", weight: 0 },
					],
				},
			},
		});
	});
});
