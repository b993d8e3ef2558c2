import { describe, expect, test } from "vitest";
import type { ImagePolicyStatus } from "../../../../src/api/image-policy.ts";
import type { ImageRecord } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { type News, policyStatus } from "../../../../src/updater/loop/policy-status.ts";
import { digestOf, START } from "../../../support/updater/small-world.ts";

const policy = (status?: ImagePolicyStatus): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImagePolicy",
	metadata: { name: "app", namespace: "shop", generation: 3 },
	...(status && { status }),
});
const app: ImageRecord = { container: "app", role: "container", lastScan: "2027-01-04T10:00:00.000Z" };
const chosen = (state: "AwaitingApproval" | "RollingOut" | "RolledOut"): ImageRecord => ({
	...app,
	chosen: { tag: "1.3.0", digest: digestOf("b"), why: "newer", at: "2027-01-04T10:00:00.000Z", state },
});

function said(news: Partial<News>): string[] {
	const status = policyStatus(policy(), { problems: [], now: START, ...news });
	return (status?.conditions ?? []).map(({ type, status: is, reason, message }) =>
		[type, is, reason, message].filter(Boolean).join(" "),
	);
}

describe("the conditions of an ImagePolicy", () => {
	test.each<[string, Partial<News>, readonly [string, string, string]]>([
		[
			"say that all is as wanted",
			{ records: [app] },
			[
				"Ready True UpToDate every image is as its policy wants it",
				"Reconciling False Idle",
				"Stalled False NotStalled",
			],
		],
		[
			"say that an image waits for approval",
			{ records: [chosen("AwaitingApproval")] },
			[
				"Ready False Updating app 1.3.0: AwaitingApproval",
				"Reconciling True Updating app 1.3.0: AwaitingApproval",
				"Stalled False NotStalled",
			],
		],
		[
			"say that an image rolls out",
			{ records: [chosen("RollingOut")] },
			[
				"Ready False Updating app 1.3.0: RollingOut",
				"Reconciling True Updating app 1.3.0: RollingOut",
				"Stalled False NotStalled",
			],
		],
		[
			"are well again when it is over",
			{ records: [chosen("RolledOut")] },
			[
				"Ready True UpToDate every image is as its policy wants it",
				"Reconciling False Idle",
				"Stalled False NotStalled",
			],
		],
		[
			"name the image whose registry has a problem",
			{ records: [{ ...app, problem: "no answer" }] },
			["Ready False RegistryProblem app: no answer", "Reconciling False Idle", "Stalled False NotStalled"],
		],
		[
			"stall at a rule that cannot be obeyed",
			{ problems: ["spec.schedule: is none"], invalid: true },
			[
				"Ready False Invalid spec.schedule: is none",
				"Reconciling False Idle",
				"Stalled True Invalid spec.schedule: is none",
			],
		],
	])("%s", (_name, news, expected) => expect(said(news)).toEqual(expected));
});

describe("the status of an ImagePolicy", () => {
	const news: News = { records: [app], problems: [], now: START };
	const status = policyStatus(policy(), news) as ImagePolicyStatus;

	test("is not written again when it says so already", () => {
		expect(policyStatus(policy(status), { ...news, now: START + 60_000 })).toBeUndefined();
		expect(policyStatus(policy(status), { problems: [], now: START + 60_000 })).toBeUndefined();
	});

	test("keeps its records when only problems are new", () => {
		expect(policyStatus(policy(status), { problems: ["no"], invalid: true, now: START })?.images).toEqual([app]);
	});

	test("says since when a condition holds, and of which generation it speaks", () => {
		const later = policyStatus(policy(status), {
			records: [{ ...app, problem: "no" }],
			problems: [],
			now: START + 60_000,
		});
		const since = (later?.conditions ?? []).map(({ type, lastTransitionTime }) => [
			type,
			Date.parse(lastTransitionTime) - START,
		]);
		expect(since).toEqual([
			["Ready", 60_000],
			["Reconciling", 0],
			["Stalled", 0],
		]);
		expect(later).toMatchObject({ observedGeneration: 3, lastScan: app.lastScan });
	});
});
