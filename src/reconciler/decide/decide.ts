import type { CanaryStatus, Phase } from "../../api/canary-status.ts";
import { withConditions } from "./conditions.ts";
import { converge, wakeAfter } from "./converge.ts";
import { conclude } from "./finalise.ts";
import { trackTraffic } from "./in-force.ts";
import { greet, initialise } from "./initialise.ts";
import { progress } from "./progress.ts";
import { settle } from "./promote.ts";
import { rest } from "./rest.ts";
import type { Decision, Situation } from "./situation.ts";
import { terminate } from "./terminate.ts";
import { wait } from "./wait.ts";

const phases = {
	"": greet,
	Initializing: initialise,
	Initialized: rest,
	Waiting: wait,
	Progressing: progress,
	WaitingPromotion: progress,
	Promoting: settle,
	Finalising: conclude,
	Succeeded: rest,
	Failed: rest,
	Terminating: terminate,
} satisfies Record<Phase, (situation: Situation) => CanaryStatus>;

/**
 * The whole policy: the same situation always gives the same decision.
 *
 * Either there is something to record, and then nothing is done; or the recorded status stands, and then what is done
 * follows from it. So whatever was done belongs to a status that is safely recorded, and a crash anywhere costs nothing.
 */
export function decide(situation: Situation): Decision {
	const { plan, status, seen } = situation;
	if (plan.suspended && !seen.deleting) return { status, actions: [], wakeAfterMs: undefined };
	const next = withConditions(situation, settleBooks(situation, nextStatus(situation)));
	if (next !== status) return { status: next, actions: [], wakeAfterMs: 0 };
	if (isBlocked(situation)) return { status, actions: [], wakeAfterMs: undefined };
	return { status, actions: converge(situation), wakeAfterMs: wakeAfter(situation) };
}

function nextStatus(situation: Situation): CanaryStatus {
	const { status, seen } = situation;
	if (seen.deleting) return terminate(situation);
	if (isBlocked(situation)) return status;
	const moved = phases[status.phase](situation);
	return moved === status ? trackTraffic(situation) : moved;
}

/** Something foreign is in our way: nothing is touched and nothing goes on until a person has cleared it. */
function isBlocked({ seen }: Situation): boolean {
	return seen.obstacle !== undefined && !seen.deleting;
}

/** Takes the command off the table, and drops notices that were told: with what is written anyway, or all at once at rest. */
function settleBooks(situation: Situation, next: CanaryStatus): CanaryStatus {
	const { status, seen, command, told } = situation;
	let settled = next;
	if (command !== undefined && !isDeferred(situation)) settled = { ...settled, lastHandledCommand: command.id };
	const isQuiet = isAtRest(status.phase) && (seen.target?.replicas === 0 || status.serving !== undefined);
	const { notices, ...rest } = settled;
	const untold = notices?.filter(({ id }) => !told.has(id)) ?? [];
	if (settled === status && !(isQuiet && untold.length === 0)) return settled;
	if (notices !== undefined && untold.length < notices.length) {
		settled = untold.length === 0 ? rest : { ...rest, notices: untold };
	}
	const generation = seen.target?.generation;
	const isCurrent = seen.target !== undefined && seen.target.revision === settled.lastAppliedSpec;
	if (isCurrent && generation !== undefined && generation !== settled.targetGeneration) {
		settled = { ...settled, targetGeneration: generation };
	}
	return settled;
}

/** Every command waits for an obstacle to be cleared, and `promote` until there is a candidate that can serve. */
function isDeferred(situation: Situation): boolean {
	const { status, seen, command } = situation;
	return isBlocked(situation) || (command?.verb === "promote" && status.phase === "Progressing" && !seen.target?.ready);
}

function isAtRest(phase: Phase): boolean {
	return phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
}
