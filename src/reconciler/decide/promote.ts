import type { CanaryStatus } from "../../api/canary-status.ts";
import { durationText } from "../../domain/duration.ts";
import { instantOf, timestamp } from "../../domain/instant.ts";
import { allPrimary, sameTraffic } from "../../domain/traffic.ts";
import { isInForce, trackTraffic } from "./in-force.ts";
import { archive, enter, finalise, isDue, rename, restart, runOf, tell, withoutForce, withRun } from "./record.ts";
import type { Situation } from "./situation.ts";

/**
 * The primary is given the new revision, becomes ready, and takes the traffic back. Once it has been copied there is
 * no way back; when it cannot become ready the candidate, which passed, keeps serving.
 */
export function settle(situation: Situation): CanaryStatus {
	const { plan, status, seen, command, now } = situation;
	const run = runOf(status);
	const isCopied = seen.primary?.revision === run.revision;
	const revision = seen.target?.revision;
	if (revision !== undefined && revision !== run.revision) {
		const isSameObject = status.targetGeneration === seen.target?.generation;
		return isSameObject ? rename(status, revision) : overtaken(situation, revision);
	}
	if (!isCopied) {
		if (command?.verb === "abort") {
			return finalise(situation, "Failed", { reason: "Aborted", message: "aborted by command" });
		}
		if (seen.target === undefined) {
			return finalise(situation, "Failed", { reason: "TargetMissing", message: "the target is gone" });
		}
	}
	const hasCapacity = (seen.primary?.replicas ?? 0) >= (run.candidateReplicas ?? 0);
	if (!isCopied || !seen.primary?.ready || !hasCapacity) {
		const sinceMs = now - (instantOf(run.promotedAt) ?? now);
		const stalled = isCopied ? seen.primary?.stalled : undefined;
		if (stalled === undefined && sinceMs < plan.progressDeadlineMs) return status;
		return abandon(situation, stalled ?? `not ready within ${durationText(plan.progressDeadlineMs)}`);
	}
	return descend({ ...situation, status: { ...status, lastPromotedSpec: run.revision } }, status);
}

/** Another revision came before the end. What was copied counts as promoted; the rest begins anew, or goes back. */
function overtaken(situation: Situation, revision: string): CanaryStatus {
	const { plan, status, seen } = situation;
	const run = runOf(status);
	if (seen.primary?.revision === run.revision) {
		const { serving: _serving, ...rest } = status;
		// A primary that was broken by the copy gets no traffic while its fix is on the way.
		const isDead = plan.canSwitch && seen.primary.available === 0;
		const promoted = { ...rest, lastPromotedSpec: run.revision, ...(isDead ? { serving: "candidate" as const } : {}) };
		return restart({ ...situation, status: promoted }, revision);
	}
	if (revision !== status.lastPromotedSpec || status.serving === "candidate") return restart(situation, revision);
	const message = `the target is back at revision ${revision}, which the primary runs`;
	const back = { ...status, lastAppliedSpec: revision };
	return finalise({ ...situation, status: back }, "Reverted", { reason: "Reverted", message });
}

/** Gives traffic back to the primary, a step of the descent an interval. */
function descend(situation: Situation, recorded: CanaryStatus): CanaryStatus {
	const { plan, status, now } = situation;
	const run = runOf(status);
	const next = plan.descent.find((traffic) => traffic.candidate < run.traffic.candidate) ?? allPrimary;
	if (sameTraffic(next, allPrimary) && isFirstOrDue(situation)) {
		return finalise(situation, "Succeeded", { reason: "Promoted", message: `revision ${run.revision} is promoted` });
	}
	if (isFirstOrDue(situation)) {
		const down = withRun({ ...status, run: withoutForce(run) }, { traffic: next, descending: true });
		return tell(down, "StepReached", `primary ready, candidate gets ${next.candidate} %`, now);
	}
	return trackTraffic({ ...situation, status: recorded });
}

/** The descent has not begun, or its current step has been in force for an interval. */
function isFirstOrDue(situation: Situation): boolean {
	const { status, now } = situation;
	const run = runOf(status);
	if (!run.descending) return true;
	return isInForce(situation) && run.inForceSince !== undefined && isDue(run.nextCheckAt, now);
}

/** The promotion failed: a primary that is not ready gets no traffic, and the candidate goes on serving. */
function abandon(situation: Situation, detail: string): CanaryStatus {
	const { plan, status, seen, now } = situation;
	const run = runOf(status);
	const message = `the primary did not take revision ${run.revision}: ${detail}`;
	const isCopied = seen.primary?.revision === run.revision;
	const canServe = plan.canSwitch && seen.target !== undefined && !seen.primary?.ready;
	const archived = archive(status, run, "Failed", { reason: "PromotionFailed", message }, now);
	const next = enter({ ...situation, status: archived }, "Failed", {
		...(isCopied ? { lastPromotedSpec: run.revision } : {}),
		...(canServe ? { serving: "candidate" as const } : {}),
		lastTransitionTime: timestamp(now),
	});
	return tell(next, "PromotionFailed", canServe ? `${message}; the candidate keeps serving` : message, now);
}
