import type { CanaryStatus } from "../../api/canary-status.ts";
import { durationText } from "../../domain/duration.ts";
import { timestamp } from "../../domain/instant.ts";
import { sameTraffic } from "../../domain/traffic.ts";
import type { Rung } from "../../strategies/strategy.ts";
import { inForceMs, isInForce } from "./in-force.ts";
import { enter, isDue, rungsOf, runOf, tell, tellByEvent, withoutForce, withRun } from "./record.ts";
import type { GateType, Plan, Situation } from "./situation.ts";

/**
 * Where the run stands among the rungs as they are now. Usually the recorded step; when the plan was edited in
 * mid-run, the last rung that gives the candidate no more than it has, so that an edit neither jumps nor restarts.
 */
export function position(plan: Plan, status: CanaryStatus): number {
	const { step, traffic } = runOf(status);
	const rungs = rungsOf(plan, status);
	const recorded = rungs[step];
	if (recorded !== undefined && sameTraffic(recorded.traffic, traffic)) return step;
	return rungs.findLastIndex((rung) => rung.traffic.candidate <= traffic.candidate);
}

/** The rung that the run stands on; undefined before the first, or when the plan has none that low. */
export function currentRung({ plan, status }: Situation): Rung | undefined {
	return rungsOf(plan, status)[position(plan, status)];
}

/** A round of checks is due: the traffic has been in force for long enough, and nobody holds the run. */
export function roundIsDue(situation: Situation): boolean {
	const { status, now } = situation;
	return isInForce(situation) && status.run?.inForceSince !== undefined && isDue(status.run.nextCheckAt, now);
}

/** Whether one more passed round would end the current step, gates aside. */
export function nextPassEndsStep(situation: Situation): boolean {
	const rung = currentRung(situation);
	if (rung === undefined) return true;
	const { rounds, resumed } = runOf(situation.status);
	return (!rung.untilResumed || resumed === true) && rounds + 1 >= rung.rounds && inForceMs(situation) >= rung.holdMs;
}

/** Whether the current step is the last before promotion. */
export function onLastRung({ plan, status }: Situation): boolean {
	return position(plan, status) >= rungsOf(plan, status).length - 1;
}

/** Goes to the next rung, or on to promotion after the last. The new traffic is not in force yet. */
export function climb(situation: Situation): CanaryStatus {
	const { plan, status, now } = situation;
	const rungs = rungsOf(plan, status);
	const step = runOf(status).step < 0 ? 0 : position(plan, status) + 1;
	const rung = rungs[step];
	if (rung === undefined) return promote(situation);
	const { resumed: _resumed, ...before } = withoutForce(runOf(status));
	const asked = { step, steps: rungs.length, traffic: rung.traffic, rounds: 0, notInForceSince: timestamp(now) };
	const run = { ...before, ...asked };
	const next = { ...status, iterations: 0, run };
	return tell(next, "StepReached", `step ${step + 1} of ${rungs.length}: ${describeRung(rung)}`, now);
}

/** Decides to promote; nothing is copied before that is recorded. */
export function promote(situation: Situation): CanaryStatus {
	const { status, seen, now } = situation;
	const { paused: _paused, nextCheckAt: _due, waitingFor: _gate, ...run } = runOf(status);
	const next = enter(situation, "Promoting", {
		run: { ...run, promotedAt: timestamp(now), candidateReplicas: seen.target?.replicas ?? 0 },
	});
	return tell(next, "Promoting", `revision ${run.revision} passed, promoting it`, now);
}

/** The status held by a gate until the next round, told about once: in chats only when that is wanted. */
export function holdAt(situation: Situation, gate: GateType | "pause", detail: string, isAlert = true): CanaryStatus {
	const { plan, status, now } = situation;
	const held = withRun(status, { waitingFor: gate, nextCheckAt: timestamp(now + plan.intervalMs) });
	if (runOf(status).waitingFor === gate) return held;
	return (isAlert ? tell : tellByEvent)(held, "WaitingForApproval", `waiting at ${gate}: ${detail}`, now);
}

function describeRung({ traffic, holdMs, rounds, untilResumed }: Rung): string {
	const share = traffic.mirror > 0 ? `${traffic.mirror} % of requests mirrored, ` : "";
	return `${share}candidate gets ${traffic.candidate} %, ${endOf({ holdMs, rounds, untilResumed })}`;
}

function endOf({ holdMs, rounds, untilResumed }: Pick<Rung, "holdMs" | "rounds" | "untilResumed">): string {
	if (untilResumed) return "until resumed";
	if (holdMs > 0) return `for ${durationText(holdMs)}`;
	return rounds === 1 ? "one round of checks" : `${rounds} rounds of checks`;
}
