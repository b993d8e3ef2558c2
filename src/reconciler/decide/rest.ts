import type { CanaryStatus } from "../../api/canary-status.ts";
import { timestamp } from "../../domain/instant.ts";
import { allCandidate } from "../../domain/traffic.ts";
import { begin, enter, rename, tell } from "./record.ts";
import type { Situation } from "./situation.ts";

/** Between rollouts: waits for a revision that is neither what was taken up last nor what the primary runs. */
export function rest(situation: Situation): CanaryStatus {
	const { status, seen, command, now } = situation;
	const revision = seen.target?.revision;
	if (seen.target === undefined || revision === undefined) return status;

	if (status.serving === "candidate" && seen.primary?.ready) return healed(situation);
	const sameGeneration = status.targetGeneration === seen.target.generation;
	if (revision !== status.lastAppliedSpec && sameGeneration) return rename(status, revision);
	if (revision === status.lastAppliedSpec) {
		if (status.phase === "Failed" && command?.verb === "retry") return begin(situation, revision);
		return status;
	}
	if (revision === status.lastPromotedSpec && status.serving === undefined) {
		const back = { lastAppliedSpec: revision, targetGeneration: seen.target.generation };
		if (status.phase !== "Failed") return { ...status, ...back };
		const next = enter(situation, "Initialized", back);
		return tell(next, "RunReverted", `the target is back at revision ${revision}, which the primary runs`, now);
	}
	return begin(situation, revision);
}

/**
 * A primary that could not take the traffic back has become ready after all. When it runs what was taken up last, its
 * promotion is finished; else the candidate failed since, and the primary simply serves again.
 */
function healed(situation: Situation): CanaryStatus {
	const { status, seen, now } = situation;
	const { serving: _serving, ...rest } = status;
	const revision = seen.primary?.revision;
	if (status.phase !== "Failed" || revision === undefined || revision !== status.lastAppliedSpec) {
		return tell(rest, "RunReverted", `the primary is ready again with revision ${revision}, and serves`, now);
	}
	const next = enter({ ...situation, status: rest }, "Promoting", {
		run: {
			revision,
			startedAt: timestamp(now),
			step: 0,
			steps: 0,
			traffic: allCandidate,
			rounds: 0,
			failedChecks: 0,
			inconclusiveChecks: 0,
			promotedAt: timestamp(now),
			candidateReplicas: seen.target?.replicas ?? 0,
		},
	});
	return tell(next, "Promoting", "the primary has become ready, finishing its promotion", now);
}
