import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../src/workloads/deployment.ts";
import { primaryOf, primarySelector, REVISION_ANNOTATION, selectorLabelOf } from "../../../src/workloads/primary.ts";
import { revisionOf } from "../../../src/workloads/revision.ts";
import { cart, owner } from "./cart.ts";

const label = { key: "app", value: "cart" };

function primary(target: Deployment, includePrefixes: readonly string[] = ["*"]): Deployment {
	const request = { target, name: "cart-primary", label, replicas: 2, owner, includePrefixes };
	return primaryOf(request) as unknown as Deployment;
}

describe("the selector label", () => {
	test.each([
		["is the first of the known that the target uses", ["app", "name"], label],
		["follows the order of the known", ["tier", "app"], { key: "tier", value: "web" }],
		["is missing when none is used", ["name"], undefined],
	])("%s", (_name, known, expected) => {
		expect(selectorLabelOf(cart(), known)).toEqual(expected);
	});
});

describe("a primary", () => {
	test("keeps all match labels, and selects by its own name", () => {
		const { spec } = primary(cart({ labels: { extra: "1" } }));
		expect(primarySelector(cart(), label)).toEqual({ app: "cart-primary", tier: "web" });
		expect(spec.selector).toEqual({ matchLabels: { app: "cart-primary", tier: "web" } });
		expect(spec.template.metadata?.labels).toEqual({ app: "cart-primary", tier: "web", extra: "1" });
	});

	test("selects no pod of the target, nor the target one of its", () => {
		const target = cart();
		const { spec } = primary(target);
		const selects = (selector: object, labels: object = {}) =>
			Object.entries(selector).every(([key, value]) => (labels as Record<string, string>)[key] === value);
		expect(selects(spec.selector.matchLabels ?? {}, target.spec.template.metadata?.labels)).toBe(false);
		expect(selects(target.spec.selector.matchLabels ?? {}, spec.template.metadata?.labels)).toBe(false);
	});

	test("is marked with the revision that it was made of", () => {
		const target = cart();
		expect(primary(target).metadata.annotations?.[REVISION_ANNOTATION]).toBe(revisionOf(target.spec.template));
	});

	test("is of the replicas asked for, and has no more of the target's settings than it needs", () => {
		const strategy = { type: "Recreate" };
		const { spec } = primary(cart({ spec: { paused: true, minReadySeconds: 5, strategy } }));
		expect(spec.replicas).toBe(2);
		expect(spec).toMatchObject({ minReadySeconds: 5, strategy });
		expect(spec).not.toHaveProperty("paused");
	});

	test("keeps its pods apart where the target's were, and near what the target's were near", () => {
		const term = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: "zone" });
		const expression = (values: readonly string[]) => ({
			labelSelector: { matchExpressions: [{ key: "app", operator: "In", values }] },
			topologyKey: "host",
		});
		const pod = (self: string) => ({
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [term(self), term("db"), expression([self, "db"])],
					preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(self) }],
				},
				podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("cart")] },
			},
			topologySpreadConstraints: [{ ...term(self), maxSkew: 1 }],
		});
		expect(primary(cart({ pod: pod("cart") })).spec.template.spec).toMatchObject(pod("cart-primary"));
	});

	test("has no labels of Flux, on itself and on its pods", () => {
		const flux = { "kustomize.toolkit.fluxcd.io/name": "apps" };
		const { metadata, spec } = primary(cart({ metadata: { labels: flux, annotations: flux }, labels: flux }));
		expect(
			Object.keys({ ...metadata.labels, ...metadata.annotations, ...spec.template.metadata?.labels }).join(),
		).not.toContain("fluxcd");
	});

	test("has no nulls anywhere", () => {
		const target = cart({ pod: { securityContext: null, containers: [{ name: "web", resources: { limits: null } }] } });
		expect(JSON.stringify(primary(target))).not.toContain("null");
	});

	test.each([
		["all with *", ["*"], ["team/a", "other"]],
		["those with the prefix", ["team/"], ["team/a"]],
		["those with any of the prefixes", ["team/", "oth"], ["team/a", "other"]],
		["none without prefixes", [], []],
	])("has of the target's own metadata %s", (_name, prefixes, kept) => {
		const own = { "team/a": "1", other: "2" };
		const { metadata } = primary(cart({ metadata: { labels: own, annotations: own } }), prefixes);
		const keysOf = (map: object = {}) => Object.keys(map).filter((key) => key in own);
		expect([keysOf(metadata.labels), keysOf(metadata.annotations)]).toEqual([kept, kept]);
	});

	test("never has what kubectl and the Deployment's controller wrote for themselves", () => {
		const annotations = {
			"kubectl.kubernetes.io/last-applied-configuration": "{}",
			"deployment.kubernetes.io/revision": "7",
		};
		const { metadata } = primary(cart({ metadata: { annotations } }));
		expect(Object.keys(metadata.annotations ?? {})).toEqual([REVISION_ANNOTATION]);
	});

	test("is found by the target's own label, though its own metadata says otherwise", () => {
		const { metadata } = primary(cart({ metadata: { labels: { app: "cart" } } }));
		expect(metadata.labels).toEqual({ app: "cart-primary", "app.kubernetes.io/managed-by": "haldane" });
		expect(metadata.ownerReferences).toEqual([owner]);
	});
});
