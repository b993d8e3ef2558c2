import type { Canary } from "../api/canary.ts";
import { providerFor } from "../mesh-adapters/registry.ts";
import { strategies, strategyOf } from "../strategies/registry.ts";
import type { Rung } from "../strategies/strategy.ts";

/** The steps that the Canary's analysis plans, as far as it says them; none when it asks for no test. */
export function plannedRungs({ spec, status }: Canary): readonly Rung[] {
	const { analysis } = spec;
	const name = analysis === undefined || spec.skipAnalysis ? undefined : strategyOf(analysis);
	if (analysis === undefined || name === undefined) return [];
	const plans = [true, false].map((weights) => strategies[name].rungs(analysis, { weights }));
	const can = spec.provider === undefined ? undefined : providerFor(spec.provider)?.adapter.can.weights;
	// Without a provider the operator's own counts, which only a running rollout tells.
	const fitting = plans.find(({ length }) => length === status?.run?.steps);
	return (can === undefined ? (fitting ?? plans[0]) : plans[can ? 0 : 1]) ?? [];
}

/** Who gets the requests of a step. */
export function shareText({ candidate, mirror }: Rung["traffic"]): string {
	return mirror > 0 ? `copies of ${mirror} %` : `${candidate} %`;
}
