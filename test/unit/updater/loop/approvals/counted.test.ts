import { describe, expect, test } from "vitest";
import type { ImagePolicyStatus } from "../../../../../src/api/image-policy.ts";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";
import type { Vote } from "../../../../../src/updater/decide/situation.ts";
import { APPROVAL_AGE_MS_MAX } from "../../../../../src/updater/loop/approvals/votes.ts";
import { VOUCHED_MS_MAX, type Vouched } from "../../../../../src/updater/loop/approvals/vouching.ts";
import type { UpdaterCluster } from "../../../../../src/updater/loop/cluster.ts";
import { createUpdater } from "../../../../../src/updater/loop/reconcile.ts";
import { digestOf, START } from "../../../../support/updater/small-world.ts";

const at = new Date(START).toISOString();
const signal = new AbortController().signal;
const KEY = "Deployment/shop/app";

const workload: KubeObject = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "app", namespace: "shop", uid: "1" } as KubeObject["metadata"],
	spec: { template: { spec: { containers: [{ name: "app", image: "ghcr.io/acme/app:1.0.0" }] } } },
};

const say = (
	user: string,
	saidAt: number,
	digest = digestOf("a"),
	decision: Vote["decision"] = "approve",
): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImageApproval",
	metadata: {
		name: `${user}-${saidAt}`,
		namespace: "shop",
		creationTimestamp: new Date(saidAt).toISOString(),
	} as KubeObject["metadata"],
	spec: { image: "ghcr.io/acme/app:1.1.0", digest, workload: { kind: "Deployment", name: "app" }, decision, user },
});

/** A workload whose image 1.1.0 waits for one approval, or for nothing. */
function world(vouched: Vouched, approvals: readonly KubeObject[], state = "AwaitingApproval") {
	const images = [
		{
			container: "app",
			role: "container",
			chosen: { tag: "1.1.0", digest: digestOf("a"), why: "newer", at, state, deadline: "2028-01-01T00:00:00Z" },
		},
	];
	let policy = {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name: "app", namespace: "shop" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
			images: [{ containers: ["app"], policy: { type: "minor" } }],
			approvals: { required: 1 },
		},
		status: { images },
	} as unknown as KubeObject;
	const deleted: string[] = [];
	let asked = 0;
	const refused = () => Promise.reject(new Error("nobody asked for that"));
	const cluster: UpdaterCluster = {
		workload: () => workload,
		policiesOn: () => [policy],
		canaryOn: () => undefined,
		primaryOf: () => undefined,
		approvals: () => approvals,
		vouched: async () => {
			asked += 1;
			return vouched;
		},
		approvalsOn: () => approvals,
		deleteApproval: async ({ metadata }) => {
			deleted.push(metadata.name);
		},
		nodePlatforms: () => [],
		isInScope: () => true,
		credentials: async () => ({ credentials: [], problems: [] }),
		hostsOf: (registry) => [registry],
		replaceStatus: async (next) => {
			policy = next;
			return next;
		},
		annotate: refused,
		writeImages: refused,
	};
	const facts = { digest: digestOf("a"), createdAt: undefined, platforms: [], at: START };
	const updater = createUpdater(
		{
			cluster,
			writeBack: { write: () => Promise.reject(new Error("nobody asked for a push")) },
			scanner: {
				want: () => {},
				knowledge: () => ({
					kind: "known",
					tags: ["1.0.0", "1.1.0"],
					facts: new Map([["1.1.0", facts]]),
					unanswered: new Map(),
					at: START,
				}),
				ask: () => {},
				hint: () => 0,
				stop: () => {},
			} as unknown as Parameters<typeof createUpdater>[0]["scanner"],
			log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
			now: () => START,
			tell: () => {},
		},
		{ schedule: "@every 1m" },
	);
	return {
		pass: () => updater.reconcile(KEY, signal),
		status: () => policy.status as ImagePolicyStatus,
		state: () => (policy.status as ImagePolicyStatus).images?.[0]?.chosen?.state,
		ready: () => (policy.status as ImagePolicyStatus).conditions?.find(({ type }) => type === "Ready"),
		deleted,
		asked: () => asked,
	};
}
const yes: Vouched = { ok: true, since: START };
const no: Vouched = { ok: false, problem: "approvals do not count: nobody vouches" };

describe("an approval", () => {
	test("counts where the API server vouches for it", async () => {
		const { pass, state } = world(yes, [say("ada", START)]);
		await pass();
		expect(state()).toBe("Writing");
	});

	test("does not where it does not, the policy says so, and it is looked at again within a minute", async () => {
		const { pass, state, ready } = world(no, [say("ada", START)]);
		await pass();
		const { wakeAfterMs } = await pass();
		expect(state()).toBe("AwaitingApproval");
		expect(ready()).toMatchObject({ reason: "ApprovalsProblem", message: "approvals do not count: nobody vouches" });
		expect(wakeAfterMs).toBe(VOUCHED_MS_MAX);
	});

	test("from before it vouched does not count", async () => {
		const { pass, state } = world(yes, [say("ada", START - 1_000)]);
		await pass();
		expect(state()).toBe("AwaitingApproval");
	});

	test("that nobody waits for makes nobody ask", async () => {
		const { pass, asked } = world(no, [say("ada", START)], "RolledOut");
		await pass();
		expect(asked()).toBe(0);
	});
});

describe("what was said long ago", () => {
	const old = START - APPROVAL_AGE_MS_MAX - 1;

	test("is deleted once nothing waits for it, ten at a time", async () => {
		const approvals = [...Array(12).keys()].map((i) => say(`user${i}`, old, digestOf("b")));
		const { pass, deleted } = world(yes, [...approvals, say("ada", START - 1_000, digestOf("b"))]);
		await pass();
		expect(deleted).toEqual(approvals.slice(0, 10).map(({ metadata }) => metadata.name));
	});

	test("is kept while something waits for it", async () => {
		const { pass, deleted } = world(yes, [say("ada", old)]);
		await pass();
		expect(deleted).toEqual([]);
	});
});
