import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { createStage, deploymentOf, type Stage } from "./stage.ts";

const CART = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart" };
const CONFIG = { apiVersion: "v1", kind: "ConfigMap" };

async function standing(): Promise<Stage> {
	const stage = createStage();
	stage.api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
	stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
	await stage.clock.until(() => stage.deployment("cart")?.status?.availableReplicas === 3);
	return stage;
}

function configOf(name: string, owners: readonly KubeObject[] = [], metadata: object = {}): KubeObject {
	const ownerReferences = owners.map((owner) => ({
		apiVersion: owner.apiVersion,
		kind: owner.kind,
		name: owner.metadata.name,
		uid: owner.metadata.uid ?? "",
		blockOwnerDeletion: true,
	}));
	return { ...CONFIG, metadata: { name, namespace: "shop", ownerReferences, ...metadata } };
}

describe("garbage", () => {
	test("is what a deleted Deployment leaves behind", async () => {
		const stage = await standing();
		stage.api.delete(CART, { propagation: "Background" });
		expect(stage.deployment("cart")).toBeUndefined();
		await stage.clock.until(() => stage.sets().length === 0 && stage.pods().length === 0);
		expect(stage.reports).toEqual([]);
		await stage.cluster.stop();
	});

	test("goes before its owner when that is asked for", async () => {
		const stage = await standing();
		const gone: string[] = [];
		for (const kind of ["Deployment", "ReplicaSet"]) {
			stage.api.watch({ apiVersion: "apps/v1", kind }, ({ type }) => type === "DELETED" && gone.push(kind));
		}
		stage.api.watch({ apiVersion: "v1", kind: "Pod" }, ({ type }) => type === "DELETED" && gone.push("Pod"));
		stage.api.delete(CART, { propagation: "Foreground" });
		expect(stage.deployment("cart")?.metadata.finalizers).toEqual(["foregroundDeletion"]);
		await stage.clock.until(() => stage.deployment("cart") === undefined);
		await stage.settle();
		expect(gone).toEqual(["Pod", "Pod", "Pod", "ReplicaSet", "Deployment"]);
		await stage.cluster.stop();
	});

	test("stays behind as an orphan, and is adopted again", async () => {
		const stage = await standing();
		const pods = stage.pods().map(({ metadata }) => metadata.uid);
		stage.api.delete(CART, { propagation: "Orphan" });
		await stage.clock.until(() => stage.deployment("cart") === undefined);
		await stage.settle();
		expect(stage.sets().map(({ metadata }) => metadata.ownerReferences)).toEqual([[]]);
		const next = stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
		await stage.settle();
		expect(stage.sets().map(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid))).toEqual([
			[next.metadata.uid],
		]);
		expect(stage.pods().map(({ metadata }) => metadata.uid)).toEqual(pods);
		await stage.cluster.stop();
	});

	test("is not what has an owner left", async () => {
		const stage = createStage();
		const [one, other] = [stage.api.create(configOf("one")), stage.api.create(configOf("other"))];
		stage.api.create(configOf("both", [one, other]));
		stage.api.delete({ ...CONFIG, namespace: "shop", name: "one" });
		await stage.settle();
		const both = stage.api.get({ ...CONFIG, namespace: "shop", name: "both" });
		expect(both?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(["other"]);
		stage.api.delete({ ...CONFIG, namespace: "shop", name: "other" });
		await stage.settle();
		expect(stage.api.get({ ...CONFIG, namespace: "shop", name: "both" })).toBeUndefined();
		await stage.cluster.stop();
	});

	test("is what names an owner of another uid", async () => {
		const stage = createStage();
		const one = stage.api.create(configOf("one"));
		const former = { ...one, metadata: { ...one.metadata, uid: "former" } };
		stage.api.create(configOf("left", [former]));
		await stage.settle();
		expect(stage.api.get({ ...CONFIG, namespace: "shop", name: "left" })).toBeUndefined();
		await stage.cluster.stop();
	});
});

test("custom objects are garbage too, from the moment that they are served", async () => {
	const stage = createStage();
	const spec = {
		group: "example.com",
		scope: "Namespaced",
		names: { kind: "Shop" },
		versions: [{ name: "v1", storage: true }],
	};
	const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
	stage.api.create({ ...crd, metadata: { name: "shops.example.com" }, spec });
	await stage.settle();
	const owner = stage.api.create(configOf("owner"));
	const shop = stage.api.create({ ...configOf("corner", [owner]), apiVersion: "example.com/v1", kind: "Shop" });
	stage.api.create(configOf("till", [shop]));
	await stage.settle();
	expect(stage.api.get({ ...CONFIG, namespace: "shop", name: "till" })).toBeDefined();
	stage.api.delete({ ...CONFIG, namespace: "shop", name: "owner" });
	await stage.settle();
	expect(stage.api.list({ apiVersion: "example.com/v1", kind: "Shop" })).toEqual([]);
	expect(stage.api.get({ ...CONFIG, namespace: "shop", name: "till" })).toBeUndefined();
	await stage.cluster.stop();
});

describe("a namespace", () => {
	test("is furnished, and stays so", async () => {
		const stage = await standing();
		await stage.settle();
		const names = () => [
			stage.api.get({ apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "default" })?.metadata.name,
			stage.api.get({ ...CONFIG, namespace: "shop", name: "kube-root-ca.crt" })?.metadata.name,
		];
		expect(names()).toEqual(["default", "kube-root-ca.crt"]);
		stage.api.delete({ ...CONFIG, namespace: "shop", name: "kube-root-ca.crt" });
		await stage.settle();
		expect(names()).toEqual(["default", "kube-root-ca.crt"]);
		await stage.cluster.stop();
	});

	test("that is deleted takes with it what is in it", async () => {
		const stage = await standing();
		stage.api.create(configOf("kept", [], { finalizers: ["example.com/wait"] }));
		stage.api.delete({ apiVersion: "v1", kind: "Namespace", name: "shop" });
		await stage.clock.advance(60_000);
		expect(stage.pods()).toEqual([]);
		const namespace = () => stage.api.get({ apiVersion: "v1", kind: "Namespace", name: "shop" });
		expect(namespace()?.status).toMatchObject({ phase: "Terminating" });
		stage.api.patch({ ...CONFIG, namespace: "shop", name: "kept" }, { metadata: { finalizers: [] } });
		await stage.clock.until(() => namespace() === undefined);
		expect(stage.api.list(CONFIG, { namespace: "shop" })).toEqual([]);
		await stage.cluster.stop();
	});
});

test("an event is forgotten an hour after it last happened, and the same one is counted", async () => {
	const stage = createStage();
	stage.api.create(deploymentOf("cart", "podinfo:1.2.0-missing", { replicas: 1 }));
	await stage.settle();
	const counts = () =>
		stage.api.list({ apiVersion: "v1", kind: "Event" }).map(({ reason, count }) => `${reason} ${count}`);
	const first = ["ScalingReplicaSet 1", "SuccessfulCreate 1", "Scheduled 1", "Failed 1", "Failed 1", "BackOff 1"];
	expect(counts().sort()).toEqual([...first].sort());
	await stage.clock.advance(1_800_000);
	for (const replicas of [0, 1]) {
		stage.api.patch(CART, { spec: { replicas } });
		await stage.settle();
	}
	expect(counts()).toContain("ScalingReplicaSet 2");
	await stage.clock.advance(1_800_000);
	expect(counts()).toContain("ScalingReplicaSet 2");
	expect(counts().filter((text) => text.startsWith("Scheduled"))).toHaveLength(1);
	await stage.clock.advance(1_810_000);
	expect(counts()).toEqual([]);
	await stage.cluster.stop();
});

describe("the nodes", () => {
	test("are three, and Ready", async () => {
		const stage = createStage();
		await stage.settle();
		const nodes = stage.api.list({ apiVersion: "v1", kind: "Node" });
		expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["sandbox-1", "sandbox-2", "sandbox-3"]);
		for (const { status } of nodes) {
			const { conditions } = status as { conditions: readonly object[] };
			expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
		}
		await stage.cluster.stop();
	});
});
