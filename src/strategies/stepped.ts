import { durationMs } from "../domain/duration.ts";
import { allPrimary, type Traffic } from "../domain/traffic.ts";
import { type Analysis, type Rung, rung, type Strategy } from "./strategy.ts";

/** Follows `analysis.steps` as they are written; a step that names no traffic keeps that of the step before. */
export const stepped = {
	asksFor: (analysis) => (analysis.steps ?? []).length > 0,
	rungs: (analysis) => {
		const rungs: Rung[] = [];
		let traffic: Traffic = allPrimary;
		for (const step of analysis.steps ?? []) {
			if (step.weight !== undefined || step.mirror !== undefined) traffic = trafficOf(step);
			rungs.push(
				rung(traffic, {
					holdMs: step.for === undefined ? 0 : (durationMs(step.for) ?? 0),
					untilResumed: step.pause === true,
				}),
			);
		}
		return rungs;
	},
	ceiling: (analysis) => Math.max(0, ...(analysis.steps ?? []).map((step) => step.weight ?? 0)),
} satisfies Strategy;

type Step = NonNullable<Analysis["steps"]>[number];

function trafficOf({ weight = 0, mirror = 0 }: Step): Traffic {
	return { primary: 100 - weight, candidate: weight, mirror };
}
