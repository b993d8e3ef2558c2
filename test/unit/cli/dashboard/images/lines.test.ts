import { describe, expect, test } from "vitest";
import { RECORD_ANNOTATION } from "../../../../../src/api/image-record.ts";
import { type ImageSubject, linesOf } from "../../../../../src/cli/dashboard/images/lines.ts";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");
const DIGEST = `sha256:${"a".repeat(64)}`;

function deployment(annotations: Readonly<Record<string, string>> = {}): KubeObject {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "cart", namespace: "shop", annotations },
		spec: { template: { spec: { containers: [{ name: "app", image: "acme/cart:1.0.0" }] } } },
	};
}

function policyOf(spec: object, record?: object): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name: "images", namespace: "shop" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			images: [{ containers: ["app"], policy: { type: "semver", range: ">=1.0 <2" } }],
			...spec,
		},
		...(record === undefined ? {} : { status: { images: [{ container: "app", role: "container", ...record }] } }),
	};
}

function approval(user: string, more: object = {}): KubeObject {
	const workload = { kind: "Deployment", name: "cart" };
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImageApproval",
		metadata: { name: user, namespace: "shop", creationTimestamp: "2026-03-02T10:00:00Z" },
		spec: { image: "acme/cart:1.1.0", digest: DIGEST, workload, decision: "approve", user, ...more },
	};
}

const chosen = (state: string, more: object = {}) => ({
	chosen: { tag: "1.1.0", digest: DIGEST, why: "the highest", at: "2026-03-02T09:00:00Z", state, ...more },
});

function lines(more: Partial<ImageSubject>) {
	const subject = { key: "Deployment/shop/cart", workload: deployment(), policies: [], canary: undefined };
	return linesOf({ ...subject, approvals: [], seen: [], now: NOW, ...more });
}

function line(more: Partial<ImageSubject>) {
	const found = lines(more);
	expect(found).toHaveLength(1);
	return found[0];
}

test("a workload that nobody asks about has none", () => {
	expect(lines({})).toEqual([]);
	expect(lines({ workload: undefined })).toEqual([]);
});

test("tells what an ImagePolicy's status says, and who asks", () => {
	const failed = [{ tag: "1.0.9", at: "2026-03-01T00:00:00Z", why: "it failed" }];
	const record = {
		why: "nothing newer",
		lastScan: "2026-03-02T09:59:00Z",
		failed,
		passedOver: [{ tag: "2", why: "w" }],
	};
	expect(line({ policies: [policyOf({}, record)], canary: "cart" })).toMatchObject({
		kind: "Deployment",
		namespace: "shop",
		name: "cart",
		container: "app",
		askedBy: { kind: "ImagePolicy", name: "images" },
		policy: "semver >=1.0 <2",
		image: "acme/cart:1.0.0",
		state: "UpToDate",
		canary: "cart",
		...record,
		next: "The registry is asked again (@every 1m)",
	});
});

describe("where it stands and what comes next", () => {
	const approvals = { approvals: { required: 2 } };
	const windows = { windows: [{ cron: "0 14 * * *", duration: "1h" }] };
	const deadline = "2026-03-02T14:00:00Z";
	test.each<[string, object, object | undefined, object]>([
		["never looked at", {}, undefined, { state: "NotScanned", next: "The registry is asked for its tags" }],
		[
			"suspended",
			{ suspend: true },
			chosen("RolledOut"),
			{ state: "Suspended", next: expect.stringContaining("spec.suspend") },
		],
		["a problem", {}, { problem: "401" }, { state: "Problem", problem: "401" }],
		["a problem on the way", {}, { problem: "401", ...chosen("Writing") }, { state: "Writing", problem: "401" }],
		[
			"waiting for people",
			approvals,
			chosen("AwaitingApproval", { deadline }),
			{ state: "AwaitingApproval", next: "It waits for 2 of 2 approvals", until: deadline },
		],
		[
			"waiting for its window",
			windows,
			chosen("AwaitingWindow"),
			{ state: "AwaitingWindow", next: "It waits for the change window", nextAt: "2026-03-02T14:00:00.000Z" },
		],
		["waiting for a rollout", {}, chosen("AwaitingRollout"), { state: "AwaitingRollout" }],
		["rolled out", {}, chosen("RolledOut"), { state: "UpToDate" }],
		["rolled back", {}, chosen("RolledBack"), { state: "RolledBack" }],
		["expired", {}, chosen("Expired"), { state: "Expired" }],
	])("%s", (_what, spec, record, expected) => {
		expect(line({ policies: [policyOf(spec, record)] })).toMatchObject(expected);
	});

	test("a rollout by a Canary is its run, and otherwise the workload's own", () => {
		const policies = [policyOf({}, chosen("RollingOut"))];
		expect(line({ policies, canary: "cart" })?.next).toBe("Its canary is running");
		expect(line({ policies })?.next).toBe("The workload's pods are replaced");
	});

	test("whoever has approved that digest is counted, and nobody else", () => {
		const policies = [policyOf(approvals, chosen("AwaitingApproval", { deadline }))];
		const said = [approval("ada"), approval("eve", { digest: `sha256:${"b".repeat(64)}` })];
		expect(line({ policies, approvals: said })).toMatchObject({
			approvals: { given: ["ada"], required: 2 },
			next: "It waits for 1 of 2 approvals",
		});
	});
});

describe("by annotations", () => {
	const annotations = { "haldane.dev/policy": "minor" };
	test("it tells what is written down, and what the updater knows beside it", () => {
		const written = [{ container: "app", role: "container", ...chosen("RolledBack") }];
		const workload = deployment({ ...annotations, [RECORD_ANNOTATION]: JSON.stringify(written) });
		const seen = [
			{ container: "app", role: "container", why: "seen", problem: "p", chosen: { ...chosen("Writing").chosen } },
		] as unknown as ImageSubject["seen"];
		expect(line({ workload, seen })).toMatchObject({
			askedBy: { kind: "Deployment", name: "cart" },
			policy: "minor",
			why: "seen",
			state: "Problem",
		});
		const told = line({ workload });
		expect(told).toMatchObject({ state: "RolledBack" });
		expect(told).not.toHaveProperty("problem");
	});

	test("what was forgotten meanwhile does not come back from memory", () => {
		const workload = deployment(annotations);
		const failed = [{ tag: "1", at: "2026-03-01T00:00:00Z", why: "w" }];
		const seen = [{ container: "app", role: "container", why: "w", failed, ...chosen("RolledBack") }];
		expect(line({ workload, seen: seen as unknown as ImageSubject["seen"] })).toMatchObject({
			failed: [],
			state: "UpToDate",
		});
	});

	test("a webhook tells where the registry is not asked", () => {
		expect(line({ workload: deployment({ "keel.sh/policy": "minor" }) })?.next).toBe("A webhook tells of a push");
	});
});

test.each<[string, Partial<ImageSubject>, string]>([
	["a policy that can't be read", { policies: [policyOf({ images: [] })] }, "spec.images"],
	[
		"a policy with no such container",
		{ policies: [policyOf({ images: [{ containers: ["db"], policy: { type: "all" } }] })] },
		"db",
	],
	[
		"a policy of a workload that is not there",
		{ workload: undefined, policies: [policyOf({})] },
		"there is no Deployment cart",
	],
	["annotations that can't be read", { workload: deployment({ "haldane.dev/policy": "nonsense" }) }, "is no policy"],
	[
		"a record that is no JSON",
		{ workload: deployment({ "haldane.dev/policy": "all", [RECORD_ANNOTATION]: "{" }) },
		"is not JSON",
	],
])("%s is a line with the problem", (_what, subject, problem) => {
	expect(line(subject)).toMatchObject({ container: "", state: "Problem", problem: expect.stringContaining(problem) });
	expect(line(subject)?.next).toMatch(/^Nothing until somebody mends (ImagePolicy images|its annotations)$/);
});
