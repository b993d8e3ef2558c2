import { durationText } from "../domain/duration.ts";
import type { CaseReport, Report } from "./dry-run.ts";
import type { ShownCheck, TimelineEvent } from "./timeline.ts";

/** The report for people. Timelines are long, so they are left out where many scenarios are told. */
export function textOf(report: Report, options: { readonly timelines: boolean }): string {
	const { canary, provider, steps, intervalSeconds, threshold, bestSeconds, worstSeconds } = report;
	const count = steps === 1 ? "1 step" : `${steps} steps`;
	const lines = [
		`Canary ${canary}, provider ${provider}: ${count}, checks every ${time(intervalSeconds)}, rolled back after ${threshold} failed`,
		...(bestSeconds === undefined || worstSeconds === undefined
			? []
			: [`A good version is promoted in ${time(bestSeconds)} at best, ${worstText(worstSeconds, threshold)}.`]),
		...report.notes.map((note) => `Note: ${note}.`),
		...report.scenarios.flatMap((one) => ["", ...caseLines(one, options.timelines)]),
	];
	return lines.map(plain).join("\n");
}

function worstText(seconds: number, threshold: number): string {
	if (threshold === 1) return "and one failed round ends it";
	const rounds = threshold === 2 ? "1 failed round" : `${threshold - 1} failed rounds`;
	return `in ${time(seconds)} with ${rounds}, the most that may fail`;
}

function caseLines(one: CaseReport, withTimeline: boolean): readonly string[] {
	const title = one.name === one.scenario ? `Scenario ${one.name}` : `Scenario ${one.name} (${one.scenario})`;
	const timeline = withTimeline ? ["", ...aligned(rowsOf(one.events)), ""] : [];
	return [`${title}: ${headline(one)}`, ...timeline, ...summary(one).map((line) => `  ${line}`)];
}

function headline({ outcome, reason, durationSeconds, asExpected, broken }: CaseReport): string {
	const held = asExpected ? "" : broken.length > 0 ? ", NOT AS EXPECTED" : "";
	if (outcome === "unfinished") return `unfinished after ${time(durationSeconds)}${held}`;
	const done = outcome === "promoted" ? "promoted" : `rolled back (${reason})`;
	return `${done} after ${time(durationSeconds)}${held}`;
}

function summary({ outcome, message, requests, broken, notes }: CaseReport): readonly string[] {
	const { rate, total, candidate, mirrored, bad, badPercent, failed, firstBadSeconds, recoverySeconds } = requests;
	const share = total === 0 ? 0 : (candidate / total) * 100;
	const copies = mirrored > 0 ? `, and ${mirrored} copies` : "";
	const back =
		recoverySeconds !== undefined
			? `all traffic was back ${time(recoverySeconds)} after the first`
			: `the first at ${time(firstBadSeconds ?? 0)}, and they never stopped`;
	return [
		...(outcome === "promoted" ? [] : [`Why: ${message}.`]),
		`The candidate answered ${candidate} of ${total} requests (${number(share)} %)${copies}, at ${rate} a second.`,
		firstBadSeconds === undefined
			? "No request met a bad version."
			: `${bad} of ${total} requests (${number(badPercent)} %) met a bad version, ${failed} of them failed; ${back}.`,
		...notes.map((note) => `Note: ${note}.`),
		...broken.map((sentence) => `Broken: ${sentence}.`),
	];
}

const HEADER = ["TIME", "PHASE", "STEP", "WEIGHT", "WHAT"] as const;
/** Of rounds and gates that say the same again and again on one step, this many are shown, and the last. */
const SAME_SHOWN = 2;

function rowsOf(events: readonly TimelineEvent[]): readonly (readonly string[])[] {
	const last = new Map(events.map((event, index) => [likeness(event), index]));
	const seen = new Map<string, number>();
	const rows: (readonly string[])[] = [HEADER];
	let hidden = 0;
	for (const [index, event] of events.entries()) {
		const key = likeness(event);
		const count = (seen.get(key) ?? 0) + 1;
		seen.set(key, count);
		const isUsual = event.kind === "gate" || (event.kind === "round" && event.verdict !== "failed");
		if (isUsual && count > SAME_SHOWN && last.get(key) !== index) {
			hidden += 1;
			continue;
		}
		if (hidden > 0) rows.push(["", "", "", "", `… ${hidden} more of the same`]);
		hidden = 0;
		rows.push(rowOf(event));
	}
	return rows;
}

function likeness({ kind, phase, step, weight, verdict, checks, text }: TimelineEvent): string {
	return JSON.stringify([kind, phase, step, weight, verdict ?? text, checks?.map(({ value }) => value)]);
}

function rowOf(event: TimelineEvent): readonly string[] {
	const { atSeconds, phase, step, steps, weight, mirror, text, checks = [], nextSeconds } = event;
	const copied = mirror > 0 ? ` +${mirror} %` : "";
	const judged = checks.map(checkText);
	const what = [
		`${text}${judged.length > 0 ? `: ${judged.join(", ")}` : ""}`,
		...(nextSeconds === undefined ? [] : [`next checks at ${time(nextSeconds)}`]),
	];
	return [time(atSeconds), phase, steps === 0 ? "-" : `${step}/${steps}`, `${weight} %${copied}`, what.join("; ")];
}

function checkText({ name, value, threshold, verdict, message }: ShownCheck): string {
	if (value === undefined) return verdict === "passed" ? name : (message ?? `${name} ${verdict}`);
	const judged = verdict === "passed" ? "" : ` ${verdict}`;
	return `${name} ${number(value)} (${threshold ?? "any value"})${judged}`;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
	const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, at) => (at === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[at] ?? 0)))
			.join("  ")
			.trimEnd(),
	);
}

/** Seconds as a duration: `1m30s`. */
export function time(seconds: number): string {
	return durationText(seconds * 1_000);
}

function number(value: number): string {
	return String(Number(value.toPrecision(3)));
}

/** Without what a terminal would obey. */
function plain(text: string): string {
	return text.replaceAll(/\p{Cc}|\p{Cf}/gu, " ");
}
