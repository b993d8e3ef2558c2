import { describe, expect, test } from "vitest";
import { type CanaryStatus, Phase } from "../../../src/api/canary-status.ts";
import { announcementFor, headline } from "../../../src/notify/announcement.ts";
import { canarySubject } from "../../../src/notify/canary-subject.ts";
import { at, cart, notice } from "./cart.ts";

const run = {
	revision: "6c9f",
	startedAt: at,
	step: 1,
	steps: 5,
	traffic: { primary: 80, candidate: 20, mirror: 0 },
	inForceSince: at,
	rounds: 0,
	nextCheckAt: "2026-05-01T10:00:30.000Z",
	failedChecks: 2,
	inconclusiveChecks: 0,
} satisfies CanaryStatus["run"];
const progressing: Partial<CanaryStatus> = { phase: "Progressing", canaryWeight: 20, run };

const factsOf = (status: Partial<CanaryStatus>) =>
	Object.fromEntries(announcementFor(canarySubject(cart({ status })), notice("1")).facts);

describe("an announcement", () => {
	test("says what, where, and the numbers, of a run in progress", () => {
		const check = {
			name: "request-success-rate",
			value: 92.123456789,
			threshold: ">= 99",
			verdict: "failed",
			at,
		} as const;
		const told = notice("1", { reason: "CheckFailed", type: "Warning", severity: "warn", message: "not good" });
		const canary = cart({ status: { ...progressing, checks: [check] } });
		const announcement = announcementFor(canarySubject(canary), told, { clusterName: "eu-1" });
		expect(announcement).toEqual({
			id: "u-1.1",
			about: { kind: "Canary", namespace: "shop", name: "cart" },
			target: { kind: "Deployment", name: "cart" },
			reason: "CheckFailed",
			type: "Warning",
			severity: "warn",
			message: "not good",
			at,
			revision: "6c9f",
			facts: [
				["Candidate's traffic", "20 %"],
				["Step", "2 of 5"],
				["Check request-success-rate", "92.1235 (wanted >= 99) failed"],
				["Failed checks", "2 of 5"],
				["Next", "checks at 2026-05-01T10:00:30.000Z"],
			],
			clusterName: "eu-1",
		});
		expect(headline(announcement)).toBe("Check failed: shop/cart");
	});

	test("has facts of a Canary that was never looked at", () => {
		const { status: _none, ...canary } = cart({});
		expect(announcementFor(canarySubject(canary), notice("1")).facts).toEqual([["Next", "the primary is created"]]);
	});

	test.each([
		["waits for traffic", { ...run, inForceSince: undefined }, "checks begin once the traffic is in force"],
		["waits at a gate", { ...run, waitingFor: "confirm-promotion" }, "goes on once confirm-promotion lets it"],
		["is paused", { ...run, paused: true, waitingFor: "pause" }, "goes on when it is resumed"],
	])("says what comes next while the run %s", (_name, { inForceSince, ...changed }, next) => {
		const since = inForceSince === undefined ? {} : { inForceSince };
		expect(factsOf({ ...progressing, run: { ...changed, ...since } }).Next).toBe(next);
	});

	test.each(Phase.options)("says what comes next in phase '%s'", (phase) => {
		expect(factsOf({ phase }).Next).toMatch(/^[a-z].{10}/);
	});

	test("names who serves after a failed promotion", () => {
		const facts = factsOf({ phase: "Failed", serving: "candidate", canaryWeight: 100 });
		expect(facts["Candidate's traffic"]).toBe("100 %");
		expect(facts.Next).toContain("candidate keeps");
	});

	test("lists what did not pass first, and counts what it leaves out", () => {
		const checks = Array.from({ length: 12 }, (_, index) => ({
			name: `m${index}`,
			verdict: index === 11 ? ("inconclusive" as const) : ("passed" as const),
			...(index === 11 ? { message: "no data" } : {}),
			at,
		}));
		const { facts } = announcementFor(canarySubject(cart({ status: { ...progressing, checks } })), notice("1"));
		const listed = facts.filter(([title]) => /check/i.test(title) && title !== "Failed checks");
		expect(listed[0]).toEqual(["Check m11", "inconclusive: no data"]);
		expect(listed.at(-1)).toEqual(["More checks", "4"]);
	});

	test("counts rounds without an answer, out of a limit if there is one", () => {
		const title = "Rounds in a row without an answer";
		expect(factsOf({ ...progressing, run: { ...run, inconclusiveChecks: 3 } })[title]).toBe("3 of 10");
		const endless = cart({ analysis: { inconclusiveLimit: 0 }, status: { ...progressing, inconclusiveChecks: 3 } });
		const { inconclusiveChecks: _none, ...rest } = run;
		const status = { ...endless.status, run: { ...rest, inconclusiveChecks: 3 } } as CanaryStatus;
		expect(Object.fromEntries(announcementFor(canarySubject({ ...endless, status }), notice("1")).facts)[title]).toBe(
			"3",
		);
	});
});
