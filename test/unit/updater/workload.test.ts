import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import {
	imagePatch,
	imagesOf,
	ownedImages,
	pullSecretsOf,
	serviceAccountOf,
	WORKLOAD_KINDS,
} from "../../../src/updater/workload.ts";
import { workloadOf } from "./manifests.ts";

const app = { role: "container", name: "app", image: "app:2" } as const;
const migrate = { role: "initContainer", name: "migrate", image: "migrate:2" } as const;
const docs = { role: "imageVolume", name: "docs", image: "docs:2" } as const;
const parts = {
	containers: { app: "app:1", proxy: "proxy:1" },
	initContainers: { migrate: "migrate:1" },
	volumes: { docs: "docs:1" },
} as const;

describe.each(WORKLOAD_KINDS.map((kind) => ({ kind })))("a $kind", ({ kind }) => {
	const workload = workloadOf({ kind, ...parts });

	test("has the images of its containers, init containers and image volumes", () => {
		expect(imagesOf(workload)).toEqual([
			{ role: "container", name: "app", image: "app:1" },
			{ role: "container", name: "proxy", image: "proxy:1" },
			{ role: "initContainer", name: "migrate", image: "migrate:1" },
			{ role: "imageVolume", name: "docs", image: "docs:1" },
		]);
	});

	test("gets new ones by a patch that says nothing else", () => {
		const pod = {
			containers: [{ name: "app", image: "app:2" }],
			initContainers: [{ name: "migrate", image: "migrate:2" }],
			volumes: [{ name: "docs", image: { reference: "docs:2" } }],
		};
		const template = { spec: pod };
		expect(imagePatch(workload, [app, migrate, docs], { changeCause: "1 to 2" })).toEqual({
			apiVersion: kind === "CronJob" ? "batch/v1" : "apps/v1",
			kind,
			metadata: { name: "cart", namespace: "shop", annotations: { "kubernetes.io/change-cause": "1 to 2" } },
			spec: kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { template },
		});
	});

	test("says which of its images are ours", () => {
		const item = (name: string, fields: object) => ({ [`k:{"name":"${name}"}`]: { ".": {}, "f:name": {}, ...fields } });
		const spec = {
			"f:containers": item("app", { "f:image": {} }),
			"f:initContainers": item("migrate", { "f:resources": {} }),
			"f:volumes": item("docs", { "f:image": { "f:reference": {} } }),
		};
		const template = { "f:template": { "f:spec": spec } };
		const fieldsV1 = { "f:spec": kind === "CronJob" ? { "f:jobTemplate": { "f:spec": template } } : template };
		const owning = (entry: object) =>
			ownedImages(
				workloadOf({ kind, ...parts, managedFields: [{ operation: "Apply", fieldsV1, ...entry }] }),
				"us",
			).map(({ name }) => name);
		expect(owning({ manager: "us" })).toEqual(["app", "docs"]);
		expect(owning({ manager: "them" })).toEqual([]);
		expect(owning({ manager: "us", operation: "Update" })).toEqual([]);
		expect(owning({ manager: "us", subresource: "status" })).toEqual([]);
	});
});

describe("a patch", () => {
	test("without images only says why", () => {
		expect(imagePatch(workloadOf(), [], { changeCause: "nothing" })).toEqual({
			apiVersion: "apps/v1",
			kind: "Deployment",
			metadata: { name: "cart", namespace: "shop", annotations: { "kubernetes.io/change-cause": "nothing" } },
		});
	});
});

describe("pulling images", () => {
	test("is done with the Secrets of the pod, as its ServiceAccount", () => {
		const workload = workloadOf({ pod: { imagePullSecrets: [{ name: "regcred" }, {}], serviceAccountName: "shop" } });
		expect([pullSecretsOf(workload), serviceAccountOf(workload)]).toEqual([["regcred"], "shop"]);
	});

	test("is done as the old field says, or as default", () => {
		expect(serviceAccountOf(workloadOf({ pod: { serviceAccount: "old" } }))).toBe("old");
		expect(serviceAccountOf(workloadOf())).toBe("default");
		expect(pullSecretsOf(workloadOf())).toEqual([]);
	});
});

test("whatever the API server let pass is read without harm", () => {
	const odd = fc.oneof(
		fc.jsonValue(),
		fc.record({ template: fc.record({ spec: fc.jsonValue() }) }),
		fc.record({
			template: fc.record({
				spec: fc.dictionary(fc.constantFrom("containers", "volumes", "imagePullSecrets"), fc.jsonValue()),
			}),
		}),
	);
	fc.assert(
		fc.property(odd, fc.jsonValue(), (spec, managedFields) => {
			const workload = { ...workloadOf(), metadata: { name: "cart", managedFields }, spec } as KubeObject;
			for (const images of [imagesOf(workload), ownedImages(workload, "us")])
				expect(images.every(({ name, image }) => typeof name === "string" && typeof image === "string")).toBe(true);
			expect(typeof serviceAccountOf(workload)).toBe("string");
			expect(Array.isArray(pullSecretsOf(workload))).toBe(true);
		}),
	);
});
