import type { Canary } from "../api/canary.ts";
import type { Traffic } from "../domain/traffic.ts";

export type Analysis = NonNullable<Canary["spec"]["analysis"]>;

/** One step of a rollout as planned: the traffic it wants, and what it takes to be over. */
export interface Rung {
	readonly traffic: Traffic;
	/** Rounds of checks that have to pass, at least 1. */
	readonly rounds: number;
	/** How long the traffic stays in force, in milliseconds; 0 when a passed round is enough. */
	readonly holdMs: number;
	/** Over only when a person says so. */
	readonly untilResumed: boolean;
}

/**
 * A shape of rollout: which analyses ask for it, and the rungs it climbs from first to last; promotion follows.
 * Pure. The suite proves for each: finite, traffic adds up, the candidate's share never exceeds `ceiling`, and only
 * what the mesh can do is asked of it.
 */
export interface Strategy {
	asksFor(analysis: Analysis): boolean;
	rungs(analysis: Analysis, mesh: { readonly weights: boolean }): readonly Rung[];
	/** The largest share the candidate may get before it is promoted, in percent. */
	ceiling(analysis: Analysis): number;
}

export const rung = (traffic: Traffic, rest: Partial<Omit<Rung, "traffic">> = {}): Rung => ({
	traffic,
	rounds: 1,
	holdMs: 0,
	untilResumed: false,
	...rest,
});
