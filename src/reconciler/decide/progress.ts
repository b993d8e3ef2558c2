import type { CanaryStatus } from "../../api/canary-status.ts";
import { durationText } from "../../domain/duration.ts";
import { instantOf, timestamp } from "../../domain/instant.ts";
import { reachesCandidate } from "../../domain/traffic.ts";
import { climb, currentRung, holdAt, nextPassEndsStep, onLastRung, promote, roundIsDue } from "./climb.ts";
import { inForceMs, trackTraffic } from "./in-force.ts";
import { enter, finalise, isDue, rename, restart, rungsOf, runOf, tell, withRun } from "./record.ts";
import type { Situation } from "./situation.ts";

/** The run under way, in `Progressing` and `WaitingPromotion`: one round at a time, up, held, or out. */
export function progress(situation: Situation): CanaryStatus {
	return interrupted(situation) ?? (runOf(situation.status).step < 0 ? prepare(situation) : advance(situation));
}

/** What ends or bends a run whatever its checks say; undefined when nothing does. */
function interrupted(situation: Situation): CanaryStatus | undefined {
	const { status, seen, answers, command } = situation;
	const run = runOf(status);
	if (seen.target === undefined) {
		return finalise(situation, "Failed", { reason: "TargetMissing", message: "the target is gone" });
	}
	const { revision } = seen.target;
	if (revision !== undefined && revision !== run.revision) {
		if (status.targetGeneration === seen.target.generation) return rename(status, revision);
		if (revision !== status.lastPromotedSpec || status.serving === "candidate") return restart(situation, revision);
		const back = { ...status, lastAppliedSpec: revision, targetGeneration: seen.target.generation };
		const message = `the target is back at revision ${revision}, which the primary runs`;
		return finalise({ ...situation, status: back }, "Reverted", { reason: "Reverted", message });
	}
	if (seen.target.stalled !== undefined) {
		return finalise(situation, "Failed", { reason: "ProgressDeadlineExceeded", message: seen.target.stalled });
	}
	if (answers.gates.rollback?.open) {
		return finalise(situation, "Failed", { reason: "RollbackHook", message: answers.gates.rollback.detail });
	}
	return command === undefined ? undefined : obey(situation, command.verb);
}

function obey(situation: Situation, verb: NonNullable<Situation["command"]>["verb"]): CanaryStatus | undefined {
	const { status, seen, now } = situation;
	const run = runOf(status);
	const isAtPause = currentRung(situation)?.untilResumed ?? false;
	switch (verb) {
		case "abort":
			return finalise(situation, "Failed", { reason: "Aborted", message: "aborted by command" });
		case "promote":
			return seen.target?.ready ? promote(situation) : undefined;
		case "pause":
			return run.paused ? undefined : tell(withRun(status, { paused: true }), "Paused", "paused by command", now);
		case "resume": {
			const { paused, ...going } = run;
			if (paused) return tell({ ...status, run: going }, "Resumed", "resumed by command", now);
			if (!isAtPause || run.resumed) return undefined;
			// Gates on the way and a last round of checks still have their say, so a round is due at once.
			const { waitingFor: _pause, ...free } = going;
			const resumed = { ...status, run: { ...free, resumed: true, nextCheckAt: timestamp(now) } };
			return tell(resumed, "Resumed", "resumed by command", now);
		}
		case "retry":
			return undefined;
	}
}

/** Before the first step: the candidate is scaled up, and pre-rollout hooks have their say once it is ready. */
function prepare(situation: Situation): CanaryStatus {
	const { plan, status, seen, answers, now } = situation;
	const run = runOf(status);
	if (!seen.target?.ready) {
		const sinceMs = now - (instantOf(run.startedAt) ?? now);
		if (sinceMs < plan.progressDeadlineMs) return status;
		const message = `the candidate was not ready within ${durationText(plan.progressDeadlineMs)}`;
		return finalise(situation, "Failed", { reason: "ProgressDeadlineExceeded", message });
	}
	if (isHeld(situation)) return status;
	const hook = answers.gates["pre-rollout"];
	if (plan.gates.has("pre-rollout") && rungsOf(plan, status).length > 0) {
		if (hook === undefined) return status;
		if (!hook.open) return countFailure(situation, `pre-rollout: ${hook.detail}`);
	}
	return climb(situation);
}

/** On a step: keeps its clock, and judges a round when one is due and answered. */
function advance(situation: Situation): CanaryStatus {
	const tracked = trackTraffic(situation);
	if (tracked !== situation.status) return withLostCandidate(situation, tracked);
	if (isHeld(situation) || situation.answers.round === undefined || !roundIsDue(situation)) {
		return deadlineWithoutTraffic(situation);
	}
	return judge(situation, situation.answers.round);
}

/** A candidate that lost its last pod under traffic has failed a check, whatever the metrics would say. */
function withLostCandidate(situation: Situation, tracked: CanaryStatus): CanaryStatus {
	const { status, seen } = situation;
	const isLost = status.run?.inForceSince !== undefined && tracked.run?.inForceSince === undefined;
	if (!isLost || !reachesCandidate(runOf(status).traffic) || (seen.target?.available ?? 0) > 0) return tracked;
	return countFailure({ ...situation, status: tracked }, "the candidate has no available pod");
}

/** A step whose traffic does not come into force ends at the progress deadline, like a candidate that is never ready. */
function deadlineWithoutTraffic(situation: Situation): CanaryStatus {
	const { plan, status, seen, now } = situation;
	const run = runOf(status);
	const waitedSince = instantOf(run.notInForceSince);
	if (run.inForceSince !== undefined || waitedSince === undefined) return status;
	if (now - waitedSince >= plan.progressDeadlineMs) {
		const detail = seen.refused ?? "the mesh has not taken the route up, or no pod answers";
		const message = `step ${run.step + 1} was not in force within ${durationText(plan.progressDeadlineMs)}: ${detail}`;
		return finalise(situation, "Failed", { reason: "ProgressDeadlineExceeded", message });
	}
	if ((seen.target?.available ?? 0) > 0) return status;
	if (run.nextCheckAt === undefined) return withRun(status, { nextCheckAt: timestamp(now + plan.intervalMs) });
	return isDue(run.nextCheckAt, now) ? countFailure(situation, "the candidate has no available pod") : status;
}

/** One round of checks, judged. */
function judge(situation: Situation, round: NonNullable<Situation["answers"]["round"]>): CanaryStatus {
	const { plan, now } = situation;
	const checks = [...round.checks];
	const status: CanaryStatus = { ...situation.status, checks };
	const run = runOf(status);
	const current = { ...situation, status };
	const due = { nextCheckAt: timestamp(now + plan.intervalMs) };
	switch (round.verdict) {
		case "failed":
			return countFailure(current, explain(checks, "failed"));
		case "inconclusive": {
			const inconclusiveChecks = run.inconclusiveChecks + 1;
			const next = withRun({ ...status, inconclusiveChecks }, { inconclusiveChecks, ...due });
			const message = explain(checks, "inconclusive");
			if (plan.inconclusiveLimit === 0 || inconclusiveChecks < plan.inconclusiveLimit) {
				return tell(next, "CheckInconclusive", message, now);
			}
			const why = {
				reason: "TooManyInconclusiveChecks",
				message: `no answer ${inconclusiveChecks} times in a row: ${message}`,
			};
			return finalise({ ...situation, status: next }, "Failed", why);
		}
		case "passed": {
			const rounds = run.rounds + 1;
			const next = withRun({ ...status, iterations: rounds, inconclusiveChecks: 0 }, { rounds, inconclusiveChecks: 0 });
			const passed = { ...situation, status: next };
			return nextPassEndsStep(current) ? climbOrAsk(passed) : nextRound(passed);
		}
	}
}

/** Looks again after an interval, or already when the step's time is over. */
function nextRound(situation: Situation): CanaryStatus {
	const { plan, status, now } = situation;
	const rung = currentRung(situation);
	const restMs = (rung?.holdMs ?? 0) - inForceMs(situation);
	const afterMs = restMs > 0 ? Math.min(restMs, plan.intervalMs) : plan.intervalMs;
	const next = withRun(status, { nextCheckAt: timestamp(now + afterMs) });
	if (rung?.untilResumed && !runOf(status).resumed) return holdAt(situation, "pause", "resume or promote it to go on");
	return next;
}

/** The step is over: goes on when the gates on the way are open, holds when one is closed. */
function climbOrAsk(situation: Situation): CanaryStatus {
	const { plan, status, answers } = situation;
	const increase = answers.gates["confirm-traffic-increase"];
	if (plan.gates.has("confirm-traffic-increase") && status.phase === "Progressing" && !increase?.open) {
		return holdAt(situation, "confirm-traffic-increase", increase?.detail ?? "not asked yet", increase?.alert ?? false);
	}
	if (!onLastRung(situation)) {
		// The plan has grown since approval was asked for: the way up goes on, past the gates on it.
		return status.phase === "WaitingPromotion" ? enter(situation, "Progressing") : climb(situation);
	}
	const promotion = answers.gates["confirm-promotion"];
	if (plan.gates.has("confirm-promotion") && !promotion?.open) {
		const held = holdAt(
			situation,
			"confirm-promotion",
			promotion?.detail ?? "not asked yet",
			promotion?.alert ?? false,
		);
		return status.phase === "WaitingPromotion" ? held : enter({ ...situation, status: held }, "WaitingPromotion");
	}
	return promote(situation);
}

/** One failed round more; the run ends when there are too many. */
function countFailure(situation: Situation, message: string): CanaryStatus {
	const { plan, status, now } = situation;
	const failedChecks = runOf(status).failedChecks + 1;
	const change = { failedChecks, inconclusiveChecks: 0, nextCheckAt: timestamp(now + plan.intervalMs) };
	const next = withRun({ ...status, failedChecks, inconclusiveChecks: 0 }, change);
	if (failedChecks < plan.threshold) {
		return tell(next, "CheckFailed", `${message} (${failedChecks} of ${plan.threshold} failed checks)`, now);
	}
	const why = { reason: "TooManyFailedChecks", message: `${failedChecks} failed checks, the last: ${message}` };
	return finalise({ ...situation, status: next }, "Failed", why);
}

/** A person holds the run where it is. */
export function isHeld({ plan, status }: Situation): boolean {
	return plan.paused || status.run?.paused === true;
}

function explain(checks: NonNullable<CanaryStatus["checks"]>, verdict: "failed" | "inconclusive"): string {
	return checks
		.filter((check) => check.verdict === verdict)
		.map((check) => check.message ?? `${check.name} ${verdict}`)
		.join("; ");
}
