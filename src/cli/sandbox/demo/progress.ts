import type { CanaryStatus, CheckStatus } from "../../../api/canary-status.ts";
import { bar, type Mood } from "./teller.ts";

/** What users have met lately, in milliseconds. */
export interface Latency {
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly p99Ms: number;
}

/**
 * One line about where a rollout is, and how it looks to its checks; the same text when nothing has changed. Undefined when
 * there is no rollout, or its step has been decided on and is not in force yet.
 */
export function progressLine(status: CanaryStatus): { readonly text: string; readonly mood: Mood } | undefined {
	const { phase, run, checks = [] } = status;
	if (run === undefined) return undefined;
	if (phase === "Progressing" && run.step >= 0 && run.inForceSince === undefined) return undefined;
	const step = run.step < 0 ? "" : ` ${run.step + 1}/${run.steps}`;
	const share = run.traffic.mirror > 0 ? `${run.traffic.mirror} % mirrored` : bar(status.canaryWeight, 10);
	const verdicts = checks.map(verdictOf).join("  ");
	const failed = status.failedChecks > 0 ? `  ${status.failedChecks} failed` : "";
	const waiting = run.waitingFor === undefined ? "" : `  waits for ${run.waitingFor}`;
	const text = `${`${phase}${step}`.padEnd(16)} candidate ${share}  ${verdicts}${failed}${waiting}`.trimEnd();
	return { text, mood: moodOf(status) };
}

export function latencyText({ p50Ms, p95Ms, p99Ms }: Latency): string {
	return `users: P50 ${p50Ms.toFixed(0)} ms, P95 ${p95Ms.toFixed(0)} ms, P99 ${p99Ms.toFixed(0)} ms`;
}

const marks = { passed: "✔", failed: "✘", inconclusive: "?" } as const;

function verdictOf({ name, value, threshold = "", verdict }: CheckStatus): string {
	const short = name.replace(/^request-/, "");
	const number = value === undefined ? "no answer" : `${Number(value.toPrecision(4))} ${threshold}`;
	return `${marks[verdict]} ${short} ${number}`.trimEnd();
}

function moodOf({ checks = [] }: CanaryStatus): Mood {
	return checks.some(({ verdict }) => verdict === "failed") ? "bad" : "plain";
}
