import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImageFlags, setImage } from "../../../src/cli/sandbox/image.ts";
import { pushTiny } from "../../../src/cli/sandbox/push.ts";
import { openSession } from "../../../src/cli/session.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { outbound } from "../../../src/http/outbound.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.ts";

const IMAGE = "podinfo:1.2.0";
const REQUESTS = 400;
const AT_ONCE = 20;

const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const reported: unknown[] = [];
let sandbox: Sandbox;

const image = (named: string, flags: ImageFlags) =>
	setImage(openSession({ kubeconfig: sandbox.kubeconfig }).client, named, flags);

beforeAll(async () => {
	const ports = { port: 0, gatewayPort: 0, prometheusPort: 0 };
	sandbox = await startSandbox({ ...ports, folder, report: (thrown) => void reported.push(thrown) });
	const metadata = { name: "podinfo", namespace: "default" };
	const labels = { app: "podinfo" };
	const containers = [{ name: "podinfod", image: IMAGE, ports: [{ containerPort: 9898 }] }];
	const template = { metadata: { labels }, spec: { containers } };
	const ready = new Promise<void>((resolve) => {
		const end = sandbox.api.watch({ apiVersion: "apps/v1", kind: "Deployment" }, ({ object }) => {
			if ((object.status as { readyReplicas?: number } | undefined)?.readyReplicas !== 2) return;
			end();
			resolve();
		});
	});
	const spec = { replicas: 2, selector: { matchLabels: labels }, template };
	sandbox.api.create({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec });
	const ports80 = [{ port: 80, targetPort: 9898 }];
	sandbox.api.create({ apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: ports80 } });
	await ready;
});

afterAll(async () => {
	agent.destroy();
	await sandbox.stop();
	rmSync(folder, { recursive: true });
});

interface Answer {
	readonly status: number;
	readonly text: string;
}

async function ask(): Promise<Answer> {
	return new Promise((resolve, reject) => {
		get(sandbox.gatewayUrl, { agent, headers: { host: "podinfo.default" } }, async (answer) => {
			const text = (await answer.setEncoding("utf8").toArray()).join("");
			resolve({ status: answer.statusCode ?? 0, text });
		}).on("error", reject);
	});
}

async function statuses(): Promise<Readonly<Record<number, number>>> {
	const counts: Record<number, number> = {};
	const one = async () => {
		for (let sent = 0; sent < REQUESTS / AT_ONCE; sent += 1) {
			const { status } = await ask();
			counts[status] = (counts[status] ?? 0) + 1;
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, one));
	return counts;
}

describe("haldane sandbox image", () => {
	test("changes how pods answer that run already", async () => {
		expect(await statuses()).toEqual({ 200: REQUESTS });
		expect(await image(IMAGE, { errorRate: "5%", p50: "2ms", p99: "300ms" })).toBe(
			"podinfo:1.2.0: errorRate 0.05, p50Ms 2, p99Ms 300",
		);
		const { 200: good = 0, 500: bad = 0 } = await statuses();
		expect(good + bad).toBe(REQUESTS);
		// 20 on average, with a deviation of 4.4.
		expect(bad).toBeGreaterThan(0);
		expect(bad).toBeLessThan(60);
		expect(sandbox.images.behaviourOf(IMAGE, {})).toMatchObject({ p50Ms: 2, p99Ms: 300 });
		expect(reported).toEqual([]);
	});

	test("takes back what it said", async () => {
		await image(IMAGE, { errorRate: "100%" });
		expect((await ask()).status).toBe(500);
		await image(IMAGE, { errorRate: "0", text: "well again" });
		expect(await ask()).toEqual({ status: 200, text: expect.stringContaining("well again") });
	});

	test.each<[string, ImageFlags, string]>([
		["nothing", {}, "--error-rate, --p50, --p99 or --text"],
		["a word for a share", { errorRate: "much" }, "--error-rate: write a share like 5% or 0.05"],
		["more than all", { errorRate: "120%" }, "--error-rate: write a share like 5% or 0.05"],
		["a number without a unit", { p99: "300" }, "--p99: write a duration like 300ms, at most 1m"],
		["a time that is too long", { p50: "2m" }, "--p50: write a duration like 300ms, at most 1m"],
		["a text without end", { text: "x".repeat(1_001) }, "--text: write at most 1000 characters"],
	])("refuses %s", async (_what, flags, message) => {
		const before = sandbox.images.behaviourOf(IMAGE, {});
		const refused = image(IMAGE, flags);
		await expect(refused).rejects.toThrow(UsageError);
		await expect(refused).rejects.toThrow(message);
		expect(sandbox.images.behaviourOf(IMAGE, {})).toEqual(before);
	});

	test.each(["", "-p99", "pod info:1.0.0", "https://registry/podinfo"])(
		"refuses what is no image: %j",
		async (named) => {
			await expect(image(named, { errorRate: "5%" })).rejects.toThrow("write an image like podinfo:1.2.0");
		},
	);
});

describe("haldane sandbox push", () => {
	const push = (named: string) => {
		const { client } = openSession({ kubeconfig: sandbox.kubeconfig });
		return pushTiny({ client, send: outbound(), now: () => 0 }, named, new AbortController().signal);
	};
	const tags = async (path: string) =>
		((await (await fetch(`${sandbox.registry.url}/v2/${path}/tags/list`)).json()) as { tags: unknown }).tags;

	test("puts an image into the sandbox's registry, however it is named", async () => {
		const { host } = sandbox.registry;
		expect(await push("podinfo:1.3.0")).toMatch(
			new RegExp(`^${host}/podinfo:1\\.3\\.0 is pushed, sha256:[0-9a-f]{64}$`),
		);
		await push(`${host}/podinfo:1.4.0`);
		await push(`${host}/team/shop:1.0.0`);
		expect([await tags("podinfo"), await tags("team/shop")]).toEqual([["1.3.0", "1.4.0"], ["1.0.0"]]);
	});

	test("pushes to no other registry", async () => {
		await expect(push("ghcr.io/acme/shop:1.0.0")).rejects.toThrow(
			`ghcr.io is not the sandbox's registry: write ${sandbox.registry.host}/acme/shop:1.0.0`,
		);
	});

	test.each([
		["no tag", "podinfo", "is pushed by a tag alone"],
		["a digest", `podinfo:1.0.0@sha256:${"0".repeat(64)}`, "is pushed by a tag alone"],
		["no image", "pod info:1.0.0", "is not the name of an image: write an image like podinfo:1.2.0"],
	])("refuses %s", async (_what, named, message) => {
		await expect(push(named)).rejects.toThrow(UsageError);
		await expect(push(named)).rejects.toThrow(message);
	});
});
