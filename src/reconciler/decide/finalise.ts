import type { CanaryStatus } from "../../api/canary-status.ts";
import { isSettled } from "./in-force.ts";
import { archive, enter, runOf, tell } from "./record.ts";
import type { Situation } from "./situation.ts";

/** Over when all requests have been seen to go to the primary, and post-rollout hooks have been called. */
export function conclude(situation: Situation): CanaryStatus {
	const { plan, status, answers, now } = situation;
	if (!isSettled(situation)) return status;
	if (plan.gates.has("post-rollout") && answers.gates["post-rollout"] === undefined) return status;
	const run = runOf(status);
	const outcome = run.outcome ?? "Failed";
	const { serving, ...archived } = archive(status, run, outcome, run, now);
	const isStranded = serving === "candidate" && run.traffic.candidate === 100;
	const ended = isStranded ? { ...archived, serving } : { ...archived, canaryWeight: 0 };
	const current = { ...situation, status: { ...ended, iterations: 0 } };
	switch (outcome) {
		case "Succeeded": {
			const next = enter(current, "Succeeded", { lastPromotedSpec: run.revision, failedChecks: 0 });
			return tell(next, "Promoted", `revision ${run.revision} answers all requests`, now);
		}
		case "Failed": {
			const message = `revision ${run.revision} was rolled back: ${run.message ?? run.reason}`;
			return tell(enter(current, "Failed"), "RolledBack", message, now);
		}
		case "Reverted":
		case "Superseded":
			return enter(current, "Initialized", { failedChecks: 0 });
	}
}
