import { expect, test } from "vitest";
import { transitions } from "../../src/reconciler/decide/transitions.ts";
import { Tally } from "../support/model/laws.ts";
import { Life } from "../support/model/life.ts";

const seedBase = Number(process.env.SEED ?? 1);
const rolloutsMin = process.env.SEED === undefined ? Number(process.env.ROLLOUTS ?? 100_000) : 1;

/** The life of one seed; a broken law is thrown with the end of its story. */
function liveThrough(seed: number, tally: Tally): void {
	try {
		new Life(seed, tally).live();
	} catch (cause) {
		throw new Error(`SEED=${seed}: ${cause instanceof Error ? cause.message : cause}\n${storyOf(seed)}`, { cause });
	}
}

function storyOf(seed: number): string {
	const lines: string[] = [];
	try {
		new Life(seed, new Tally(), (line) => lines.push(line)).live();
	} catch {
		// It is told because it fails.
	}
	return [lines[0], "…", ...lines.slice(process.env.SEED === undefined ? -30 : 1)].join("\n");
}

test("whatever goes wrong, every rollout keeps the laws and ends", () => {
	const tally = new Tally();
	const startedAt = performance.now();
	let seed = seedBase;
	for (; tally.rollouts < rolloutsMin; seed += 1) liveThrough(seed, tally);
	const seconds = (performance.now() - startedAt) / 1_000;
	const { ends, rollouts, deletions, edges } = tally;
	console.log(
		`${rollouts} rollouts in ${seed - seedBase} lives from seed ${seedBase} in ${seconds.toFixed(1)} s, ${Math.round(rollouts / seconds)}/s: ${JSON.stringify(ends)}, ${deletions} deletions`,
	);
	if (rolloutsMin === 1) return;
	expect(rollouts).toBeGreaterThanOrEqual(rolloutsMin);
	const from = Object.keys(transitions).filter((phase) => phase !== "Terminating");
	const known = Object.entries(transitions).flatMap(([before, afters]) => afters.map((after) => `${before}>${after}`));
	expect([...edges].sort()).toEqual([...known, ...from.map((phase) => `${phase}>Terminating`)].sort());
});
