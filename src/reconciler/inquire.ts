import { nextPassEndsStep, onLastRung, roundIsDue } from "./decide/climb.ts";
import { isSettled } from "./decide/in-force.ts";
import { isHeld } from "./decide/progress.ts";
import { isDue, rungsOf } from "./decide/record.ts";
import type { GateType, Situation } from "./decide/situation.ts";

/** What only the world can answer now: whether a round of checks is due, and which gates are to be asked. */
export interface Inquiry {
	readonly round: boolean;
	readonly gates: readonly GateType[];
}

const nothing: Inquiry = Object.freeze({ round: false, gates: Object.freeze([]) });

/** The questions whose answers `decide` can use in this situation; none in a phase that does not judge. */
export function inquire(situation: Situation): Inquiry {
	const { plan, status, seen, command, now } = situation;
	if (plan.suspended || seen.deleting || seen.obstacle !== undefined) return nothing;
	// Whoever wants it stopped does not wait for answers.
	if (command?.verb === "abort" || command?.verb === "pause") return nothing;
	const listened = (...gates: GateType[]) => gates.filter((gate) => plan.gates.has(gate));
	const { run } = status;
	switch (status.phase) {
		case "Waiting":
			return isDue(run?.nextCheckAt, now) ? { round: false, gates: listened("confirm-rollout", "rollback") } : nothing;
		case "Progressing": {
			if (run === undefined || isHeld(situation)) return nothing;
			if (run.step < 0) {
				const isReady = seen.target?.ready === true && rungsOf(plan, status).length > 0 && isDue(run.nextCheckAt, now);
				return isReady ? { round: false, gates: listened("pre-rollout", "rollback") } : nothing;
			}
			if (!roundIsDue(situation)) return nothing;
			if (!nextPassEndsStep(situation)) return { round: true, gates: listened("rollback") };
			const last = onLastRung(situation) ? (["confirm-promotion"] as const) : [];
			return { round: true, gates: listened("rollback", "confirm-traffic-increase", ...last) };
		}
		case "WaitingPromotion":
			if (isHeld(situation) || !roundIsDue(situation)) return nothing;
			return { round: true, gates: listened("rollback", "confirm-promotion") };
		case "Finalising":
			return isSettled(situation) ? { round: false, gates: listened("post-rollout") } : nothing;
		default:
			return nothing;
	}
}
