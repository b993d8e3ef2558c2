import { describe, expect, test } from "vitest";
import {
	blankStatus,
	type CanaryStatus,
	type CheckStatus,
	type RunStatus,
} from "../../../../../src/api/canary-status.ts";
import { latencyText, progressLine } from "../../../../../src/cli/sandbox/demo/progress.ts";

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

describe("a line of progress", () => {
	test.each<[string, Partial<CanaryStatus>, string, string]>([
		["names the step and the share", {}, "Progressing 2/3  candidate ███░░░░░░░  30 %", "plain"],
		[
			"names a check, its value and its threshold",
			{ checks: [check] },
			"Progressing 2/3  candidate ███░░░░░░░  30 %  ✔ success-rate 99.99 >= 99",
			"plain",
		],
		[
			"marks what failed",
			{ checks: [{ ...check, value: 80, verdict: "failed" }], failedChecks: 1 },
			"Progressing 2/3  candidate ███░░░░░░░  30 %  ✘ success-rate 80 >= 99  1 failed",
			"bad",
		],
		[
			"says when there was no answer",
			{ checks: [{ name: "request-duration", verdict: "inconclusive", at }] },
			"Progressing 2/3  candidate ███░░░░░░░  30 %  ? duration no answer",
			"plain",
		],
		[
			"says what is mirrored",
			{ canaryWeight: 0, run: { ...run, traffic: { primary: 100, candidate: 0, mirror: 100 } } },
			"Progressing 2/3  candidate 100 % mirrored",
			"plain",
		],
		[
			"says what is waited for",
			{ run: { ...run, waitingFor: "pause" } },
			"Progressing 2/3  candidate ███░░░░░░░  30 %    waits for pause",
			"plain",
		],
		[
			"names no step before the first",
			{ canaryWeight: 0, run: { ...run, step: -1 } },
			"Progressing      candidate ░░░░░░░░░░   0 %",
			"plain",
		],
	])("%s", (_name, change, text, mood) => {
		expect(progressLine(status(change))).toEqual({ text, mood });
	});

	test("is none for a step that is not in force yet, nor between rollouts", () => {
		const { inForceSince: _later, ...waiting } = run;
		expect(progressLine(status({ run: waiting }))).toBeUndefined();
		const { run: _over, ...resting } = status({});
		expect(progressLine(resting)).toBeUndefined();
	});

	test("tells latencies in whole milliseconds", () => {
		expect(latencyText({ p50Ms: 5.4, p95Ms: 20.6, p99Ms: 100 })).toBe("users: P50 5 ms, P95 21 ms, P99 100 ms");
	});
});
