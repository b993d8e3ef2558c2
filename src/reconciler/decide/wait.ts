import type { CanaryStatus } from "../../api/canary-status.ts";
import { timestamp } from "../../domain/instant.ts";
import { holdAt } from "./climb.ts";
import { archive, begin, enter, finalise, rename, runOf, tell } from "./record.ts";
import type { Situation } from "./situation.ts";

/** A new revision that waits for the confirm-rollout gate; nothing runs yet. */
export function wait(situation: Situation): CanaryStatus {
	const { plan, status, seen, answers, command, now } = situation;
	const run = runOf(status);
	const revision = seen.target?.revision ?? run.revision;
	if (revision !== run.revision) {
		if (status.targetGeneration === seen.target?.generation) return rename(status, revision);
		if (revision !== status.lastPromotedSpec || status.serving === "candidate") return begin(situation, revision);
		const message = `the target is back at revision ${revision}, which the primary runs`;
		const archived = archive(status, run, "Reverted", { reason: "Reverted", message }, now);
		const current = { ...archived, lastAppliedSpec: revision };
		const next = enter({ ...situation, status: current }, "Initialized");
		return tell(next, "RunReverted", message, now);
	}
	if (command?.verb === "abort") {
		return finalise(situation, "Failed", { reason: "Aborted", message: "aborted by command" });
	}
	if (answers.gates.rollback?.open) {
		return finalise(situation, "Failed", { reason: "RollbackHook", message: answers.gates.rollback.detail });
	}
	const gate = answers.gates["confirm-rollout"];
	const isListened = plan.gates.has("confirm-rollout");
	if (!isListened || gate?.open || command?.verb === "promote" || command?.verb === "resume") {
		const { waitingFor: _gate, nextCheckAt: _due, ...open } = run;
		return enter(situation, "Progressing", { run: { ...open, startedAt: timestamp(now) } });
	}
	return gate === undefined ? status : holdAt(situation, "confirm-rollout", gate.detail, gate.alert);
}
