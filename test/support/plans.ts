import { allPrimary, split } from "../../src/domain/traffic.ts";
import type { GateType, Plan } from "../../src/reconciler/decide/situation.ts";
import { rung } from "../../src/strategies/strategy.ts";

/** A plan with the figures that most tests use: 20, 40, 60 percent, ten seconds apart. */
export function planWith(change: Partial<Plan> = {}): Plan {
	return {
		rungs: [20, 40, 60].map((weight) => rung(split(weight))),
		descent: [allPrimary],
		intervalMs: 10_000,
		threshold: 3,
		inconclusiveLimit: 10,
		progressDeadlineMs: 600_000,
		drainMs: 5_000,
		canSwitch: true,
		paused: false,
		suspended: false,
		gates: new Set<GateType>(),
		...change,
	};
}
