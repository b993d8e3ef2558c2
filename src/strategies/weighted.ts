import { split } from "../domain/traffic.ts";
import { shadowTraffic } from "./shadow.ts";
import { type Analysis, rung, type Strategy } from "./strategy.ts";

/** Climbs by `stepWeight` up to `maxWeight`, or through `stepWeights` (whose last is the ceiling, as in Flagger). */
export const weighted = {
	asksFor: (analysis) => analysis.stepWeight !== undefined || analysis.stepWeights !== undefined,
	rungs: (analysis) => {
		const shadow = shadowTraffic(analysis);
		const climb = weightsOf(analysis).map((weight) => rung(split(weight)));
		return shadow === undefined ? climb : [rung(shadow), ...climb];
	},
	ceiling: (analysis) => Math.max(0, ...weightsOf(analysis)),
} satisfies Strategy;

function weightsOf(analysis: Analysis): readonly number[] {
	const { stepWeight, stepWeights, maxWeight } = analysis;
	if (stepWeight === undefined || stepWeight <= 0) return (stepWeights ?? []).map((weight) => Math.min(weight, 100));
	const ceiling = Math.min(maxWeight ?? 100, 100);
	const weights: number[] = [];
	for (let weight = stepWeight; weight < ceiling; weight += stepWeight) weights.push(weight);
	return [...weights, ceiling];
}
