import type { CanaryStatus, CheckStatus } from "../../../api/canary-status.ts";
import { durationText } from "../../../domain/duration.ts";
import type { Durations } from "./candidate.ts";
import { bar, type Mood, type Width } from "./teller.ts";

/** A line that is told; `key` is the same while nothing has changed but the durations. */
export interface Progress {
	readonly key: string;
	readonly text: string;
	readonly mood: Mood;
}

const PHASE = 15;
const columns = { wide: { bar: 10, success: 8, figure: 6 }, narrow: { bar: 5, success: 7, figure: 5 } } as const;
const marks = { passed: "✔", failed: "✘", inconclusive: "?" } as const;

/** What the figures of the lines of progress are. */
export function progressLegend(lookBackMs: number): string {
	return `told of the candidate: its success rate, and P50, P95, P99 over ${durationText(lookBackMs)}`;
}

/** What stands above the lines of progress. */
export function progressHeading(width: Width): string {
	const { bar: cells, success, figure } = columns[width];
	const figures = ["P50", "P95", "P99"].map((name) => name.padStart(figure)).join("");
	return `${"".padEnd(PHASE)}  ${"CANDIDATE".padEnd(cells + 6)} ${"SUCCESS".padStart(success)}${figures} ms  ${width === "wide" ? "CHECKS" : ""}`.trimEnd();
}

/**
 * One line about where a rollout is, how the candidate fares, and what its checks say. Undefined when there is no rollout,
 * or its step has been decided on and is not in force yet.
 */
export function progressLine(
	status: CanaryStatus,
	durations: Durations | undefined,
	width: Width,
): Progress | undefined {
	const { phase, run, checks = [] } = status;
	if (run === undefined) return undefined;
	if (phase === "Progressing" && run.step >= 0 && run.inForceSince === undefined) return undefined;
	const { bar: cells, success, figure } = columns[width];
	const step = run.step < 0 ? "" : ` ${run.step + 1}/${run.steps}`;
	const copies = `${width === "wide" ? "mirrored" : "copy"} ${run.traffic.mirror} %`;
	const share = run.traffic.mirror > 0 ? copies : bar(status.canaryWeight, cells);
	const judged = checks.map((check) => verdictOf(check, width)).join(width === "wide" ? "  " : "");
	const failed = status.failedChecks > 0 ? `  ${status.failedChecks} failed` : "";
	const waiting = run.waitingFor === undefined ? "" : `  waits for ${run.waitingFor}`;
	const where = `${`${phase}${step}`.padEnd(PHASE)}  ${share.padEnd(cells + 6)}`;
	const said = `${judged}${failed}${waiting}`;
	const rate = checks.find(({ name }) => name === "request-success-rate")?.value;
	const rateText = rate === undefined ? "-" : `${rate.toFixed(1)} %`;
	const times = [durations?.p50Ms, durations?.p95Ms, durations?.p99Ms].map((ms) =>
		(ms?.toFixed(0) ?? "-").padStart(figure),
	);
	return {
		key: `${where} ${said} ${checks.map(({ at }) => at).join()}`,
		text: `${where} ${rateText.padStart(success)}${times.join("")} ms  ${said}`.trimEnd(),
		mood: checks.some(({ verdict }) => verdict === "failed") ? "bad" : "plain",
	};
}

export function durationsText({ p50Ms, p95Ms, p99Ms }: Durations): string {
	return `P50 ${p50Ms.toFixed(0)} ms, P95 ${p95Ms.toFixed(0)} ms, P99 ${p99Ms.toFixed(0)} ms`;
}

function verdictOf({ name, verdict }: CheckStatus, width: Width): string {
	if (width === "narrow") return marks[verdict];
	return `${marks[verdict]} ${name.replace(/^request-/, "").replace(/-rate$/, "")}`;
}
