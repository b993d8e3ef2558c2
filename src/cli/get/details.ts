import type { Canary } from "../../api/canary.ts";
import type { CheckStatus, PastRun, Phase, RunStatus } from "../../api/canary-status.ts";
import { durationText } from "../../domain/duration.ts";
import { type Instant, instantOf } from "../../domain/instant.ts";
import { keyOf } from "../../domain/kube-object.ts";
import type { Rung } from "../../strategies/strategy.ts";
import { plannedRungs, shareText } from "../planned-rungs.ts";
import { ageText, aligned, nextText } from "./table.ts";

/** One Canary, whole: where it stands, on what grounds, what comes next and when, and what came before. */
export function details(canary: Canary, now: Instant): string {
	const { metadata, status, spec } = canary;
	const since = status?.lastTransitionTime;
	const facts: (readonly [string, string])[] = [
		["Canary", keyOf(metadata)],
		["Target", `${spec.targetRef.kind} ${spec.targetRef.name}`],
		["Phase", `${status?.phase || "not looked at yet"}${since === undefined ? "" : ` for ${ageText(since, now)}`}`],
		["Primary", status?.lastPromotedSpec === undefined ? "-" : `revision ${status.lastPromotedSpec}`],
	];
	if (status?.run !== undefined) facts.push(["Candidate", `revision ${status.run.revision}`]);
	facts.push(["Traffic", trafficText(canary)], ["Next", comesNext(canary, now)]);
	const sections = [
		section("Steps", stepRows(canary, now)),
		section(
			"Checks",
			(status?.checks ?? []).map((check) => checkRow(check, now)),
		),
		section(
			"Conditions",
			(status?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, is, reason, message]),
		),
		section(
			"History",
			(status?.history ?? []).map((past) => historyRow(past, now)),
		),
	];
	return [aligned(facts), ...sections.filter((text) => text !== undefined)].join("\n\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string | undefined {
	if (rows.length === 0) return undefined;
	return [title, ...aligned(rows).split("\n")].join("\n  ");
}

function trafficText({ status }: Canary): string {
	const weight = status?.canaryWeight ?? 0;
	const wanted = status?.run?.traffic;
	const seen = `primary ${100 - weight} %, candidate ${weight} %`;
	const mirror = wanted !== undefined && wanted.mirror > 0 ? `, copies of ${wanted.mirror} % to the candidate` : "";
	const coming = wanted !== undefined && wanted.candidate !== weight ? `; going to ${wanted.candidate} %` : "";
	const stranded = status?.serving === "candidate" ? "; the primary could not take the traffic back" : "";
	return seen + mirror + coming + stranded;
}

/** What each phase waits for when no run says it better. */
const awaited: Record<Phase, string> = {
	"": "the operator looks at it; is it running?",
	Initializing: "the primary becomes ready and takes over the traffic",
	Initialized: "a change of the target starts a rollout",
	Waiting: "a gate or `haldane promote` lets the rollout begin",
	Progressing: "the step's traffic comes into force",
	WaitingPromotion: "a gate or `haldane promote` lets it be promoted",
	Promoting: "the primary becomes ready with the new revision, then takes the traffic back",
	Finalising: "the traffic is seen back at the primary, then the candidate is scaled down",
	Succeeded: "a change of the target starts a rollout",
	Failed: "a change of the target starts a rollout; `haldane retry` tries the same revision again",
	Terminating: "the target answers by itself again, then the Canary goes",
};

/** What happens next, and when. */
function comesNext({ status, spec, metadata }: Canary, now: Instant): string {
	const phase = status?.phase ?? "";
	const run = status?.run;
	const stalled = status?.conditions?.find(({ type, status: is }) => type === "Stalled" && is === "True");
	if (spec.suspend) return "nothing: suspended by spec.suspend";
	if (stalled !== undefined && phase !== "Failed") return `nothing until a person helps: ${stalled.message}`;
	if (phase !== "Progressing" && phase !== "WaitingPromotion") return awaited[phase];
	if (spec.paused) return "nothing: paused by spec.paused";
	if (run === undefined) return awaited[phase];
	if (run.paused) return `nothing: paused; \`haldane resume ${metadata.name}\``;
	if (run.waitingFor === "pause") return `waits for a person: \`haldane resume ${metadata.name}\` or promote`;
	if (run.waitingFor !== undefined) return `waits for ${run.waitingFor}, asked again ${nextText(run.nextCheckAt, now)}`;
	if (run.step < 0) return "the candidate becomes ready";
	if (run.inForceSince === undefined) return awaited.Progressing;
	const then = run.step + 1 >= run.steps ? "promotion" : `step ${run.step + 2}`;
	return `checks ${nextText(run.nextCheckAt, now)}; ${then} follows this step`;
}

/** The planned steps, as far as the Canary says them, with where the run stands. */
function stepRows(canary: Canary, now: Instant): readonly (readonly string[])[] {
	const run = canary.status?.run;
	const rungs = plannedRungs(canary);
	if (run !== undefined && run.steps !== rungs.length) {
		// The plan was edited in mid-run, or it is one that this version of the command line does not know.
		return [["▸", `${run.step + 1} of ${run.steps}`, shareText(run.traffic), "", standing(run, now)]];
	}
	return rungs.map((rung, index) => {
		const place = run === undefined || index > run.step ? " " : index < run.step ? "✓" : "▸";
		return [
			place,
			String(index + 1),
			shareText(rung.traffic),
			untilText(rung),
			place === "▸" && run ? standing(run, now) : "",
		];
	});
}

function untilText({ holdMs, rounds, untilResumed }: Rung): string {
	if (untilResumed) return "until resumed";
	return holdMs > 0 ? `for ${durationText(holdMs)}` : `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
}

function standing(run: RunStatus, now: Instant): string {
	const counts = `${run.rounds} rounds passed; in the whole run ${run.failedChecks} failed`;
	const doubts = run.inconclusiveChecks > 0 ? `, ${run.inconclusiveChecks} in a row without an answer` : "";
	const since = instantOf(run.inForceSince);
	return `${since === undefined ? "not in force yet" : `in force for ${ageText(run.inForceSince, now)}`}, ${counts}${doubts}`;
}

function checkRow({ name, verdict, value, threshold, message, at }: CheckStatus, now: Instant): readonly string[] {
	const number = value === undefined ? "no value" : String(Number(value.toPrecision(6)));
	return [name, verdict, number, threshold ?? "", `${ageText(at, now)} ago`, message ?? ""];
}

function historyRow({ revision, outcome, endedAt, reason, message }: PastRun, now: Instant): readonly string[] {
	return [`${ageText(endedAt, now)} ago`, revision, outcome, reason ?? "", message ?? ""];
}
