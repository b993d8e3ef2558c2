import { expect, test } from "vitest";
import { allCandidate, allPrimary, mirrored, reachesCandidate, split } from "../../src/domain/traffic.ts";
import type { Plan } from "../../src/reconciler/decide/situation.ts";
import { transitions } from "../../src/reconciler/decide/transitions.ts";
import { rung } from "../../src/strategies/strategy.ts";
import { type Faults, live, type ModelRun } from "../support/lives/run.ts";
import { ModelWorld } from "../support/lives/world.ts";
import { planWith } from "../support/plans.ts";
import { type Chance, chanceFrom } from "../support/random.ts";

/** One life of a Canary under a seed: several revisions, people, faults; every law is checked on the way. */
function story(seed: number, edges: Set<string>): number {
	const chance = chanceFrom(seed);
	const { plan, ceiling, routes } = planOf(chance);
	const world = new ModelWorld(routes);
	const faults = faultsOf(chance);
	const passed = new Set<string>(["r0"]);
	const commanded = new Set<string>();
	const verdicts = new Map<string, "passed" | "failed" | "inconclusive">();
	const run: ModelRun = {
		world,
		plan,
		chance,
		faults,
		verdictOf: (revision) => {
			const verdict = verdicts.get(revision) ?? "passed";
			return verdict;
		},
		gateIsOpen: (gate) => (gate === "rollback" ? chance.happens(0.02) : chance.happens(0.7)),
		afterPass: (before, after) => {
			if (before.phase !== after.phase) {
				edges.add(`${before.phase}>${after.phase}`);
				if (!(transitions[before.phase] as readonly string[]).includes(after.phase) && after.phase !== "Terminating")
					throw new Error(`seed ${seed}: ${before.phase} > ${after.phase}`);
			}
			if (after.phase === "Promoting" && before.phase !== "Promoting") passed.add(after.run?.revision ?? "");
		},
		beforeAction: (action, recorded) => {
			if (action.do === "route") {
				const { primary, candidate } = action.traffic;
				if (primary + candidate !== 100) throw new Error(`seed ${seed}: traffic ${primary}+${candidate}`);
				if (
					candidate > ceiling &&
					recorded.phase !== "Promoting" &&
					recorded.phase !== "Finalising" &&
					recorded.serving === undefined
				)
					throw new Error(`seed ${seed}: ${candidate} above ${ceiling} in ${recorded.phase}`);
			}
			if (action.do === "promote") {
				if (recorded.phase !== "Promoting" || recorded.run?.revision !== action.revision)
					throw new Error(`seed ${seed}: promoted in ${recorded.phase}`);
				if (!passed.has(action.revision) && !commanded.has(action.revision))
					throw new Error(`seed ${seed}: never passed`);
			}
		},
	};
	live(run, 120_000);
	const rollouts = 1 + chance.below(3);
	for (let index = 0; index < rollouts; index += 1) {
		const revision = `r${chance.below(4)}`;
		verdicts.set(revision, chance.pick(["passed", "passed", "failed", "inconclusive"] as const));
		if (chance.happens(0.1)) world.brokenAsPrimary.add(revision);
		else world.brokenAsPrimary.delete(revision);
		if (chance.happens(0.05)) world.neverReady.add(revision);
		else world.neverReady.delete(revision);
		world.push(revision);
		live(run, chance.below(40_000));
		if (chance.happens(0.2)) {
			run.command = { verb: chance.pick(["pause", "resume", "promote", "abort", "retry"] as const), id: `${index}` };
			live(run, chance.below(20_000));
		}
		if (chance.happens(0.1)) world.editRoute(split(chance.below(101)));
		if (chance.happens(0.1)) world.outageUntil = world.now + chance.below(30_000);
		if (chance.happens(0.1)) {
			world.now += chance.below(600_000);
		}
		if (run.command?.verb === "pause" || chance.happens(0.3)) run.command = { verb: "resume", id: `${index}-again` };
		if (chance.happens(0.6)) live(run, 4 * 3_600_000, 20_000);
	}
	// From now on nothing goes wrong: whatever was going on comes to its end.
	const calm: ModelRun = {
		...run,
		faults: { crash: 0, refuse: 0, loseAnswer: 0, stale: 0, loseEvent: 0, outage: 0 },
		gateIsOpen: (gate) => gate !== "rollback",
		command: { verb: "resume", id: "calm" },
	};
	world.outageUntil = 0;
	live(calm, 6 * 3_600_000, 20_000);
	for (let more = 0; more < 4 && world.status.run?.waitingFor === "pause"; more += 1) {
		calm.command = { verb: "resume", id: `calm-${more}` };
		live(calm, 3_600_000, 20_000);
	}
	endsWell(world, seed);
	return rollouts;
}

function endsWell(world: ModelWorld, seed: number): void {
	const { status } = world;
	const at = `seed ${seed}: ${status.phase} ${JSON.stringify(status.run)}`;
	if (!["Initialized", "Succeeded", "Failed"].includes(status.phase)) throw new Error(`${at} never ended`);
	if (status.serving === undefined) {
		if (world.traffic === undefined || reachesCandidate(world.traffic))
			throw new Error(`${at} left traffic on the candidate`);
		if (world.target.replicas !== 0) throw new Error(`${at} left the candidate standing`);
		if (
			status.phase === "Failed" &&
			world.primary?.revision === world.target.revision &&
			!status.history?.some(
				({ reason, revision }) => reason === "PromotionFailed" && revision === world.target.revision,
			)
		)
			throw new Error(`${at} failed revision in the primary`);
	}
	if (status.phase === "Succeeded" && world.primary?.revision !== status.lastPromotedSpec)
		throw new Error(`${at} primary is not what was promoted`);
}

function planOf(chance: Chance): { plan: Plan; ceiling: number; routes: boolean } {
	const gates = new Set(
		(
			[
				"confirm-rollout",
				"pre-rollout",
				"confirm-traffic-increase",
				"confirm-promotion",
				"post-rollout",
				"rollback",
			] as const
		).filter(() => chance.happens(0.1)),
	);
	const common = {
		gates,
		threshold: 1 + chance.below(3),
		inconclusiveLimit: 1 + chance.below(4),
		intervalMs: 10_000,
		progressDeadlineMs: 60_000,
	};
	switch (chance.below(6)) {
		case 0:
			return { plan: planWith(common), ceiling: 60, routes: true };
		case 1:
			return {
				plan: planWith({
					...common,
					rungs: [
						rung(mirrored(10), { holdMs: 25_000 }),
						rung(split(5), { holdMs: 60_000 }),
						rung(split(5), { untilResumed: chance.happens(0.2) }),
						rung(split(50)),
					],
				}),
				ceiling: 50,
				routes: true,
			};
		case 2:
			return {
				plan: planWith({ ...common, rungs: [rung(allPrimary, { rounds: 3 })], canSwitch: false }),
				ceiling: 0,
				routes: false,
			};
		case 3:
			return {
				plan: planWith({ ...common, rungs: [rung(allPrimary, { rounds: 2 }), rung(allCandidate)] }),
				ceiling: 100,
				routes: true,
			};
		case 4:
			return { plan: planWith({ ...common, rungs: [], gates: new Set() }), ceiling: 0, routes: true };
		default:
			return {
				plan: planWith({ ...common, rungs: [rung(split(50))], descent: [split(30), split(10), allPrimary] }),
				ceiling: 50,
				routes: true,
			};
	}
}

function faultsOf(chance: Chance): Faults {
	if (chance.happens(0.3)) return { crash: 0, refuse: 0, loseAnswer: 0, stale: 0, loseEvent: 0, outage: 0 };
	return {
		crash: 0.05,
		refuse: 0.05,
		loseAnswer: 0.05,
		stale: 0.1,
		loseEvent: 0.05,
		outage: chance.happens(0.3) ? 0.3 : 0,
	};
}

/** Edges that take a coincidence; each has a row in the tables of the phases. */
const rare = new Set(["Succeeded>Initialized", "Failed>Promoting"]);

const seedBase = Number(process.env.SEED ?? 1);
const count = process.env.SEED === undefined ? Number(process.env.STORIES ?? 60_000) : 1;

test("whatever goes wrong, a rollout ends as it should", () => {
	const edges = new Set<string>();
	let rollouts = 0;
	const startedAt = performance.now();
	for (let seed = seedBase; seed < seedBase + count; seed += 1) rollouts += story(seed, edges);
	const seconds = (performance.now() - startedAt) / 1_000;
	console.log(`${rollouts} rollouts from seed ${seedBase} in ${seconds.toFixed(1)} s`, [...edges].sort().join(" "));
	if (count === 1) return;
	expect(rollouts).toBeGreaterThanOrEqual(100_000);
	const known = Object.entries(transitions).flatMap(([from, tos]) =>
		tos.filter((to) => to !== from).map((to) => `${from}>${to}`),
	);
	expect([...edges].filter((edge) => !edge.endsWith(">Terminating")).sort()).toEqual(
		known.filter((edge) => !rare.has(edge)).sort(),
	);
});
