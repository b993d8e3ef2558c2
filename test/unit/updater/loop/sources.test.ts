import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { sourceOf } from "../../../../src/updater/loop/sources.ts";
import { workloadOf } from "../manifests.ts";

const annotated = workloadOf({ annotations: { "keel.sh/policy": "minor" } });
const policy = (spec: object): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImagePolicy",
	metadata: { name: "cart", namespace: "shop" },
	spec: {
		targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
		images: [{ containers: ["app"], policy: { type: "patch" } }],
		...spec,
	},
});

describe("who asks for a workload's images to be kept up to date", () => {
	test.each<[string, KubeObject, readonly KubeObject[], object]>([
		["is nobody", workloadOf(), [], { kind: "none" }],
		["is the workload itself", annotated, [], { kind: "annotations", asked: { kind: "rules" } }],
		[
			"is its ImagePolicy before its annotations",
			annotated,
			[policy({})],
			{ kind: "policy", asked: { kind: "rules" } },
		],
		["is the first of two ImagePolicies", workloadOf(), [policy({}), policy({ images: [] })], { kind: "policy" }],
		[
			"is nobody while the ImagePolicy is suspended",
			annotated,
			[policy({ suspend: true })],
			{ asked: { kind: "none" } },
		],
		["is not known where the ImagePolicy cannot be read", annotated, [policy({ images: [] })], { kind: "unreadable" }],
	])("%s", (_name, workload, policies, expected) =>
		expect(sourceOf(workload, policies, { schedule: "@every 1m" })).toMatchObject(expected),
	);
});
