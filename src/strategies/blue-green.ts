import { allCandidate, allPrimary } from "../domain/traffic.ts";
import { shadowTraffic } from "./shadow.ts";
import { rung, type Strategy } from "./strategy.ts";

/**
 * Tests the candidate for `iterations` rounds beside the traffic (or on copies of it), then, where the mesh can,
 * switches all requests to it for one more round before it is promoted.
 */
export const blueGreen = {
	asksFor: (analysis) => (analysis.iterations ?? 0) > 0,
	rungs: (analysis, mesh) => {
		const beside = rung(shadowTraffic(analysis) ?? allPrimary, { rounds: analysis.iterations ?? 1 });
		return mesh.weights ? [beside, rung(allCandidate)] : [beside];
	},
	ceiling: () => 100,
} satisfies Strategy;
