import { describe, expect, test } from "vitest";
import { allCandidate, allPrimary, mirrored, split } from "../../../../src/domain/traffic.ts";
import type { Capabilities } from "../../../../src/mesh-adapters/mesh-adapter.ts";
import type { Plan } from "../../../../src/reconciler/decide/situation.ts";
import { planFor } from "../../../../src/reconciler/intent/plan.ts";
import { type Rung, rung } from "../../../../src/strategies/strategy.ts";
import { canaryWith } from "../../analysis/canary.ts";

const everything: Capabilities = { weights: true, mirror: true, mirrorPercent: true, headerMatch: true };
const nothing: Capabilities = { weights: false, mirror: false, mirrorPercent: false, headerMatch: false };
const options = { drainMs: 5_000, provider: "mesh" };

function planned(analysis: object, { can = everything, spec = {} }: { can?: Capabilities; spec?: object } = {}): Plan {
	const made = planFor(canaryWith({ stepWeight: undefined, ...analysis } as object, spec), can, options);
	if (!made.ok) throw new Error(made.problems.join("; "));
	return made.plan;
}

function problemsOf(analysis: object, can: Capabilities): readonly string[] {
	const made = planFor(canaryWith({ stepWeight: undefined, ...analysis } as object), can, options);
	return made.ok ? [] : made.problems;
}

const strategies: readonly (readonly [string, object, Capabilities, readonly Rung[]])[] = [
	["stepWeight up to 100", { stepWeight: 50 }, everything, [rung(split(50)), rung(split(100))]],
	[
		"stepWeight up to maxWeight, which it never passes",
		{ stepWeight: 20, maxWeight: 50 },
		everything,
		[rung(split(20)), rung(split(40)), rung(split(50))],
	],
	[
		"stepWeights as they are",
		{ stepWeights: [1, 10, 80] },
		everything,
		[rung(split(1)), rung(split(10)), rung(split(80))],
	],
	[
		"a shadow first when mirrored",
		{ stepWeights: [10], mirror: true },
		everything,
		[rung(mirrored(100)), rung(split(10))],
	],
	[
		"a part of a shadow",
		{ stepWeights: [10], mirror: true, mirrorWeight: 30 },
		everything,
		[rung(mirrored(30)), rung(split(10))],
	],
	["blue/green with a switch", { iterations: 3 }, everything, [rung(allPrimary, { rounds: 3 }), rung(allCandidate)]],
	["blue/green on Services without one", { iterations: 3 }, nothing, [rung(allPrimary, { rounds: 3 })]],
	[
		"blue/green on copies",
		{ iterations: 2, mirror: true },
		everything,
		[rung(mirrored(100), { rounds: 2 }), rung(allCandidate)],
	],
	[
		"steps as they are written",
		{ steps: [{ mirror: 10, for: "1m" }, { weight: 5 }, { pause: true }, { weight: 50, for: "30s" }] },
		everything,
		[
			rung(mirrored(10), { holdMs: 60_000 }),
			rung(split(5)),
			rung(split(5), { untilResumed: true }),
			rung(split(50), { holdMs: 30_000 }),
		],
	],
];

describe("a plan", () => {
	test.each(strategies)("climbs %s", (_name, analysis, can, rungs) => {
		expect(planned(analysis, { can }).rungs).toEqual(rungs);
	});

	test.each([
		["all at once", { stepWeight: 50 }, [allPrimary]],
		["by steps", { stepWeights: [50], stepWeightPromotion: 20 }, [split(30), split(10), allPrimary]],
		["by steps that end at none", { stepWeights: [40], stepWeightPromotion: 20 }, [split(20), allPrimary]],
		["at once when a step is the whole way", { stepWeights: [40], stepWeightPromotion: 100 }, [allPrimary]],
	])("goes back %s", (_name, analysis, descent) => {
		expect(planned(analysis).descent).toEqual(descent);
	});

	test("reads what the Canary says, with defaults for what it does not", () => {
		expect(planned({ stepWeight: 100 })).toMatchObject({
			...{ intervalMs: 60_000, threshold: 1, inconclusiveLimit: 10, progressDeadlineMs: 600_000, drainMs: 5_000 },
			...{ canSwitch: true, paused: false, suspended: false, gates: new Set() },
		});
		const spec = { progressDeadlineSeconds: 60, paused: true, suspend: true };
		const analysis = { stepWeight: 100, interval: "1m30s", threshold: 0, inconclusiveLimit: 0 };
		expect(planned(analysis, { spec, can: everything })).toMatchObject({
			...{ intervalMs: 90_000, threshold: 1, inconclusiveLimit: 0, progressDeadlineMs: 60_000 },
			...{ paused: true, suspended: true },
		});
	});

	test("listens at the gates that have a hook, and at no others", () => {
		const hook = (type: string) => ({ name: type, type, url: "http://gate" });
		const webhooks = ["confirm-rollout", "rollout", "event", "rollback"].map(hook);
		expect(planned({ stepWeight: 50, webhooks }).gates).toEqual(new Set(["confirm-rollout", "rollback"]));
	});

	test("is empty when analysis is skipped, whatever the mesh cannot do", () => {
		const webhooks = [{ name: "gate", type: "confirm-rollout", url: "http://gate" }];
		const plan = planned({ stepWeight: 50, webhooks }, { can: nothing, spec: { skipAnalysis: true } });
		expect([plan.rungs, plan.gates]).toEqual([[], new Set()]);
	});

	test.each([
		[
			"weights",
			{ stepWeight: 50 },
			nothing,
			[/spec\.analysis: provider mesh cannot split traffic by weight; use iterations/],
		],
		[
			"copies",
			{ iterations: 2, mirror: true },
			nothing,
			[/spec\.analysis\.mirror: provider mesh cannot mirror; remove it/],
		],
		[
			"a part of the copies",
			{ iterations: 2, mirror: true, mirrorWeight: 10 },
			{ ...everything, mirrorPercent: false },
			[/spec\.analysis\.mirrorWeight: provider mesh mirrors all requests or none; remove it/],
		],
		["both", { stepWeight: 50, mirror: true }, nothing, [/weight/, /mirror/]],
		["nothing too much", { iterations: 2, mirror: true }, { ...everything, mirrorPercent: false }, []],
		["nothing of plain Services", { iterations: 2 }, nothing, []],
	])("says what the mesh lacks when it is asked for %s", (_name, analysis, can, problems) => {
		expect(problemsOf(analysis, can)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
	});
});
