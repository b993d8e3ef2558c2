import type { Canary } from "../../api/canary.ts";
import { durationText } from "../../domain/duration.ts";
import type { PlannedStep } from "../../server/dashboard/wire.ts";
import { plannedRungs, shareText } from "../planned-rungs.ts";

/** The steps that the Canary's analysis plans; none when it was edited in mid-run, or asks for no test. */
export function planOf(canary: Canary): readonly PlannedStep[] {
	const plan = plannedRungs(canary);
	const run = canary.status?.run;
	if (run !== undefined && run.steps !== plan.length) return [];
	return plan.map(({ traffic, holdMs, rounds, untilResumed }) => ({
		share: shareText(traffic),
		until: untilResumed
			? "until resumed"
			: holdMs > 0
				? `for ${durationText(holdMs)}`
				: `${rounds} ${rounds === 1 ? "round" : "rounds"} of checks`,
	}));
}
