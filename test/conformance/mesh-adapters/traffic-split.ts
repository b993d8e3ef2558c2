import fc from "fast-check";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { trafficSplit } from "../../../src/mesh-adapters/traffic-split.ts";
import { cart, type Subject } from "./subject.ts";
import { frozen, stored } from "./world.ts";

interface SplitSpec {
	readonly service: string;
	readonly backends: readonly { readonly service: string; readonly weight: number | string }[];
}

const specOf = (object: KubeObject) => object.spec as SplitSpec;

const pair = (primary: number | string, candidate: number | string) => [
	{ service: "cart-primary", weight: primary },
	{ service: "cart-canary", weight: candidate },
];

const labels = fc.dictionary(fc.constantFrom("team", "app"), fc.constantFrom("shop", "x"));

const foundWith = (backends: fc.Arbitrary<SplitSpec["backends"]>) =>
	fc
		.record({
			labels,
			annotations: labels,
			service: fc.constantFrom("cart", "cart.shop.svc.cluster.local"),
			matches: fc.constantFrom([], [{ kind: "HTTPRouteGroup", name: "readers" }]),
			backends,
		})
		.map(({ labels, annotations, ...spec }) => ({
			metadata: { name: "cart", namespace: "shop", labels, annotations },
			spec,
		}));

const whole = fc.oneof(
	fc.constant([{ service: "cart", weight: 100 }]),
	fc.constant([...pair(1, 1), { service: "spare", weight: 0 }]),
	fc.nat(100).map((weight) => pair(100 - weight, weight)),
);
/** v1alpha1 takes quantities. */
const quantities = fc.oneof(
	whole,
	fc.constant(pair("900m", "100m")),
	fc.constant(pair("1500m", "1500m")),
	fc.constant(pair("50", "1e2")),
);

export const trafficSplitSubjects: readonly Subject[] = trafficSplit.resource.versions.map((version) => {
	const head = { apiVersion: `split.smi-spec.io/${version}`, kind: "TrafficSplit" };
	return {
		adapter: trafficSplit,
		service: cart(head.apiVersion, { apex: { labels: { team: "shop" } } }),
		found: foundWith(version === "v1alpha1" ? quantities : whole).map((split) => stored({ ...head, ...split })),
		foreign: stored({
			...head,
			metadata: { name: "cart", namespace: "shop" },
			spec: { service: "login", backends: [{ service: "login", weight: 1 }] },
		}),
		defaulted: stored,
		obeyed: (object) => object,
		reweighed: (object) => frozen({ ...object, spec: { ...specOf(object), backends: pair(1, 3) } }),
		rest: ({ metadata: { generation: _, ...metadata }, spec, ...object }) => {
			const { backends, ...others } = spec as SplitSpec;
			return {
				...object,
				metadata,
				spec: others,
				others: backends.filter(({ service }) => !service.startsWith("cart")),
			};
		},
		reached: (object) =>
			new Set(
				specOf(object)
					.backends.filter(({ weight }) => weight !== 0)
					.map(({ service }) => service),
			),
	};
});
