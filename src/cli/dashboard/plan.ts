import type { Canary } from "../../api/canary.ts";
import { durationText } from "../../domain/duration.ts";
import { providerFor } from "../../mesh-adapters/registry.ts";
import type { PlannedStep } from "../../server/dashboard/wire.ts";
import { strategies, strategyOf } from "../../strategies/registry.ts";

/** The steps that the Canary's analysis plans; none when it was edited in mid-run, or asks for no test. */
export function planOf({ spec, status }: Canary): readonly PlannedStep[] {
	const { analysis } = spec;
	const name = analysis === undefined || spec.skipAnalysis ? undefined : strategyOf(analysis);
	if (analysis === undefined || name === undefined) return [];
	const plans = [true, false].map((weights) => strategies[name].rungs(analysis, { weights }));
	const can = spec.provider === undefined ? undefined : providerFor(spec.provider)?.adapter.can.weights;
	// Without a provider the operator's own counts, which only a running rollout tells.
	const fitting = plans.find(({ length }) => length === status?.run?.steps) ?? plans[0];
	const plan = (can === undefined ? fitting : plans[can ? 0 : 1]) ?? [];
	if (status?.run !== undefined && status.run.steps !== plan.length) return [];
	return plan.map(({ traffic, holdMs, rounds, untilResumed }) => ({
		share: traffic.mirror > 0 ? `copies of ${traffic.mirror} %` : `${traffic.candidate} %`,
		until: untilResumed
			? "until resumed"
			: holdMs > 0
				? `for ${durationText(holdMs)}`
				: `${rounds} ${rounds === 1 ? "round" : "rounds"} of checks`,
	}));
}
