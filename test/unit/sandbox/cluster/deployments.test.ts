import { describe, expect, test } from "vitest";
import { conditionText, createStage, deploymentOf, imageChange, podSpec, type Stage } from "./stage.ts";

const CART = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart" };

async function standing(spec: object = {}): Promise<Stage> {
	const stage = createStage();
	stage.api.create(deploymentOf("cart", "podinfo:1.2.0", spec));
	await stage.clock.until(() => isDone(stage));
	return stage;
}

function isDone(stage: Stage): boolean {
	const cart = stage.deployment("cart");
	const { observedGeneration, replicas = 0, availableReplicas = 0, updatedReplicas = 0 } = cart?.status ?? {};
	const wanted = cart?.spec.replicas;
	const counts = [replicas, availableReplicas, updatedReplicas];
	return observedGeneration === cart?.metadata.generation && counts.every((count) => count === wanted);
}

describe("a Deployment", () => {
	test("becomes pods that are ready, by way of a ReplicaSet", async () => {
		const stage = await standing();
		await stage.settle();
		const [set, ...others] = stage.sets();
		const hash = set?.metadata.labels?.["pod-template-hash"];
		expect(others).toEqual([]);
		expect(set?.metadata.name).toBe(`cart-${hash}`);
		expect(stage.pods().map((pod) => pod.metadata.labels)).toEqual(
			Array.from({ length: 3 }, () => ({ app: "cart", "pod-template-hash": hash })),
		);
		expect(stage.pods().map((pod) => pod.spec.nodeName)).toEqual(["sandbox-1", "sandbox-2", "sandbox-3"]);
		expect(stage.deployment("cart")?.status).toMatchObject({
			observedGeneration: 1,
			replicas: 3,
			updatedReplicas: 3,
			readyReplicas: 3,
			availableReplicas: 3,
		});
		expect(conditionText(stage.deployment("cart"), "Available")).toBe("True MinimumReplicasAvailable");
		// What was said last comes last, as the real controller has it.
		const types = stage.deployment("cart")?.status?.conditions?.map(({ type }) => type);
		expect(types).toEqual(["Available", "Progressing"]);
		expect(conditionText(stage.deployment("cart"), "Progressing")).toBe("True NewReplicaSetAvailable");
		expect(stage.deployment("cart")?.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
		expect(stage.reports).toEqual([]);
		await stage.cluster.stop();
	});

	test("keeps its promise of availability while it is rolled", async () => {
		const stage = await standing({
			replicas: 4,
			strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
		});
		const seen = { least: 4, most: 0 };
		stage.api.watch({ apiVersion: "v1", kind: "Pod" }, () => {
			const active = stage.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined);
			const ready = active.filter((pod) => conditionText(pod, "Ready")?.startsWith("True"));
			seen.least = Math.min(seen.least, ready.length);
			seen.most = Math.max(seen.most, active.length);
		});
		const env = [{ name: "READY_AFTER", value: "2s" }];
		const { containers } = podSpec("podinfo:1.3.0") as { containers: readonly object[] };
		const spec = { containers: containers.map((container) => ({ ...container, env })) };
		stage.api.patch(CART, { spec: { template: { spec } } });
		await stage.clock.until(() => isDone(stage));
		expect(seen).toEqual({ least: 3, most: 5 });
		await stage.clock.until(() => stage.pods().length === 4);
		expect(stage.pods().every((pod) => pod.spec.containers[0]?.image === "podinfo:1.3.0")).toBe(true);
		await stage.cluster.stop();
	});

	test.each([
		["that isn't there", "podinfo:1.3.0-missing", "Pending", "ImagePullBackOff"],
		["that crashes", "podinfo:1.3.0-crash", "Running", "CrashLoopBackOff"],
		["that is never ready", "podinfo:1.3.0-unready", "Running", undefined],
	])("keeps the old pods when it is given an image %s, and says so in time", async (_name, image, phase, reason) => {
		const stage = await standing({ progressDeadlineSeconds: 60 });
		const old = stage.pods().map((pod) => pod.metadata.name);
		stage.api.patch(CART, imageChange(image));
		await stage.clock.until(() => conditionText(stage.deployment("cart"), "Progressing")?.startsWith("False") === true);
		expect(conditionText(stage.deployment("cart"), "Progressing")).toBe("False ProgressDeadlineExceeded");
		expect(conditionText(stage.deployment("cart"), "Available")).toBe("True MinimumReplicasAvailable");
		const pods = stage.pods();
		expect(pods.map((pod) => pod.metadata.name)).toEqual(expect.arrayContaining(old));
		const stuck = pods.filter((pod) => !old.includes(pod.metadata.name));
		const waiting = stuck.map(
			(pod) => pod.status?.containerStatuses?.[0]?.state?.waiting as { reason?: string } | undefined,
		);
		expect([stuck.map((pod) => pod.status?.phase), waiting.map((one) => one?.reason)]).toEqual([[phase], [reason]]);
		await stage.cluster.stop();
	});

	test("goes back to the ReplicaSet of an older template, under a new revision", async () => {
		const stage = await standing();
		const [first] = stage.sets();
		stage.api.patch(CART, imageChange("podinfo:1.3.0"));
		await stage.clock.until(() => isDone(stage));
		stage.api.patch(CART, imageChange("podinfo:1.2.0"));
		await stage.clock.until(() => isDone(stage));
		await stage.settle();
		expect(stage.sets()).toHaveLength(2);
		const again = stage.sets().find((set) => set.metadata.uid === first?.metadata.uid);
		expect(again?.spec.replicas).toBe(3);
		expect(again?.metadata.annotations).toMatchObject({
			"deployment.kubernetes.io/revision": "3",
			"deployment.kubernetes.io/revision-history": "1",
		});
		expect(stage.deployment("cart")?.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("3");
		await stage.cluster.stop();
	});

	test.each([0, 1, 7])("is scaled to %i", async (replicas) => {
		const stage = await standing();
		stage.api.patch(CART, { spec: { replicas } });
		await stage.clock.until(() => isDone(stage));
		await stage.clock.until(() => stage.pods().length === replicas);
		expect(stage.sets().map((set) => set.spec.replicas)).toEqual([replicas]);
		expect(conditionText(stage.deployment("cart"), "Progressing")).toBe("True NewReplicaSetAvailable");
		await stage.cluster.stop();
	});
});
