import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";
import type { ImageReference } from "../../../../../src/updater/image-reference.ts";
import { parseImageReference } from "../../../../../src/updater/image-reference.ts";
import { APPROVAL_AGE_MS_MAX, spentApprovals, votesFor } from "../../../../../src/updater/loop/approvals/votes.ts";
import { digestOf } from "../../../../support/updater/small-world.ts";

const AT = Date.parse("2027-01-04T10:00:00Z");
const parsed = parseImageReference("ghcr.io/acme/app:1.0.0");
const written = (parsed.ok ? parsed.reference : undefined) as ImageReference;
const chosen = { tag: "1.1.0", digest: digestOf("a"), why: "", at: "", state: "AwaitingApproval" } as const;
const workload = { kind: "Deployment", namespace: "shop", name: "app" } as const;

const say = (change: object = {}, saidAt: number | undefined = AT): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImageApproval",
	metadata: {
		name: "say",
		namespace: "shop",
		...(saidAt === undefined ? {} : { creationTimestamp: new Date(saidAt).toISOString() }),
	} as KubeObject["metadata"],
	spec: {
		image: "ghcr.io/acme/app:1.1.0",
		digest: digestOf("a"),
		workload: { kind: "Deployment", name: "app" },
		decision: "approve",
		user: "ada",
		...change,
	},
});
const votes = (...approvals: readonly KubeObject[]) =>
	votesFor({ chosen, written, workload, vouchedSince: AT }, approvals);

describe("a vote", () => {
	test("counts once a person, and who rejects has rejected", () => {
		expect(votes(say(), say(), say({ user: "bob", decision: "reject" }), say({ user: "bob" }))).toEqual([
			{ user: "ada", decision: "approve" },
			{ user: "bob", decision: "reject" },
		]);
	});

	test.each<[string, KubeObject]>([
		["of another digest", say({ digest: digestOf("b") })],
		["of another repository", say({ image: "ghcr.io/acme/other:1.1.0" })],
		["for another workload", say({ workload: { kind: "Deployment", name: "other" } })],
		["for another kind of workload", say({ workload: { kind: "DaemonSet", name: "app" } })],
		["from before anyone vouched for it", say({}, AT - 1_000)],
		["from nobody knows when", { ...say(), metadata: { name: "say" } }],
		["that cannot be read", say({ decision: "perhaps" })],
	])("%s does not count", (_what, approval) => {
		expect(votes(approval)).toEqual([]);
	});

	test("counts only while somebody vouches for it", () => {
		expect(votesFor({ chosen, written, workload, vouchedSince: undefined }, [say()])).toEqual([]);
	});
});

describe("what was said", () => {
	const old = say({}, AT - APPROVAL_AGE_MS_MAX - 1);

	test("long ago is spent when nothing waits for it", () => {
		expect(spentApprovals([old, say()], { awaited: new Set(), now: AT })).toEqual([old]);
	});

	test("is kept while its digest is waited for", () => {
		expect(spentApprovals([old], { awaited: new Set([digestOf("a")]), now: AT })).toEqual([]);
	});
});
