import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { type LiveUpdaterPorts, liveUpdaterCluster } from "../../../../src/updater/loop/live-cluster.ts";
import type { WorkloadImage } from "../../../../src/updater/workload.ts";
import { deployment } from "../../../support/updater/model/world.ts";

const signal = new AbortController().signal;
const newer: WorkloadImage = { role: "container", name: "app", image: "ghcr.io/acme/app:1.1.0" };
const images = { app: "ghcr.io/acme/app:1.0.0", proxy: "envoy:1" };
const cart = (metadata: object = {}, given: Readonly<Record<string, string>> = images): KubeObject => {
	const made = deployment("cart", given);
	return { ...made, metadata: { ...made.metadata, uid: "u1", resourceVersion: "7", ...metadata } };
};

/** Writes one image of a workload that was seen so and is so by now; what was applied. */
async function write(seen: KubeObject, live: KubeObject): Promise<readonly KubeObject[]> {
	const applied: KubeObject[] = [];
	const client = {
		get: async () => live,
		apply: async (object: KubeObject) => {
			applied.push(object);
			return object;
		},
	};
	const caches = { workloads: { Deployment: { remember: () => {} } } };
	const cluster = liveUpdaterCluster({ client, caches } as unknown as LiveUpdaterPorts);
	await cluster.writeImages(seen, [newer], "why", signal);
	return applied;
}

describe("an image is written", () => {
	test("into the very object that was looked at: an apply would make it anew where it is gone", async () => {
		const [applied] = await write(cart(), cart({ resourceVersion: "9" }));
		expect(applied?.metadata).toMatchObject({ name: "cart", uid: "u1", resourceVersion: "9" });
	});

	test("although somebody wrote another image of the workload meanwhile", async () => {
		expect(await write(cart(), cart({}, { ...images, proxy: "envoy:2" }))).toHaveLength(1);
	});

	test.each<[string, KubeObject]>([
		["somebody has written the image meanwhile", cart({}, { ...images, app: "ghcr.io/acme/app:1.2.0" })],
		["its container is gone", cart({}, { proxy: "envoy:1" })],
		["another workload has the name by now", cart({ uid: "u2" })],
	])("not when %s", async (_name, live) => {
		await expect(write(cart(), live)).rejects.toMatchObject({ status: 409, remedy: "refetch" });
	});
});
