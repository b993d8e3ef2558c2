import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { canary, imageOf, workload } from "../../../../../src/cli/sandbox/demo/manifests.ts";
import { operatorIn } from "../../../../../src/cli/sandbox/demo/operator.ts";
import { deploymentRef } from "../../../../../src/cli/sandbox/demo/play.ts";
import { leftAlone } from "../../../../../src/cli/sandbox/demo/updates.ts";
import { canaryRef, until } from "../../../../../src/cli/sandbox/demo/waiting.ts";
import { registrySettings } from "../../../../../src/cli/updater/registries.ts";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";
import { createMemoryApi } from "../../../../support/sandbox-api.ts";

const folders: string[] = [];
afterEach(() => folders.splice(0).map((folder) => rmSync(folder, { recursive: true })));

function cluster() {
	const api = createMemoryApi(() => 0);
	for (const object of workload("podinfo:1.7.0")) api.create(object);
	api.create(canary({}, 6_000));
	api.changeStatus(canaryRef, () => ({ phase: "Failed", history: [{ revision: "a" }] }));
	return api;
}

function setImage(api: ReturnType<typeof cluster>, image: string): void {
	api.patch(deploymentRef, { spec: { template: { spec: { containers: [{ name: "podinfod", image }] } } } });
}

describe("the demo's operator", () => {
	test("asks the sandbox's registry by plain HTTP, and takes webhooks that are signed with the Secret it is given", async () => {
		const api = createMemoryApi(() => 0);
		const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
		folders.push(folder);
		const registry = { host: "127.0.0.1:5000", url: "http://127.0.0.1:5000", push: () => "", requests: () => 0 };
		const prometheus = { url: "http://127.0.0.1:9090", pause: () => {} };
		const { options, webhooks } = await operatorIn({ api, kubeconfig: "k", prometheus, registry }, folder);
		const { updater, leaderElectionNamespace: namespace } = options;
		expect(registrySettings(updater?.registriesFile).registries).toMatchObject([
			{ host: "127.0.0.1:5000", plainHttp: true },
		]);
		expect(updater?.webhooks).toMatchObject({ secret: "haldane-webhooks", takesUnsigned: false });
		expect(webhooks.url).toBe(`http://127.0.0.1:${updater?.webhooks?.port}`);
		const secret = api.get({ apiVersion: "v1", kind: "Secret", namespace, name: "haldane-webhooks" });
		expect(secret).toMatchObject({ data: { ci: Buffer.from(webhooks.secret).toString("base64") } });
		expect(webhooks.secret.length).toBeGreaterThan(32);
	});
});

describe("a tag that was rolled back and is told of again", () => {
	const world = () => {
		const api = cluster();
		let requests = 3;
		const registry = { requests: () => requests };
		return { api, stage: { sandbox: { api, registry }, intervalMs: 2_000 }, ask: () => (requests += 1) };
	};

	test("is left alone when the registry is asked and nothing changes", async () => {
		const { stage, ask } = world();
		let waitedMs = 0;
		const wait = async (ms: number) => {
			waitedMs += ms;
			if (waitedMs === 500) ask();
		};
		expect(await leftAlone(stage, async () => {}, wait)).toBeUndefined();
		expect(waitedMs).toBe(2_500);
	});

	test("is not known to be left alone when nobody asks the registry", async () => {
		const { stage } = world();
		expect(
			await leftAlone(
				stage,
				async () => {},
				async () => {},
			),
		).toContain("did not ask the registry");
	});

	test.each<[string, (api: ReturnType<typeof cluster>) => void]>([
		["its image is written anew", (api) => setImage(api, "podinfo:1.7.0@sha256:0")],
		[
			"its Canary begins anew",
			(api) => void api.changeStatus(canaryRef, () => ({ phase: "Progressing", history: [{ revision: "a" }] })),
		],
	])("is tried again when %s", async (_what, change) => {
		const { api, stage, ask } = world();
		const wait = async (ms: number) => {
			if (ms === 2_000) change(api);
		};
		expect(await leftAlone(stage, async () => void ask(), wait)).toBe("it was tried again");
	});
});

describe("waiting for an object", () => {
	const waiting = (signal = new AbortController().signal) => {
		const api = cluster();
		const seen: unknown[] = [];
		const found = until(
			{ sandbox: { api }, signal },
			{
				ref: deploymentRef,
				what: "set",
				read: (object: KubeObject) => imageOf(object),
				holds: (image) => image === "podinfo:1.8.0",
				each: (image) => void seen.push(image),
			},
		);
		return { api, seen, found };
	};

	test("tells of each value, and ends with the one that is wanted", async () => {
		const { api, seen, found } = waiting();
		for (const other of workload("podinfo:1.6.0").filter(({ kind }) => kind === "Deployment"))
			api.create({ ...other, metadata: { name: "other", namespace: "default" } });
		setImage(api, "podinfo:1.8.0");
		expect(await found).toBe("podinfo:1.8.0");
		setImage(api, "podinfo:1.9.0");
		expect(seen).toEqual(["podinfo:1.7.0", "podinfo:1.8.0"]);
	});

	test("ends when the demo is stopped", async () => {
		const stop = new AbortController();
		const { found } = waiting(stop.signal);
		stop.abort();
		await expect(found).rejects.toThrow("stopped");
	});
});
