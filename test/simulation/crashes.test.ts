import { describe, expect, test } from "vitest";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import type { Plan } from "../../src/reconciler/decide/situation.ts";
import { Laws, nameOf, Tally } from "../support/model/laws.ts";
import { ModelRun, type Verdict } from "../support/model/run.ts";
import { ModelWorld } from "../support/model/world.ts";
import { planOf, type Shape, shapes } from "../support/plans.ts";
import { chanceFrom } from "../support/random.ts";

/** What happens to a canary that has been initialised. */
interface Story {
	readonly name: string;
	readonly happens: (run: ModelRun) => void;
	readonly change?: Partial<Plan>;
	/** What the rounds of checks say, one after the other; the last says all that follow. */
	readonly verdicts?: readonly Verdict[];
}

const stories: readonly Story[] = [
	{ name: "a good rollout", happens: push("r1") },
	{ name: "a bad rollout", happens: push("r1"), verdicts: ["passed", "failed"] },
	{ name: "a rollout without data", happens: push("r1"), verdicts: ["inconclusive"], change: { inconclusiveLimit: 3 } },
	{ name: "a candidate that never starts", happens: stuck },
	{ name: "a failed promotion", happens: broken },
	{ name: "a rollout that is overtaken", happens: overtakenBy("r2") },
	{ name: "a rollout that is taken back", happens: overtakenBy("r0") },
	{ name: "a deletion in mid-run", happens: deletedInMidRun },
	{
		name: "a deletion",
		happens: ({ world }) => {
			world.deleting = true;
		},
	},
];

function push(revision: string): Story["happens"] {
	return ({ world }) => world.push(revision);
}

function overtakenBy(revision: string): Story["happens"] {
	return (run) => {
		run.world.push("r1");
		run.live(5_000);
		run.world.push(revision);
	};
}

function deletedInMidRun(run: ModelRun): void {
	run.world.push("r1");
	run.live(5_000);
	run.world.deleting = true;
}

function stuck({ world }: ModelRun): void {
	world.neverReady.add("r1");
	world.push("r1");
}

function broken({ world }: ModelRun): void {
	world.brokenAsPrimary.add("r1");
	world.push("r1");
}

/** How it ends when the operator dies at these points, and how many points there are. Every law is held on the way. */
function ending(
	shape: Shape,
	story: Story,
	breaks: readonly number[],
): { readonly end: string; readonly points: number } {
	const world = new ModelWorld(shape.routes);
	const run = new ModelRun(world, planOf(shape, story.change), chanceFrom(1));
	const laws = new Laws(run, new Tally(), shape.ceiling);
	const verdicts = story.verdicts ?? ["passed"];
	run.witness = laws;
	run.live(3_600_000);
	run.points = 0;
	run.breaksAt = (point) => breaks.includes(point);
	// A round whose verdict was not recorded is asked for again, and says the same.
	run.verdictOf = () => verdicts[Math.min(laws.roundsJudged, verdicts.length - 1)] ?? "passed";
	story.happens(run);
	for (let minutes = 0; minutes < 60 && !run.live(60_000); minutes += 1) {
		if (world.status.run?.waitingFor === "pause") run.command = { verb: "resume", id: `resume@${minutes}` };
	}
	if (!world.gone) laws.resting();
	return { end: described(world), points: run.points };
}

/** What lasts, without times. */
function described(world: ModelWorld): string {
	const { status, primary, target, traffic, apex, gone, orphaned } = world;
	const { phase, serving, lastAppliedSpec, lastPromotedSpec, canaryWeight, history = [], conditions = [] } = status;
	const runs = history.map(({ revision, outcome, reason, message }) => [revision, outcome, reason, message]);
	const claims = conditions.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
	const versions = [primary, target].map(
		(version) => version && [version.revision, version.replicas, version.readyAt > world.now],
	);
	const believed = [phase, serving, lastAppliedSpec, lastPromotedSpec, canaryWeight, runs, claims];
	return JSON.stringify([believed, versions, traffic, apex, gone, orphaned]);
}

describe.each(shapes)("a canary that is $name", (shape) => {
	test.each(stories)("ends the same after $name, wherever the operator dies once", (story) => {
		const whole = ending(shape, story, []);
		for (let point = 0; point < whole.points; point += 1) {
			expect(ending(shape, story, [point]).end, `dies at point ${point}`).toBe(whole.end);
		}
	});

	test.each(stories)("ends the same after $name, wherever the operator dies twice", (story) => {
		const whole = ending(shape, story, []);
		for (let first = 0; first < whole.points; first += 1) {
			for (let second = first + 1; second <= whole.points + 1; second += 1) {
				const { end } = ending(shape, story, [first, second]);
				if (end !== whole.end) expect(end, `dies at points ${first} and ${second}`).toBe(whole.end);
			}
		}
	});
});

/** Every row of `length` verdicts. */
function histories(length: number): readonly (readonly Verdict[])[] {
	if (length === 0) return [[]];
	const verdicts: readonly Verdict[] = ["passed", "failed", "inconclusive"];
	return histories(length - 1).flatMap((rest) => verdicts.map((verdict) => [verdict, ...rest]));
}

/** What a history has to come to on three rungs with limits of two, counted by hand. */
function expected(history: readonly Verdict[]): { readonly phase: CanaryStatus["phase"]; readonly reason: string } {
	let passed = 0;
	let failed = 0;
	let silent = 0;
	for (const verdict of [...history, ...Array<Verdict>(3).fill("passed")]) {
		if (verdict === "passed") passed += 1;
		if (verdict === "failed") failed += 1;
		silent = verdict === "inconclusive" ? silent + 1 : 0;
		if (failed === 2) return { phase: "Failed", reason: "TooManyFailedChecks" };
		if (silent === 2) return { phase: "Failed", reason: "TooManyInconclusiveChecks" };
		if (passed === 3) break;
	}
	return { phase: "Succeeded", reason: "Promoted" };
}

test("every history of verdicts ends as counted, with one crash anywhere, and no failure is ever in the primary", () => {
	const shape = shapes[0] as Shape;
	const change = { threshold: 2, inconclusiveLimit: 2 };
	let lives = 0;
	for (const history of histories(6)) {
		const story: Story = { name: "", happens: push("r1"), verdicts: [...history, "passed"], change };
		const { phase, reason } = expected(history);
		const { points } = ending(shape, story, []);
		for (let point = -1; point < points; point += 1) {
			const { end } = ending(shape, story, [point]);
			lives += 1;
			const [[was, , , , , [[, , why]]], [primary]] = JSON.parse(end);
			const isRight = was === phase && why === reason && nameOf(primary[0]) === (phase === "Succeeded" ? "r1" : "r0");
			if (!isRight) throw new Error(`${history} with a death at ${point} ends ${end}, not ${phase} by ${reason}`);
		}
	}
	expect(lives).toBeGreaterThan(729);
});
