import { describe, expect, test } from "vitest";
import { behaviourIn } from "../../../../src/sandbox/cluster/pods/behaviour.ts";
import { createImages } from "../../../../src/sandbox/cluster/pods/images.ts";
import { latencyMs } from "../../../../src/sandbox/cluster/pods/pod-server.ts";
import { chanceFrom } from "../../../support/random.ts";
import { createStage, deploymentOf, podSpec } from "./stage.ts";

describe("an image", () => {
	const good = { errorRate: 0, p50Ms: 5, p99Ms: 20, start: "ready", readyAfterMs: 0 };

	test.each([
		["any tag", "podinfo:1.2.0", {}, {}],
		["no tag, at a registry with a port", "localhost:5000/podinfo", {}, {}],
		["a digest behind the tag", "podinfo:1.2.0-error5@sha256:abc", {}, { errorRate: 0.05 }],
		["errors, how many", "podinfo:1.3.0-error5", {}, { errorRate: 0.05 }],
		["errors alone", "podinfo:1.3.0-errors", {}, { errorRate: 1 }],
		["slow", "podinfo:1.3.0-slow", {}, { p50Ms: 500, p99Ms: 1_000 }],
		["slow, how slow", "podinfo:1.3.0-slow300ms", {}, { p50Ms: 300, p99Ms: 600 }],
		["two words", "podinfo:1.3.0-error50-slow1s", {}, { errorRate: 0.5, p50Ms: 1_000, p99Ms: 2_000 }],
		["missing", "podinfo:1.3.0-missing", {}, { start: "ImagePullBackOff" }],
		["crash", "podinfo:1.3.0-crash", {}, { start: "CrashLoopBackOff" }],
		["unready", "podinfo:1.3.0-unready", {}, { start: "never ready" }],
		["a word in the name says nothing", "crash-errors/podinfo-slow:1.2.0", {}, {}],
		[
			"environment over tag",
			"podinfo:1-error5",
			{ ERROR_RATE: "20%", P50: "10ms" },
			{ errorRate: 0.2, p50Ms: 10, p99Ms: 40 },
		],
		["more environment", "podinfo:1", { P99: "300ms", READY_AFTER: "2s" }, { p99Ms: 300, readyAfterMs: 2_000 }],
		["a share", "podinfo:1", { ERROR_RATE: "0.25" }, { errorRate: 0.25 }],
		["more than all", "podinfo:1-error200", {}, { errorRate: 1 }],
		["what cannot be read", "podinfo:1", { ERROR_RATE: "many", P50: "soon", READY_AFTER: "" }, {}],
	])("%s", (_name, image, env, expected) => {
		expect(behaviourIn(image, env)).toEqual({ ...good, text: `Hello from ${image}`, ...expected });
	});

	test("behaves as a person has set, whatever tag and environment say", () => {
		const images = createImages();
		let calls = 0;
		const end = images.onChange(() => {
			calls += 1;
		});
		images.set("podinfo:1-error5", { errorRate: 0.5, p99Ms: 3 });
		end();
		images.set("podinfo:1-error5", { errorRate: 0.5, p99Ms: 3, text: "hi" });
		expect(calls).toBe(1);
		expect(images.behaviourOf("podinfo:1-error5", { ERROR_RATE: "9%" })).toEqual({
			...{ ...good, errorRate: 0.5, p50Ms: 3, p99Ms: 3 },
			text: "hi",
		});
		expect(() => images.set("podinfo:1", { errorRate: 5 })).toThrow(RangeError);
		expect(() => images.set("podinfo:1", { p50Ms: Number.NaN })).toThrow(RangeError);
		expect(images.behaviourOf("podinfo:1", {})).toMatchObject(good);
		images.set("podinfo:1-error5", {});
		expect(images.behaviourOf("podinfo:1-error5", {})).toMatchObject({
			...good,
			errorRate: 0.05,
			text: "Hello from podinfo:1-error5",
		});
	});

	test("answers with the wanted middle and slowest hundredth", () => {
		const { next } = chanceFrom(7);
		const draws = Array.from({ length: 20_000 }, () => latencyMs(50, 300, next)).sort((one, other) => one - other);
		expect(Math.abs((draws[10_000] ?? 0) - 50)).toBeLessThan(3);
		expect(Math.abs((draws[19_800] ?? 0) - 300)).toBeLessThan(30);
		expect(draws.at(-1)).toBeLessThanOrEqual(900);
	});
});

describe("a pod", () => {
	const pod = (image: string, spec: object = {}) => ({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name: "one", namespace: "shop" },
		spec: { ...podSpec(image), ...spec },
	});

	test("is bound, started and ready, and says so", async () => {
		const stage = createStage();
		await stage.settle();
		stage.api.create(pod("podinfo:1.2.0"));
		await stage.settle();
		expect(stage.pods()[0]).toMatchObject({
			spec: { nodeName: "sandbox-1" },
			status: {
				phase: "Running",
				podIP: "10.244.1.2",
				podIPs: [{ ip: "10.244.1.2" }],
				qosClass: "BestEffort",
				containerStatuses: [
					{ name: "main", image: "podinfo:1.2.0", ready: true, started: true, restartCount: 0, state: { running: {} } },
				],
			},
		});
		expect(stage.events()).toEqual([
			"Scheduled: Successfully assigned shop/one to sandbox-1",
			'Pulled: Container image "podinfo:1.2.0" already present on machine',
			"Created: Created container: main",
			"Started: Started container main",
		]);
		await stage.cluster.stop();
	});

	test("that crashes is started again, each time later", async () => {
		const stage = createStage();
		stage.api.create(pod("podinfo:1.3.0-crash"));
		const status = () => stage.pods()[0]?.status?.containerStatuses?.[0];
		await stage.settle();
		const counts: unknown[] = [];
		for (const seconds of [9, 1, 19, 1, 39, 1]) {
			await stage.clock.advance(seconds * 1_000);
			counts.push(status()?.restartCount);
		}
		expect(counts).toEqual([1, 2, 2, 3, 3, 4]);
		expect(status()?.state).toMatchObject({ waiting: { reason: "CrashLoopBackOff" } });
		expect(status()?.lastState).toMatchObject({ terminated: { exitCode: 1, reason: "Error" } });
		stage.images.set("podinfo:1.3.0-crash", { start: "ready" });
		await stage.settle();
		expect(status()).toMatchObject({ ready: true, restartCount: 4, state: { running: {} } });
		await stage.cluster.stop();
	});

	test("becomes ready when its image comes to be there", async () => {
		const stage = createStage();
		stage.api.create(pod("podinfo:1.3.0-missing"));
		await stage.settle();
		expect(conditionsOf(stage.pods()[0])).toMatchObject({ PodScheduled: "True", Ready: "False" });
		stage.images.set("podinfo:1.3.0-missing", { start: "ready" });
		await stage.settle();
		expect(conditionsOf(stage.pods()[0])).toMatchObject({ Ready: "True", ContainersReady: "True" });
		await stage.cluster.stop();
	});

	test("reads its environment from ConfigMaps and Secrets when it is started", async () => {
		const stage = createStage();
		const metadata = { name: "tuning", namespace: "shop" };
		stage.api.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { READY_AFTER: "5s" } });
		stage.api.create({ apiVersion: "v1", kind: "Secret", metadata, data: { after: btoa("9s") } });
		const readyAfter = async (name: string, env: object) => {
			const containers = [{ name: "main", image: "podinfo:1.2.0", ...env }];
			stage.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" }, spec: { containers } });
			const start = stage.clock.now();
			const found = () => stage.pods().find((one) => one.metadata.name === name);
			await stage.clock.until(() => conditionsOf(found()).Ready === "True");
			return stage.clock.now() - start;
		};
		const secretKeyRef = { name: "tuning", key: "after" };
		expect(await readyAfter("all", { envFrom: [{ configMapRef: { name: "tuning" } }] })).toBe(5_000);
		expect(await readyAfter("one", { env: [{ name: "READY_AFTER", valueFrom: { secretKeyRef } }] })).toBe(9_000);
		const lost = { configMapKeyRef: { name: "tuning", key: "elsewhere" } };
		expect(await readyAfter("none", { env: [{ name: "READY_AFTER", valueFrom: lost }] })).toBe(0);
		await stage.cluster.stop();
	});

	test("goes when its requests have had time to end", async () => {
		const stage = createStage();
		stage.api.create(pod("podinfo:1.2.0"));
		await stage.settle();
		stage.api.delete({ apiVersion: "v1", kind: "Pod", namespace: "shop", name: "one" });
		await stage.clock.advance(400);
		expect(stage.pods()).toHaveLength(1);
		await stage.clock.advance(200);
		expect(stage.pods()).toHaveLength(0);
		await stage.cluster.stop();
	});

	test("waits for a node that it fits on", async () => {
		const stage = createStage();
		stage.api.create(pod("podinfo:1.2.0", { nodeSelector: { disk: "fast" } }));
		await stage.settle();
		expect(conditionsOf(stage.pods()[0])).toEqual({ PodScheduled: "False" });
		stage.api.patch({ apiVersion: "v1", kind: "Node", name: "sandbox-3" }, { metadata: { labels: { disk: "fast" } } });
		await stage.clock.until(() => conditionsOf(stage.pods()[0]).Ready === "True");
		expect(stage.pods()[0]?.spec.nodeName).toBe("sandbox-3");
		await stage.cluster.stop();
	});

	test("of the same ReplicaSet is never one too many", async () => {
		const stage = createStage();
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 120 }));
		let most = 0;
		stage.api.watch({ apiVersion: "v1", kind: "Pod" }, () => {
			most = Math.max(most, stage.pods().length);
		});
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 120);
		expect(most).toBe(120);
		expect(new Set(stage.pods().map(({ status }) => status?.podIP)).size).toBe(120);
		await stage.cluster.stop();
	});
});

function conditionsOf(
	pod: { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } } | undefined,
) {
	return Object.fromEntries((pod?.status?.conditions ?? []).map(({ type, status }) => [type, status]));
}
