import {
	type CanaryStatus,
	HISTORY_MAX,
	NOTICES_MAX,
	type Notice,
	type Outcome,
	type Phase,
	type RunStatus,
} from "../../api/canary-status.ts";
import { instantOf, timestamp } from "../../domain/instant.ts";
import { invariant } from "../../domain/invariant.ts";
import { allCandidate, allPrimary } from "../../domain/traffic.ts";
import { type Reason, reasons } from "../../notify/reasons.ts";
import type { Situation } from "./situation.ts";
import { isEdge } from "./transitions.ts";

/** The run in progress; a bug when there is none in a phase that has one. */
export function runOf(status: CanaryStatus): RunStatus {
	invariant(status.run !== undefined, `no run in phase ${status.phase}`);
	return status.run;
}

/** The status in another phase. Refuses what is no edge of the table of transitions. */
export function enter({ status, now }: Situation, phase: Phase, change: Partial<CanaryStatus> = {}): CanaryStatus {
	invariant(isEdge(status.phase, phase), `no way from ${status.phase || "nothing"} to ${phase}`);
	return { ...status, ...change, phase, lastTransitionTime: timestamp(now) };
}

/** The status with a notice added; the oldest gives way when there are too many. */
export function tell(status: CanaryStatus, reason: Reason, message: string, now: number): CanaryStatus {
	return withNotice(status, { reason, ...reasons[reason], message }, now);
}

/** The same without a word in chats. */
export function tellByEvent(status: CanaryStatus, reason: Reason, message: string, now: number): CanaryStatus {
	return withNotice(status, { reason, type: reasons[reason].type, message }, now);
}

function withNotice(
	status: CanaryStatus,
	{ reason, type, severity, message }: Pick<Notice, "reason" | "type" | "severity" | "message">,
	now: number,
): CanaryStatus {
	const number = (status.lastNoticeNumber ?? 0) + 1;
	const notice = {
		id: `${now.toString(36)}-${number}`,
		reason,
		type,
		...(severity === undefined ? {} : { severity }),
		message,
		at: timestamp(now),
	};
	return { ...status, lastNoticeNumber: number, notices: [...(status.notices ?? []), notice].slice(-NOTICES_MAX) };
}

/** The status with its run changed. */
export function withRun(status: CanaryStatus, change: Partial<RunStatus>): CanaryStatus {
	return { ...status, run: { ...runOf(status), ...change } };
}

/** A run that has not begun to climb. */
function freshRun({ plan, status, now }: Situation, revision: string): RunStatus {
	return {
		revision,
		startedAt: timestamp(now),
		step: -1,
		steps: rungsOf(plan, status).length,
		traffic: status.serving === "candidate" ? allCandidate : allPrimary,
		rounds: 0,
		failedChecks: 0,
		inconclusiveChecks: 0,
	};
}

/**
 * The rungs of this run. While the primary cannot serve there is nothing to shift from: one round on all the traffic,
 * which the candidate has already, then promotion, so that a broken primary never blocks its own fix.
 */
export function rungsOf(plan: Situation["plan"], status: CanaryStatus): Situation["plan"]["rungs"] {
	if (status.serving !== "candidate" || plan.rungs.length === 0) return plan.rungs;
	return [{ traffic: allCandidate, rounds: 1, holdMs: 0, untilResumed: false }];
}

/** Takes a revision up: from now on the run is about it. */
export function begin(situation: Situation, revision: string): CanaryStatus {
	const { plan, seen, now } = situation;
	const gated = plan.gates.has("confirm-rollout") && plan.rungs.length > 0;
	const next = enter(situation, gated ? "Waiting" : "Progressing", {
		lastAppliedSpec: revision,
		...(seen.target === undefined ? {} : { targetGeneration: seen.target.generation }),
		failedChecks: 0,
		inconclusiveChecks: 0,
		iterations: 0,
		checks: [],
		run: freshRun(situation, revision),
	});
	return tell(next, "RevisionDetected", `new revision ${revision} detected, ${describePlan(plan)}`, now);
}

/** Starts over with another revision in mid-run; the confirm-rollout gate has been passed already. */
export function restart(situation: Situation, revision: string): CanaryStatus {
	const { status, seen, now } = situation;
	const old = runOf(status);
	const archived = archive(
		status,
		old,
		"Superseded",
		{ reason: "Superseded", message: `revision ${revision} came` },
		now,
	);
	const next: CanaryStatus = {
		...archived,
		...(status.phase === "Progressing" ? {} : { phase: "Progressing", lastTransitionTime: timestamp(now) }),
		lastAppliedSpec: revision,
		...(seen.target === undefined ? {} : { targetGeneration: seen.target.generation }),
		failedChecks: 0,
		inconclusiveChecks: 0,
		iterations: 0,
		checks: [],
		run: freshRun(situation, revision),
	};
	invariant(isEdge(status.phase, "Progressing"), `no restart from ${status.phase}`);
	return tell(next, "Restarted", `revision ${revision} came in mid-run, starting over with it`, now);
}

/**
 * The same object read as another revision: nobody changed it (its generation is the same), so the API server or this
 * program was upgraded and sees it with other eyes. It keeps its run and its history under the new name.
 */
export function rename(status: CanaryStatus, revision: string): CanaryStatus {
	const isPromoted = status.lastPromotedSpec === status.lastAppliedSpec;
	return {
		...status,
		lastAppliedSpec: revision,
		...(isPromoted ? { lastPromotedSpec: revision } : {}),
		...(status.run === undefined ? {} : { run: { ...status.run, revision } }),
	};
}

/**
 * Begins to end the run: traffic goes back to the primary, and the outcome is recorded once that is seen. A primary that
 * could not take the traffic back before gets it only when it is ready now; a candidate that lost its pods may get them back.
 */
export function finalise(
	situation: Situation,
	outcome: Outcome,
	why: { reason: string; message: string },
): CanaryStatus {
	const { status, seen, now } = situation;
	const canStay = status.serving === "candidate" && seen.target !== undefined;
	const isStranded = canStay && outcome !== "Succeeded" && !seen.primary?.ready;
	const traffic = isStranded ? allCandidate : allPrimary;
	const next = enter(situation, "Finalising", { run: { ...withoutForce(runOf(status)), traffic, outcome, ...why } });
	if (outcome === "Failed") return tell(next, "RollingBack", `rolling back: ${why.message}`, now);
	if (outcome === "Reverted") return tell(next, "RunReverted", why.message, now);
	return next;
}

/** The status with the run put into the history and gone. */
export function archive(
	status: CanaryStatus,
	run: RunStatus,
	outcome: Outcome,
	why: { readonly reason?: string | undefined; readonly message?: string | undefined },
	now: number,
): CanaryStatus {
	const past = {
		revision: run.revision,
		startedAt: run.startedAt,
		endedAt: timestamp(now),
		outcome,
		...(why.reason === undefined ? {} : { reason: why.reason }),
		...(why.message === undefined ? {} : { message: why.message }),
	};
	const { run: _ended, ...rest } = status;
	return { ...rest, history: [past, ...(status.history ?? [])].slice(0, HISTORY_MAX) };
}

/** The run with its step's clock stopped: it starts anew when the traffic is seen in force. */
export function withoutForce(run: RunStatus): RunStatus {
	const { inForceSince: _since, nextCheckAt: _due, waitingFor: _gate, ...rest } = run;
	return rest;
}

/** Whether a recorded moment has come; one that was never recorded has. */
export function isDue(moment: string | undefined, now: number): boolean {
	return (instantOf(moment) ?? 0) <= now;
}

/** Milliseconds from now until a recorded moment, never negative; undefined when none is recorded. */
export function until(moment: string | undefined, now: number): number | undefined {
	const instant = instantOf(moment);
	return instant === undefined ? undefined : Math.max(0, instant - now);
}

function describePlan(plan: Situation["plan"]): string {
	return plan.rungs.length === 0 ? "analysis is skipped" : `${plan.rungs.length} steps to go`;
}
