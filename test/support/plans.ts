import { allCandidate, allPrimary, mirrored, split, type Traffic } from "../../src/domain/traffic.ts";
import type { GateType, Plan } from "../../src/reconciler/decide/situation.ts";
import { type Rung, rung } from "../../src/strategies/strategy.ts";

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
		binding: { provider: "gatewayapi:v1", service: "cart", target: "cart" },
		gates: new Set<GateType>(),
		...change,
	};
}

/** A shape of rollout as users write them, and the most that its candidate may get before it is promoted. */
export interface Shape {
	readonly name: string;
	readonly rungs: readonly Rung[];
	readonly descent: readonly Traffic[];
	/** Whether the mesh routes at all; plain Services do not. */
	readonly routes: boolean;
	readonly ceiling: number;
}

const shape = (name: string, rungs: readonly Rung[], change: Partial<Shape> = {}): Shape => ({
	name,
	rungs,
	descent: [allPrimary],
	routes: true,
	ceiling: Math.max(0, ...rungs.map(({ traffic }) => traffic.candidate)),
	...change,
});

/** Every shape that the simulations live through. */
export const shapes: readonly Shape[] = [
	shape(
		"weighted",
		[20, 40, 60].map((weight) => rung(split(weight))),
	),
	shape("stepped", [
		rung(mirrored(10), { holdMs: 25_000 }),
		rung(split(5), { holdMs: 12_000 }),
		rung(split(5), { untilResumed: true }),
		rung(split(50)),
	]),
	shape("holding", [rung(split(10), { holdMs: 33_000 }), rung(split(10)), rung(split(30), { holdMs: 4_000 })]),
	shape("mirrored", [rung(mirrored(100)), rung(split(30)), rung(split(60))]),
	shape("blue/green", [rung(allPrimary, { rounds: 3 })], { routes: false }),
	shape("blue/green that switches", [rung(allPrimary, { rounds: 2 }), rung(allCandidate)]),
	shape("blue/green on copies", [rung(mirrored(100), { rounds: 2 }), rung(allCandidate)]),
	shape("without analysis", []),
	shape("descending", [rung(split(50))], { descent: [split(30), split(10), allPrimary] }),
];

/** The plan of a shape with short deadlines, so that a life is soon lived. */
export function planOf({ rungs, descent, routes }: Shape, change: Partial<Plan> = {}): Plan {
	return planWith({ rungs, descent, canSwitch: routes, progressDeadlineMs: 60_000, ...change });
}
