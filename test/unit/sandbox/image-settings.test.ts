import { expect, test } from "vitest";
import { createImages } from "../../../src/sandbox/cluster/pods/images.ts";
import { followImageSettings, IMAGE_SETTINGS, settingKey } from "../../../src/sandbox/image-settings.ts";
import { createMemoryApi } from "../../support/sandbox-api.ts";

const image = "registry.example/podinfo:1.2.0@sha256";

function followed(...values: readonly string[]) {
	const api = createMemoryApi(() => 0);
	const images = createImages();
	const reported: string[] = [];
	const stop = followImageSettings(api, images, (thrown, doing) => reported.push(`${doing}: ${thrown}`));
	const data = Object.fromEntries(values.map((value, index) => [`key${index}`, value]));
	api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: IMAGE_SETTINGS, data });
	return { api, images, reported, stop };
}

test("an image behaves as the ConfigMap says, and as its tag says where that says nothing", async () => {
	const { images, reported } = followed(JSON.stringify({ image, errorRate: 0.05 }));
	await Promise.resolve();
	expect(reported).toEqual([]);
	expect(images.behaviourOf(image, {})).toMatchObject({ errorRate: 0.05, p50Ms: 5 });
	expect(images.behaviourOf("podinfo:1.0.0", {}).errorRate).toBe(0);
});

test.each([
	["no JSON", "{"],
	["a share beyond all", JSON.stringify({ image, errorRate: 2 })],
	["what it does not know", JSON.stringify({ image, colour: "blue" })],
])("%s is reported with its key, and what is beside it holds", async (_name, bad) => {
	const { images, reported } = followed(bad, JSON.stringify({ image, p99Ms: 300 }));
	await Promise.resolve();
	expect(reported).toHaveLength(1);
	expect(reported[0]).toContain("kube-system/sandbox-images says of key0");
	expect(images.behaviourOf(image, {}).p99Ms).toBe(300);
});

test("an image behaves by its tag again when the ConfigMap says no more of it", async () => {
	const { api, images } = followed(
		JSON.stringify({ image, errorRate: 0.05 }),
		JSON.stringify({ image: "web:2", text: "hi" }),
	);
	await Promise.resolve();
	expect(images.behaviourOf(image, {}).errorRate).toBe(0.05);
	const ref = { apiVersion: "v1", kind: "ConfigMap", ...IMAGE_SETTINGS };
	api.patch(ref, { data: { key0: null } });
	await Promise.resolve();
	expect([images.behaviourOf(image, {}).errorRate, images.behaviourOf("web:2", {}).text]).toEqual([0, "hi"]);
	api.delete(ref);
	await Promise.resolve();
	expect(images.behaviourOf("web:2", {}).text).toBe("Hello from web:2");
});

test("other ConfigMaps say nothing", async () => {
	const { api, images } = followed();
	api.create({
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "other", namespace: IMAGE_SETTINGS.namespace },
		data: { key: JSON.stringify({ image, errorRate: 1 }) },
	});
	await Promise.resolve();
	expect(images.behaviourOf(image, {}).errorRate).toBe(0);
});

test("an image's name becomes a key that a ConfigMap takes", () => {
	expect(settingKey(image)).toBe("registry.example_podinfo_1.2.0_sha256");
});
