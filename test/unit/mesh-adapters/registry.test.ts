import { describe, expect, test } from "vitest";
import { SUPPORTED_PROVIDERS } from "../../../src/api/canary.ts";
import { knownProviders, meshAdapters, providerFor } from "../../../src/mesh-adapters/registry.ts";

describe("a provider's name", () => {
	test.each([
		["kubernetes", "plain-service", []],
		["linkerd", "traffic-split", ["v1alpha2", "v1alpha1"]],
		["osm", "traffic-split", ["v1alpha4", "v1alpha3", "v1alpha2"]],
		["smi", "traffic-split", ["v1alpha4", "v1alpha3", "v1alpha2", "v1alpha1"]],
		["smi:v1alpha1", "traffic-split", ["v1alpha1"]],
		["smi:v1alpha4", "traffic-split", ["v1alpha4"]],
		["smi:v1alpha2:istio", "traffic-split", ["v1alpha2"]],
		["gatewayapi", "gateway-api", ["v1", "v1beta1"]],
		["gatewayapi:v1", "gateway-api", ["v1"]],
		["gatewayapi:v1beta1", "gateway-api", ["v1beta1"]],
	] as const)("%s stands for %s at %j", (name, id, versions) => {
		expect(providerFor(name)).toEqual({ id, adapter: meshAdapters[id], versions });
	});

	test.each(["", "istio", "smi:v2", "smi:v1alpha2:", "smi:v2:istio", "gatewayapi:v1:istio", "Kubernetes", "toString"])(
		"'%s' stands for nothing",
		(name) => {
			expect(providerFor(name)).toBeUndefined();
		},
	);

	test("is known to the registry when the API supports it", () => {
		expect(knownProviders).toEqual(expect.arrayContaining([...SUPPORTED_PROVIDERS]));
		for (const name of knownProviders) expect(providerFor(name)).toBeDefined();
	});

	test("holds to versions that its adapter can write", () => {
		for (const name of knownProviders) {
			const { adapter, versions } = providerFor(name) ?? {};
			expect(adapter?.resource?.versions ?? []).toEqual(expect.arrayContaining([...(versions ?? [])]));
		}
	});
});
