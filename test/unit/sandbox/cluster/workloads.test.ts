import { describe, expect, test } from "vitest";
import { Refusal } from "../../../../src/sandbox/contract.ts";
import { conditionText, createStage, deploymentOf, imageChange, podSpec } from "./stage.ts";

const CART = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart" };
const AGENT = { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "shop", name: "agent" };
const SCALER = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", namespace: "shop", name: "cart" };

function agentOf(image: string): Parameters<ReturnType<typeof createStage>["api"]["create"]>[0] {
	const labels = { app: "agent" };
	return {
		apiVersion: AGENT.apiVersion,
		kind: AGENT.kind,
		metadata: { name: "agent", namespace: "shop" },
		spec: {
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: podSpec(image) },
			updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
		},
	};
}

describe("a DaemonSet", () => {
	test("has one pod on each node, and is rolled node by node", async () => {
		const stage = createStage();
		stage.api.create(agentOf("podinfo:1.2.0"));
		const status = () => (stage.api.get(AGENT)?.status ?? {}) as Record<string, number>;
		await stage.clock.until(() => status().numberAvailable === 3);
		expect(stage.pods().map(({ spec }) => spec.nodeName)).toEqual(["sandbox-1", "sandbox-2", "sandbox-3"]);
		let least = 3;
		stage.api.watch({ apiVersion: "v1", kind: "Pod" }, () => {
			const serving = stage.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined);
			least = Math.min(least, serving.filter((pod) => conditionText(pod, "Ready")?.startsWith("True")).length);
		});
		stage.api.patch(AGENT, imageChange("podinfo:1.3.0"));
		const isRolled = () => status().observedGeneration === 2 && status().updatedNumberScheduled === 3;
		await stage.clock.until(() => isRolled() && status().numberAvailable === 3);
		expect(least).toBe(2);
		expect(
			stage
				.pods()
				.map(({ spec }) => spec.nodeName)
				.sort(),
		).toEqual(["sandbox-1", "sandbox-2", "sandbox-3"]);
		const revisions = stage.api.list({ apiVersion: "apps/v1", kind: "ControllerRevision" }, { namespace: "shop" });
		expect(revisions.map(({ revision }) => revision)).toEqual([1, 2]);
		expect(stage.reports).toEqual([]);
		await stage.cluster.stop();
	});
});

describe("a Deployment with another strategy or state", () => {
	test("that is recreated has never pods of two templates", async () => {
		const stage = createStage();
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { strategy: { type: "Recreate" } }));
		const isOn = (image: string) => () =>
			stage.pods().length === 3 &&
			stage.pods().every((pod) => pod.spec.containers[0]?.image === image) &&
			stage.deployment("cart")?.status?.availableReplicas === 3;
		await stage.clock.until(isOn("podinfo:1.2.0"));
		const mixes: number[] = [];
		stage.api.watch({ apiVersion: "v1", kind: "Pod" }, () => {
			mixes.push(new Set(stage.pods().map((pod) => pod.spec.containers[0]?.image)).size);
		});
		stage.api.patch(CART, imageChange("podinfo:1.3.0"));
		await stage.clock.until(isOn("podinfo:1.3.0"));
		expect(Math.max(...mixes)).toBe(1);
		await stage.cluster.stop();
	});

	test("that is paused keeps its template and is scaled", async () => {
		const stage = createStage();
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 3);
		stage.api.patch(CART, { spec: { paused: true, replicas: 5, ...imageChange("podinfo:1.3.0").spec } });
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 5);
		expect(stage.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(5).fill("podinfo:1.2.0"));
		expect(conditionText(stage.deployment("cart"), "Progressing")).toBe("Unknown DeploymentPaused");
		stage.api.patch(CART, { spec: { paused: false } });
		await stage.clock.until(() => stage.deployment("cart")?.status?.updatedReplicas === 5);
		expect(stage.sets()).toHaveLength(2);
		await stage.cluster.stop();
	});

	test("keeps no more old ReplicaSets than it may", async () => {
		const stage = createStage();
		stage.api.create(deploymentOf("cart", "podinfo:1.0.0", { revisionHistoryLimit: 1 }));
		for (const image of ["podinfo:1.0.0", "podinfo:1.1.0", "podinfo:1.2.0", "podinfo:1.3.0"]) {
			stage.api.patch(CART, imageChange(image));
			await stage.clock.until(
				() => conditionText(stage.deployment("cart"), "Progressing") === "True NewReplicaSetAvailable",
			);
			await stage.clock.until(() => stage.pods().every((pod) => pod.spec.containers[0]?.image === image));
		}
		await stage.settle();
		expect(stage.sets().map(({ spec }) => spec.template.spec.containers[0]?.image)).toEqual([
			"podinfo:1.2.0",
			"podinfo:1.3.0",
		]);
		await stage.cluster.stop();
	});

	test("waits for pods to have been ready long enough", async () => {
		const stage = createStage();
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { minReadySeconds: 30 }));
		await stage.clock.until(() => stage.deployment("cart")?.status?.readyReplicas === 3);
		expect(stage.deployment("cart")?.status?.availableReplicas).toBeUndefined();
		await stage.clock.advance(29_000);
		expect(stage.deployment("cart")?.status?.availableReplicas).toBeUndefined();
		await stage.clock.advance(1_000);
		expect(stage.deployment("cart")?.status?.availableReplicas).toBe(3);
		await stage.cluster.stop();
	});
});

describe("a ReplicaSet", () => {
	test("whose name is taken is given another", async () => {
		const stage = createStage();
		const first = stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 1 }));
		await stage.settle();
		const [taken] = stage.sets();
		stage.api.delete(CART, { propagation: "Orphan" });
		const stranger = { app: "stranger" };
		const ref = { apiVersion: "apps/v1", kind: "ReplicaSet", namespace: "shop", name: taken?.metadata.name ?? "" };
		await stage.clock.until(() => stage.deployment("cart") === undefined);
		stage.api.patch(ref, { metadata: { labels: stranger } });
		const next = stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 1 }));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 1);
		const own = stage.sets().filter((set) => set.metadata.ownerReferences?.[0]?.uid === next.metadata.uid);
		expect(first.metadata.uid).not.toBe(next.metadata.uid);
		expect(own).toHaveLength(1);
		expect(own[0]?.metadata.name).not.toBe(taken?.metadata.name);
		expect(stage.deployment("cart")?.status?.collisionCount).toBe(1);
		await stage.cluster.stop();
	});

	test("says of pods that are refused why, and makes them once they aren't", async () => {
		const stage = createStage();
		const failure = () => conditionText(stage.deployment("cart"), "ReplicaFailure");
		stage.api.refuse("Pod", new Refusal(422, "Invalid", 'pods "cart-1" is forbidden: no'));
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
		await stage.clock.until(() => failure() === "True FailedCreate");
		expect(stage.events()).toContain('FailedCreate: Error creating: pods "cart-1" is forbidden: no');
		expect(conditionText(stage.sets()[0], "ReplicaFailure")).toBe("True FailedCreate");
		await stage.clock.advance(10_000);
		const told = stage.api.list({ apiVersion: "v1", kind: "Event" }, { namespace: "shop" });
		expect(told.filter(({ reason }) => reason === "FailedCreate").map(({ count }) => count)).toEqual([1]);
		expect(stage.pods()).toEqual([]);
		expect(stage.reports).toEqual([]);
		stage.api.refuse("Pod");
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 3);
		expect(failure()).toBeUndefined();
		await stage.cluster.stop();
	});

	test("makes no more pods than the sandbox holds, says so, and makes the rest when there is room", async () => {
		const stage = createStage({ podsMax: 10 });
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 7 }));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 7);
		stage.api.create(deploymentOf("till", "podinfo:1.2.0", { replicas: 5 }));
		await stage.clock.until(() => stage.deployment("till")?.status?.availableReplicas === 3);
		expect(stage.pods()).toHaveLength(10);
		expect(stage.events()).toContain("FailedCreate: Error creating: the sandbox has no more than 10 pods");
		stage.api.patch(CART, { spec: { replicas: 4 } });
		await stage.clock.until(() => stage.deployment("till")?.status?.availableReplicas === 5);
		await stage.cluster.stop();
	});
});

describe("work that fails", () => {
	test("is reported and done again; a conflict is done again", async () => {
		const stage = createStage();
		await stage.settle();
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
		stage.api.failNext(new Refusal(409, "Conflict", "somebody else was first"));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 3);
		expect(stage.reports).toEqual([]);
		stage.api.patch(CART, { spec: { replicas: 4 } });
		stage.api.failNext(new Refusal(500, "InternalError", "the disk is full"));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 4);
		expect(stage.reports).toEqual(["deployments shop/cart: Refusal: the disk is full"]);
		await stage.cluster.stop();
	});
});

describe("an autoscaler", () => {
	const scaler = {
		apiVersion: SCALER.apiVersion,
		kind: SCALER.kind,
		metadata: { name: "cart", namespace: "shop" },
		spec: {
			scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			minReplicas: 2,
			maxReplicas: 5,
			metrics: [
				{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
			],
		},
	};

	test("has more pods when they are busy, and fewer when they have been idle for long, within its bounds", async () => {
		let percent = 100;
		const stage = createStage({ cpuOf: () => percent });
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
		await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 3);
		stage.api.create(scaler);
		await stage.settle();
		expect(stage.deployment("cart")?.spec.replicas).toBe(5);
		expect(conditionText(stage.api.get(SCALER), "ScalingLimited")).toBe("True TooManyReplicas");
		percent = 1;
		await stage.clock.advance(200_000);
		expect(stage.deployment("cart")?.spec.replicas).toBe(5);
		await stage.clock.advance(200_000);
		expect(stage.deployment("cart")?.spec.replicas).toBe(2);
		expect(stage.api.get(SCALER)?.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
		await stage.cluster.stop();
	});

	test("says that its target isn't there", async () => {
		const stage = createStage();
		stage.api.create(scaler);
		await stage.settle();
		expect(conditionText(stage.api.get(SCALER), "AbleToScale")).toBe("False FailedGetScale");
		await stage.cluster.stop();
	});
});
