import { describe, expect, test } from "vitest";
import type { Notice } from "../../../../src/api/canary-status.ts";
import type { ImagePolicyStatus } from "../../../../src/api/image-policy.ts";
import { RECORD_ANNOTATION } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import { ApiError, ForbiddenError } from "../../../../src/kube/errors.ts";
import type { UpdaterCluster } from "../../../../src/updater/loop/cluster.ts";
import { NOTICES_ANNOTATION } from "../../../../src/updater/loop/notices.ts";
import { createUpdater } from "../../../../src/updater/loop/reconcile.ts";
import { TOGETHER_MS } from "../../../../src/updater/loop/sources.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { deployment, ModelCluster } from "../../../support/updater/model/world.ts";
import { digestOf, START } from "../../../support/updater/small-world.ts";

const asked = { "haldane.dev/policy": "minor" };
const images = { app: "ghcr.io/acme/app:1.0.0" };

function policy(name: string, spec: object): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name, namespace: "shop" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
			images: [{ containers: ["app"], policy: { type: "minor" } }],
			...spec,
		},
	};
}

/** A process over a cluster of these objects, whose registry has one newer tag. */
function bench(...objects: readonly KubeObject[]) {
	const clock = new FakeClock(START);
	const cluster = new ModelCluster(clock);
	const told: Notice[] = [];
	const wanted = new Map<string, number>();
	for (const object of objects) cluster.put(`${object.kind}/${object.metadata.name}`, object);
	cluster.readAnew();
	const facts = { digest: digestOf("b"), createdAt: undefined, platforms: [] };
	/** What the API server, or the operator's flags, make different. */
	const ways: Partial<UpdaterCluster> = {};
	const process = () =>
		createUpdater(
			{
				cluster: { ...cluster.port({ isAlive: true }, () => {}), ...ways },
				writeBack: { write: () => Promise.reject(new Error("nobody asked for a push")) },
				scanner: {
					want: (key, list) => void wanted.set(key, list.length),
					knowledge: () => ({
						kind: "known",
						tags: ["1.0.0", "1.1.0"],
						facts: new Map([["1.1.0", { ...facts, at: clock.now() }]]),
						unanswered: new Map(),
						at: clock.now(),
					}),
					ask: () => {},
					hint: () => 0,
					tagsSeen: () => 0,
					lastScans: () => new Map(),
					stop: () => {},
				},
				log: silentLog,
				now: () => clock.now(),
				tell: (_about, notices) => void told.push(...notices),
			},
			{ schedule: "@every 1m" },
		);
	let updater = process();
	const pass = (name = "app") => updater.reconcile(`Deployment/shop/${name}`, new AbortController().signal);
	const settle = async (name = "app") => {
		for (let passes = 0; (await pass(name)).wakeAfterMs === 0; passes += 1) if (passes > 20) throw new Error("no rest");
	};
	const restart = () => {
		updater = process();
	};
	const conditions = (name: string) =>
		((cluster.get(`ImagePolicy/${name}`)?.status as ImagePolicyStatus | undefined)?.conditions ?? []).map(
			({ type, status, message }) => `${type} ${status}${status === "True" && message ? ` ${message}` : ""}`,
		);
	const ready = (name: string) => {
		const status = cluster.get(`ImagePolicy/${name}`)?.status as ImagePolicyStatus | undefined;
		return status?.conditions?.find(({ type }) => type === "Ready");
	};
	return { clock, cluster, told, wanted, pass, settle, restart, conditions, ready, ways };
}

describe("what asks for updates and cannot be obeyed", () => {
	test.each<[string, readonly KubeObject[], RegExp]>([
		[
			"an annotation",
			[deployment("app", images, { "haldane.dev/policy": "sometimes" })],
			/haldane.dev\/policy.*is no policy/,
		],
		["a schedule", [deployment("app", images), policy("app", { schedule: "soon" })], /spec.schedule/],
		["a policy that is none", [deployment("app", images), policy("app", { images: [] })], /spec.images/],
		[
			"a record that somebody edited",
			[deployment("app", images, { ...asked, [RECORD_ANNOTATION]: "{" })],
			/image-record: is not JSON/,
		],
	])("is told once, and changes nothing: %s", async (_name, objects, message) => {
		const { cluster, told, settle, wanted } = bench(...objects);
		await settle();
		await settle();
		expect(told.map(({ reason }) => reason)).toEqual(["ImageRuleInvalid"]);
		expect(told[0]?.message).toMatch(message);
		expect(cluster.get("Deployment/app")?.spec).toEqual(objects[0]?.spec);
		expect(wanted.get("Deployment/shop/app")).toBe(0);
		expect(cluster.writes).toBe(objects.length - 1);
	});

	test("stalls its ImagePolicy, until it is mended", async () => {
		const { cluster, told, settle, conditions } = bench(deployment("app", images), policy("app", { schedule: "soon" }));
		await settle();
		expect(conditions("app")).toEqual([
			"Ready False",
			"Reconciling False",
			expect.stringMatching(/^Stalled True spec.schedule/),
		]);
		const status = cluster.get("ImagePolicy/app")?.status;
		cluster.put("ImagePolicy/app", { ...policy("app", {}), status });
		cluster.readAnew();
		await settle();
		expect(conditions("app")).toContain("Stalled False");
		expect(told.map(({ reason }) => reason)).toEqual(["ImageRuleInvalid", "ImageFound", "ImageUpdated"]);
	});

	test("disturbs no other workload", async () => {
		const { cluster, settle } = bench(
			deployment("app", images, { "haldane.dev/policy": "sometimes" }),
			deployment("other", images, asked),
		);
		await settle();
		await settle("other");
		expect(JSON.stringify(cluster.get("Deployment/other")?.spec)).toContain("app:1.1.0");
	});

	test("is told under the same id by the next process, so that there is one Event", async () => {
		const { told, settle, restart } = bench(deployment("app", images, { "haldane.dev/policy": "sometimes" }));
		await settle();
		restart();
		await settle();
		expect(told).toHaveLength(2);
		expect(told[0]?.id).toBe(told[1]?.id);
	});

	test("is the second ImagePolicy of a workload, and one without a workload", async () => {
		const elsewhere = policy("lost", { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "gone" } });
		const { settle, conditions } = bench(deployment("app", images), policy("app", {}), policy("later", {}), elsewhere);
		await settle();
		await settle("gone");
		expect(conditions("app")).toContain("Stalled False");
		expect(conditions("later")).toContain(
			"Stalled True spec.targetRef: ImagePolicy app looks after Deployment app already",
		);
		expect(conditions("lost")).toContain("Stalled True spec.targetRef: there is no Deployment gone");
	});
});

describe("a workload is left alone, and its ImagePolicy says why,", () => {
	const owner = { apiVersion: "haldane.dev/v1beta1", kind: "Canary", name: "shop", uid: "1" };
	const withMeta = (metadata: object, asked: Readonly<Record<string, string>>): KubeObject => {
		const plain = deployment("app", images, asked);
		return { ...plain, metadata: { ...plain.metadata, ...metadata } };
	};
	test.each<[string, object, string]>([
		["that is being deleted", { deletionTimestamp: "2027-01-01T00:00:00Z" }, "Deployment app is being deleted"],
		[
			"that a Canary keeps as its primary",
			{ ownerReferences: [{ ...owner, controller: true }] },
			"Deployment app is what Canary shop keeps as its primary; name the Canary's target",
		],
	])("%s", async (_what, metadata, why) => {
		const workload = withMeta(metadata, asked);
		const { cluster, settle, wanted, told } = bench(workload);
		await settle();
		expect({ spec: cluster.get("Deployment/app")?.spec, told }).toEqual({ spec: workload.spec, told: [] });
		expect(wanted.get("Deployment/shop/app")).toBe(0);
		const other = bench(withMeta(metadata, {}), policy("app", {}));
		await other.settle();
		expect(other.conditions("app")).toContain(`Stalled True spec.targetRef: ${why}`);
		expect(other.cluster.get("Deployment/app")?.spec).toEqual(workload.spec);
	});

	test("and not one that a Canary merely has a hand in", async () => {
		const { cluster, settle } = bench(withMeta({ ownerReferences: [owner] }, asked));
		await settle();
		expect(JSON.stringify(cluster.get("Deployment/app")?.spec)).toContain("app:1.1.0");
	});
});

test("what a Canary keeps as its primary is not what a policy can name, and the mend is said", async () => {
	const primary = deployment("app-primary", images);
	const owner = { apiVersion: "haldane.dev/v1beta1", kind: "Canary", name: "app", uid: "1", controller: true };
	const owned = { ...primary, metadata: { ...primary.metadata, ownerReferences: [owner] } };
	const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "app-primary" };
	const { settle, ready } = bench(owned, policy("app", { targetRef }));
	await settle("app-primary");
	expect(ready("app")?.message).toBe(
		"spec.targetRef: Deployment app-primary is what Canary app keeps as its primary; name the Canary's target",
	);
});

test.each<[string, readonly KubeObject[]]>([
	["of a workload", [deployment("app", images), policy("app", {})]],
	["without a workload", [policy("app", {})]],
	["that cannot be obeyed", [deployment("app", images), policy("app", { schedule: "soon" })]],
])("in a namespace that is left alone nothing is said or written of an ImagePolicy: %s", async (_name, objects) => {
	const { cluster, told, settle, restart, ways } = bench(...objects);
	ways.isInScope = () => false;
	restart();
	await settle();
	expect({ told, writes: cluster.writes }).toEqual({ told: [], writes: 0 });
});

describe("an image that the API server will not have written", () => {
	const denied = new ForbiddenError("patch deployments shop/app: admission policy registries: not from there", {
		...{ status: 403, reason: "Forbidden" },
	});

	test.each<[string, readonly KubeObject[]]>([
		["in the policy's status", [deployment("app", images), policy("app", {})]],
		["by annotations", [deployment("app", images, asked)]],
	])("is told once, tried again, and well when it is mended: %s", async (_name, objects) => {
		const { told, settle, restart, ways, ready } = bench(...objects);
		ways.writeImages = () => Promise.reject(denied);
		restart();
		for (let tries = 0; tries < 3; tries += 1) await expect(settle()).rejects.toBe(denied);
		expect(told.map(({ reason }) => reason)).toEqual(["ImageFound", "ImageWriteFailed"]);
		expect(told.at(-1)?.message).toBe(denied.message);
		if (objects.length > 1)
			expect(ready("app")).toMatchObject({ status: "False", reason: "WriteProblem", message: denied.message });
		delete ways.writeImages;
		restart();
		await settle();
		expect(told.at(-1)?.reason).toBe("ImageUpdated");
		if (objects.length > 1) expect(ready("app")).toMatchObject({ status: "True", reason: "UpToDate" });
	});

	test("is nothing to tell when it goes better the next time", async () => {
		const { told, settle, restart, ways } = bench(deployment("app", images, asked));
		ways.writeImages = () => Promise.reject(new ApiError("no answer", { status: 0, reason: "Unreachable" }));
		restart();
		await expect(settle()).rejects.toThrow("no answer");
		expect(told.map(({ reason }) => reason)).toEqual(["ImageFound"]);
	});

	test("is told once also where it is the policy's status", async () => {
		const { told, settle, restart, ways } = bench(deployment("app", images), policy("app", {}));
		ways.replaceStatus = () => Promise.reject(denied);
		restart();
		for (let tries = 0; tries < 3; tries += 1) await expect(settle()).rejects.toBe(denied);
		expect(told.map(({ reason }) => reason)).toEqual(["ImageWriteFailed"]);
	});
});

test("a policy that is applied together with its workload, and before it, is told nothing of that", async () => {
	const first = policy("app", {});
	const young = { ...first, metadata: { ...first.metadata, creationTimestamp: new Date(START - 1_000).toISOString() } };
	const { clock, cluster, told, pass, settle, ready } = bench(young);
	expect(await pass()).toEqual({ wakeAfterMs: TOGETHER_MS - 1_000 });
	expect(cluster.writes).toBe(0);
	await clock.advance(TOGETHER_MS - 1_000);
	await settle();
	expect(told.map(({ reason }) => reason)).toEqual(["ImageRuleInvalid"]);
	expect(ready("app")?.message).toBe("spec.targetRef: there is no Deployment app");
});

describe("what was decided", () => {
	test.each<[string, readonly KubeObject[]]>([
		["in the policy's status", [deployment("app", images), policy("app", {})]],
		["in an annotation", [deployment("app", images, asked)]],
	])("is told again after a restart while it is young, with no more writes: %s", async (_name, objects) => {
		const { clock, cluster, told, settle, restart } = bench(...objects);
		await settle();
		const first = told.splice(0);
		expect(first.map(({ reason }) => reason)).toEqual(["ImageFound", "ImageUpdated"]);
		const { writes } = cluster;
		restart();
		await settle();
		expect(told.splice(0)).toEqual(first);
		await clock.advance(600_000);
		restart();
		await settle();
		expect({ told, writes: cluster.writes }).toEqual({ told: [], writes });
	});

	test("is told nobody twice where the annotation is spoilt", async () => {
		const { told, settle } = bench(deployment("app", images, { ...asked, [NOTICES_ANNOTATION]: "[{" }));
		await settle();
		expect(told.map(({ reason }) => reason)).toEqual(["ImageFound", "ImageUpdated"]);
	});
});
