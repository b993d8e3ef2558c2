import type { CheckStatus } from "../api/canary-status.ts";
import type { Hook, HookAnswer } from "../hooks/hook.ts";
import type { Check, Range, Reading } from "./question.ts";

/** What a check, or a whole round of them, says of the candidate. */
export type Verdict = CheckStatus["verdict"];

/** A check as the status shows it, but for the moment. */
export type Judgement = Omit<CheckStatus, "at">;

/** Holds one reading against what the check allows. Only a number can pass or fail; the rest leaves it in doubt. */
export function judge({ name, range, unit }: Pick<Check, "name" | "range" | "unit">, reading: Reading): Judgement {
	const threshold = thresholdText(range);
	if (reading.kind !== "value") {
		return { name, threshold, verdict: "inconclusive", message: `${name}: ${doubts[reading.kind]}: ${reading.detail}` };
	}
	const { value } = reading;
	if (!Number.isFinite(value)) {
		return { name, threshold, verdict: "inconclusive", message: `${name}: ${doubts.noData}: the value is ${value}` };
	}
	const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
	if (value >= min && value <= max) return { name, value, threshold, verdict: "passed" };
	const message = `${name} is ${shortNumber(value)}${unitTexts[unit ?? "none"]}, wanted ${threshold}`;
	return { name, value, threshold, verdict: "failed", message };
}

const unitTexts = { "%": "%", ms: " ms", none: "" } as const;

const doubts = {
	noData: "no data",
	unreachable: "the metric backend cannot be reached",
	malformed: "the metric backend's answer makes no sense",
} as const satisfies Record<Exclude<Reading["kind"], "value">, string>;

/** A `rollout` or `pre-rollout` hook as one more check of the round: silence is doubt, a no is a failure. */
export function judgeHook({ name }: Pick<Hook, "name">, answer: HookAnswer): Judgement {
	switch (answer.kind) {
		case "yes":
			return { name, verdict: "passed" };
		case "no":
			return { name, verdict: "failed", message: `hook ${name} says no: ${answer.detail}` };
		case "unreachable":
			return { name, verdict: "inconclusive", message: `hook ${name} cannot be reached: ${answer.detail}` };
	}
}

/** One failure fails the round, else one doubt leaves it in doubt. Nothing to check is nothing against it. */
export function judgeRound(judgements: readonly { readonly verdict: Verdict }[]): Verdict {
	const verdicts = new Set(judgements.map(({ verdict }) => verdict));
	if (verdicts.has("failed")) return "failed";
	return verdicts.has("inconclusive") ? "inconclusive" : "passed";
}

/** `>= 99`, `<= 500`, `1 to 5`: what a value is held against, as people read it. */
export function thresholdText({ min, max }: Range): string {
	if (min !== undefined && max !== undefined) return `${min} to ${max}`;
	if (min !== undefined) return `>= ${min}`;
	return max === undefined ? "any value" : `<= ${max}`;
}

/** Six digits: as many as anyone compares by eye, and never so few that a value looks like the limit it missed. */
function shortNumber(value: number): string {
	return String(Number(value.toPrecision(6)));
}
