import { CanaryService } from "../../../src/api/canary-service.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { RoutedService } from "../../../src/mesh-adapters/mesh-adapter.ts";

/** Service `cart` in namespace `shop`, with what the Canary says about it. */
export function cart(apiVersion: string, spec: object = {}): RoutedService {
	return {
		namespace: "shop",
		apex: "cart",
		primary: "cart-primary",
		candidate: "cart-canary",
		port: 8080,
		spec: CanaryService.parse({ port: 8080, ...spec }),
		apiVersion,
	};
}

/** The HTTPRoute `cart`, as somebody has written it. */
export function httpRoute(spec: object, metadata: object = {}): KubeObject {
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "HTTPRoute",
		metadata: { name: "cart", namespace: "shop", ...metadata },
		spec,
	};
}

/** The TrafficSplit `cart`, as somebody has written it. */
export function trafficSplitOf(service: string, weights: Readonly<Record<string, number | string>>): KubeObject {
	return {
		apiVersion: "split.smi-spec.io/v1alpha1",
		kind: "TrafficSplit",
		metadata: { name: "cart", namespace: "shop" },
		spec: { service, backends: Object.entries(weights).map(([name, weight]) => ({ service: name, weight })) },
	};
}
