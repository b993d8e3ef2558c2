import { describe, expect, test } from "vitest";
import {
	blankStatus,
	type CanaryStatus,
	type CheckStatus,
	type RunStatus,
} from "../../../../../src/api/canary-status.ts";
import { durationsText, progressHeading, progressLine } from "../../../../../src/cli/sandbox/demo/progress.ts";
import type { Width } from "../../../../../src/cli/sandbox/demo/teller.ts";

const at = "2026-01-01T00:00:00Z";
const run: RunStatus = {
	revision: "a",
	startedAt: at,
	step: 1,
	steps: 3,
	traffic: { primary: 70, candidate: 30, mirror: 0 },
	inForceSince: at,
	rounds: 0,
	failedChecks: 0,
	inconclusiveChecks: 0,
};
const check: CheckStatus = { name: "request-success-rate", value: 99.98765, threshold: ">= 99", verdict: "passed", at };
const status = (change: Partial<CanaryStatus>): CanaryStatus => ({
	...blankStatus,
	phase: "Progressing",
	canaryWeight: 30,
	run,
	...change,
});

const durations = { p50Ms: 5.4, p95Ms: 20.6, p99Ms: 100 };
const bar = "███░░░░░░░  30 %";

describe("a line of progress", () => {
	test.each<[string, Partial<CanaryStatus>, string, string]>([
		["names the step and the share", {}, `Progressing 2/3  ${bar}        -     5    21   100 ms`, "plain"],
		[
			"tells the success rate and the verdict",
			{ checks: [check] },
			`Progressing 2/3  ${bar}  100.0 %     5    21   100 ms  ✔ success`,
			"plain",
		],
		[
			"marks what failed",
			{ checks: [{ ...check, value: 80, verdict: "failed" }], failedChecks: 1 },
			`Progressing 2/3  ${bar}   80.0 %     5    21   100 ms  ✘ success  1 failed`,
			"bad",
		],
		[
			"says when there was no answer",
			{ checks: [{ name: "request-duration", verdict: "inconclusive", at }] },
			`Progressing 2/3  ${bar}        -     5    21   100 ms  ? duration`,
			"plain",
		],
		[
			"says what is mirrored",
			{ canaryWeight: 0, run: { ...run, traffic: { primary: 100, candidate: 0, mirror: 100 } } },
			"Progressing 2/3  mirrored 100 %          -     5    21   100 ms",
			"plain",
		],
		[
			"says what is waited for",
			{ run: { ...run, waitingFor: "pause" } },
			`Progressing 2/3  ${bar}        -     5    21   100 ms    waits for pause`,
			"plain",
		],
		[
			"names no step before the first",
			{ canaryWeight: 0, run: { ...run, step: -1 } },
			"Progressing      ░░░░░░░░░░   0 %        -     5    21   100 ms",
			"plain",
		],
	])("%s", (_name, change, text, mood) => {
		expect(progressLine(status(change), durations, "wide")).toMatchObject({ text, mood });
	});

	test("has no durations of a candidate that has answered nothing", () => {
		expect(progressLine(status({}), undefined, "wide")?.text).toBe(
			`Progressing 2/3  ${bar}        -     -     -     - ms`,
		);
	});

	test("is another one after another round, and the same when only durations have changed", () => {
		const key = (one: CheckStatus, p50Ms: number) =>
			progressLine(status({ checks: [one] }), { ...durations, p50Ms }, "wide")?.key;
		expect(key(check, 5)).toBe(key(check, 6));
		expect(key(check, 5)).not.toBe(key({ ...check, at: "2026-01-01T00:00:02Z" }, 5));
	});

	test("is none for a step that is not in force yet, nor between rollouts", () => {
		const { inForceSince: _later, ...waiting } = run;
		expect(progressLine(status({ run: waiting }), durations, "wide")).toBeUndefined();
		const { run: _over, ...resting } = status({});
		expect(progressLine(resting, durations, "wide")).toBeUndefined();
	});

	test.each<[Width, number, string]>([
		["wide", 100, "✔ success  ✔ duration  2 failed"],
		["narrow", 70, "✔✔  2 failed"],
	])("%s leaves room for the time in its columns, under its heading", (width, columns, said) => {
		const checks = [check, { ...check, name: "request-duration" }];
		const line = progressLine(
			status({ phase: "Progressing", canaryWeight: 100, checks, failedChecks: 2 }),
			{ p50Ms: 1_000, p95Ms: 2_000, p99Ms: 3_000 },
			width,
		);
		const text = line?.text ?? "";
		expect(text.length).toBeLessThanOrEqual(columns);
		expect(text).toContain(said);
		expect(text.indexOf(" ms")).toBe(progressHeading(width).indexOf(" ms"));
	});

	test("tells durations in whole milliseconds", () => {
		expect(durationsText(durations)).toBe("P50 5 ms, P95 21 ms, P99 100 ms");
	});
});
