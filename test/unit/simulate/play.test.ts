import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundsOf, dryRun } from "../../../src/simulate/dry-run.ts";
import { play } from "../../../src/simulate/play.ts";
import { crashPhases } from "../../../src/simulate/scenario.ts";
import { canary, hook, options, type ShapeName, scenario, shapes, subject, weighted } from "./canaries.ts";

/** Shape, scenario, outcome with its reason, and when it is known, in seconds. */
type Row = readonly [ShapeName, string, "promoted" | "rolled-back" | "unfinished", string, number];

const rows: readonly Row[] = [
	// Ready at 10, rounds at 20, 30 and 40, and ten seconds more for the primary.
	["weighted", "ok", "promoted", "Promoted", 50],
	["weighted", "errors=5%", "rolled-back", "TooManyFailedChecks", 40],
	["weighted", "errors=1%", "promoted", "Promoted", 50],
	["weighted", "errors=5%@40", "rolled-back", "TooManyFailedChecks", 50],
	["weighted", "errors=5%@60", "rolled-back", "TooManyFailedChecks", 60],
	["weighted", "errors=5%@61", "promoted", "Promoted", 50],
	["weighted", "slow=2x", "rolled-back", "TooManyFailedChecks", 40],
	["weighted", "slow=1.5x", "promoted", "Promoted", 50],
	["weighted", "metric request-success-rate=98.9@60", "rolled-back", "TooManyFailedChecks", 60],
	// Ten rounds in a row without an answer: from 20 to 110.
	["weighted", "no-data", "rolled-back", "TooManyInconclusiveChecks", 110],
	// Rounds at 20 to 80 have no answer, and 90 is the first that passes.
	["weighted", "prometheus-down=90s", "promoted", "Promoted", 120],
	// Only the round at 20 falls into 15 to 30.
	["weighted", "prometheus-down=15s@15s", "promoted", "Promoted", 60],
	["weighted", "prometheus-down=15s@15s, errors=5%@60", "rolled-back", "TooManyFailedChecks", 70],
	["weighted", "flaky=2", "promoted", "Promoted", 70],
	["weighted", "flaky=2@60", "promoted", "Promoted", 70],
	["weighted", "flaky=3@60", "rolled-back", "TooManyFailedChecks", 60],
	["weighted", "flaky=3", "rolled-back", "TooManyFailedChecks", 40],
	["weighted", "not-ready", "rolled-back", "ProgressDeadlineExceeded", 60],
	// Pods are asked for fifteen seconds later, or the primary is given its template then.
	["weighted", "crash@Progressing", "promoted", "Promoted", 65],
	["weighted", "crash@Promoting", "promoted", "Promoted", 65],
	["weighted", "crash@Finalising", "promoted", "Promoted", 65],
	["weighted", "crash@Finalising, errors=5%", "rolled-back", "TooManyFailedChecks", 55],
	["weighted", "gate-closed=10m", "promoted", "Promoted", 50],
	// Asked at 40, 50 and 60 in vain.
	["weighted, gated", "gate-closed=25s", "promoted", "Promoted", 80],
	["weighted, gated", "ok", "promoted", "Promoted", 50],
	// 30 % for ten seconds more on the way back.
	["weighted, descending", "ok", "promoted", "Promoted", 60],
	["blue/green", "ok", "promoted", "Promoted", 50],
	["blue/green", "errors=5%", "rolled-back", "TooManyFailedChecks", 40],
	["blue/green", "no-data", "rolled-back", "TooManyInconclusiveChecks", 110],
	["blue/green that switches", "ok", "promoted", "Promoted", 50],
	["blue/green that switches", "errors=5%@100", "rolled-back", "TooManyFailedChecks", 60],
	["mirrored", "ok", "promoted", "Promoted", 50],
	["mirrored", "errors=5%", "rolled-back", "TooManyFailedChecks", 40],
	["mirrored", "errors=5%@30", "rolled-back", "TooManyFailedChecks", 50],
	// On 10 % until 40, paused at 50, on 50 % until 60.
	["steps", "ok", "promoted", "Promoted", 70],
	["steps", "resume-after=25s", "promoted", "Promoted", 95],
	["steps", "errors=5%@50", "rolled-back", "TooManyFailedChecks", 80],
	["steps", "crash@Promoting, resume-after=25s", "promoted", "Promoted", 110],
	["without analysis", "ok", "promoted", "Promoted", 20],
	["without analysis", "errors=50%", "promoted", "Promoted", 20],
	// Nothing is left to wait for once the deadline for pods has passed.
	["held", "ok", "unfinished", "Unfinished", 60],
];

describe("a rollout in virtual time", () => {
	test.each(rows)("%s, %s: %s (%s) after %i s", (shape, text, outcome, reason, seconds) => {
		const course = play(subject(shapes[shape]), scenario(text), options);
		expect({ outcome: course.outcome, reason: course.reason, seconds: course.endedMs / 1_000 }).toEqual({
			outcome,
			reason,
			seconds,
		});
	});

	test("is the same each time", () => {
		const once = play(subject(shapes.steps), scenario("errors=5%@50, resume-after=1m"), options);
		expect(play(subject(shapes.steps), scenario("errors=5%@50, resume-after=1m"), options)).toEqual(once);
	});

	test("waits for a mesh that is slow to follow, three seconds a step and for the way back", () => {
		const course = play(subject(shapes.weighted), scenario("ok"), { ...options, routeAfterMs: 3_000 });
		expect(course.endedMs).toBe(62_000);
		expect(course.segments.map(({ fromMs, traffic }) => [fromMs / 1_000, traffic.candidate])).toEqual([
			[0, 0],
			[13, 20],
			[26, 40],
			[39, 60],
			[59, 60],
			[62, 0],
		]);
	});

	test("is not looked at for longer than the horizon", () => {
		const endless = subject(canary({ ...weighted, inconclusiveLimit: 0 }));
		const course = play(endless, scenario("no-data"), { ...options, horizonMs: 95_000 });
		expect(course).toMatchObject({ outcome: "unfinished", message: "still Progressing after 1m35s", endedMs: 95_000 });
	});

	test.each([
		["suspend", "still Initialized, held by spec.suspend after 0s"],
		["paused", "still Progressing, held by spec.paused after 1m"],
	])("says that spec.%s holds it", (field, message) => {
		expect(play(subject(canary(weighted, { [field]: true })), scenario("ok"), options).message).toBe(message);
	});

	test("asks each gate for itself, and none of what is no gate", () => {
		const webhooks = ["confirm-rollout", "pre-rollout", "rollout", "confirm-traffic-increase", "rollback"].map(hook);
		const course = play(subject(canary({ ...weighted, webhooks })), scenario("gate-closed=10s"), options);
		// Ten seconds before the start, and ten on the first step.
		expect(course).toMatchObject({ outcome: "promoted", endedMs: 70_000 });
		const gates = course.events.filter(({ kind }) => kind === "gate").map(({ atSeconds, text }) => [atSeconds, text]);
		expect(gates.slice(0, 4)).toEqual([
			[0, "confirm-rollout is closed: hook confirm-rollout hook: the scenario has it closed"],
			[10, "confirm-rollout is open"],
			[20, "pre-rollout is open"],
			[30, "confirm-traffic-increase is closed: hook confirm-traffic-increase hook: the scenario has it closed"],
		]);
	});

	test("tells what happened in order, with what comes next", () => {
		const { events } = play(subject(shapes.weighted), scenario("errors=5%@40"), options);
		const told = events.map(({ atSeconds, kind, phase, step, weight }) => [atSeconds, kind, phase, step, weight]);
		expect(told).toEqual([
			[0, "push", "Initialized", 0, 0],
			[0, "phase", "Progressing", 0, 0],
			[0, "scale", "Progressing", 0, 0],
			[10, "pods", "Progressing", 0, 0],
			[10, "step", "Progressing", 1, 0],
			[10, "traffic", "Progressing", 1, 20],
			[20, "round", "Progressing", 1, 20],
			[20, "step", "Progressing", 2, 20],
			[20, "traffic", "Progressing", 2, 40],
			[30, "round", "Progressing", 2, 40],
			[40, "round", "Progressing", 2, 40],
			[50, "round", "Progressing", 2, 40],
			[50, "phase", "Finalising", 2, 40],
			[50, "traffic", "Finalising", 2, 0],
			[50, "phase", "Failed", 0, 0],
			[55, "scale", "Failed", 0, 0],
		]);
		expect(events.filter(({ kind }) => kind === "traffic").map(({ nextSeconds }) => nextSeconds)).toEqual([
			20,
			30,
			undefined,
		]);
		expect(events.find(({ verdict }) => verdict === "failed")?.checks).toEqual([
			{
				name: "request-success-rate",
				value: 95,
				threshold: ">= 99",
				verdict: "failed",
				message: "request-success-rate is 95%, wanted >= 99",
			},
			{ name: "request-duration", value: 100, threshold: "<= 150", verdict: "passed" },
		]);
	});
});

describe("the bounds of a rollout that ends well", () => {
	test.each<[ShapeName, number, number]>([
		["weighted", 50, 70],
		["blue/green", 50, 70],
		["mirrored", 50, 70],
		["steps", 70, 90],
		["without analysis", 20, 20],
	])("%s takes from %i to %i s", (shape, best, worst) => {
		expect(boundsOf(subject(shapes[shape]), options)).toEqual({
			ok: true,
			bestMs: best * 1_000,
			worstMs: worst * 1_000,
		});
	});

	const seconds = (min: number, max: number) => fc.integer({ min, max }).map((length) => `${length}s`);
	const percent = fc.integer({ min: 1, max: 100 });
	const ascending = fc.uniqueArray(percent, { minLength: 1, maxLength: 5 });
	const way = fc.oneof(
		ascending.map((some) => ({ stepWeights: some.toSorted((one, other) => one - other) })),
		fc.record({ iterations: fc.integer({ min: 1, max: 5 }), mirror: fc.boolean() }),
		fc.record({ stepWeight: percent, maxWeight: percent, stepWeightPromotion: percent }),
		fc
			.array(fc.record({ weight: percent, for: seconds(1, 90) }), { minLength: 1, maxLength: 4 })
			.map((steps) => ({ steps: steps.toSorted((one, other) => one.weight - other.weight) })),
	);
	const analysis = fc
		.record({ way, interval: seconds(1, 60), threshold: fc.integer({ min: 1, max: 5 }) })
		.map((one) => ({ ...one.way, interval: one.interval, threshold: one.threshold }));

	test("hold for any Canary, and any rounds that its threshold lets fail", () => {
		fc.assert(
			fc.property(analysis, fc.nat(4), fc.nat(100), fc.nat(5_000), (given, failing, weight, routeAfterMs) => {
				const conditions = { ...options, routeAfterMs };
				const one = subject(canary(given));
				const bounds = boundsOf(one, conditions);
				if (!bounds.ok) throw new Error(bounds.problem);
				const rounds = Math.min(failing, given.threshold - 1);
				const course = play(one, scenario(`flaky=${rounds}@${weight}`), conditions);
				expect(course.outcome).toBe("promoted");
				expect(course.endedMs).toBeGreaterThanOrEqual(bounds.bestMs);
				expect(course.endedMs).toBeLessThanOrEqual(bounds.worstMs);
			}),
			{ numRuns: 500, seed: 4 },
		);
	});

	test("the best holds whatever happens", () => {
		fc.assert(
			fc.property(analysis, fc.nat(300), fc.nat(300), percent, (given, lasts, after, errors) => {
				const one = subject(canary({ ...given, inconclusiveLimit: 0 }));
				const bounds = boundsOf(one, options);
				const text = `prometheus-down=${lasts}s@${after}s,crash@Promoting,errors=1%@${errors}`;
				const course = play(one, scenario(text), options);
				expect(course.outcome).toBe("promoted");
				expect(course.endedMs).toBeGreaterThanOrEqual(bounds.ok ? bounds.bestMs : Number.POSITIVE_INFINITY);
			}),
			{ numRuns: 200, seed: 4 },
		);
	});

	test("the worst is reached when each failure costs a round", () => {
		const bounds = boundsOf(subject(shapes.weighted), options);
		expect(play(subject(shapes.weighted), scenario("flaky=2"), options)).toMatchObject({
			outcome: "promoted",
			endedMs: bounds.ok ? bounds.worstMs : undefined,
		});
	});

	test.each<[string, Parameters<typeof canary>, string]>([
		["is held", [weighted, { paused: true }], "still Progressing, held by spec.paused after 1m"],
		["takes too long", [{ steps: [{ weight: 5, for: "25h" }] }], "still Progressing after 24h"],
	])("are not there for a Canary that %s", (_what, given, problem) => {
		expect(boundsOf(subject(canary(...given)), options)).toEqual({ ok: false, problem });
	});

	test("are not there when pods are slower than their deadline", () => {
		const slow = { ...options, readyAfterMs: 61_000 };
		const [problem] = dryRun(subject(shapes.weighted), [], slow).notes;
		expect(problem).toBe("even at best it is not promoted: it is rolled back, the candidate was not ready within 1m");
	});
});

describe("whatever happens", () => {
	const form = fc.oneof(
		fc.constantFrom("ok", "no-data", "not-ready"),
		fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 })).map(([p, w]) => `errors=${p}%@${w}`),
		fc.integer({ min: 0, max: 100 }).map((weight) => `slow=3x@${weight}`),
		fc.tuple(fc.nat(300), fc.nat(300)).map(([lasts, after]) => `prometheus-down=${lasts}s@${after}s`),
		fc.nat(300).map((seconds) => `gate-closed=${seconds}s`),
		fc.nat(300).map((seconds) => `resume-after=${seconds}s`),
		fc.nat(4).map((rounds) => `flaky=${rounds}`),
		fc.constantFrom(...crashPhases).map((phase) => `crash@${phase}`),
	);
	const names = Object.keys(shapes).filter((name) => name !== "held") as ShapeName[];
	const forms = fc.uniqueArray(form, { maxLength: 4, selector: (text) => text.split(/[=@]/)[0] });

	test("a rollout ends, with its traffic back at the primary, its counts in order and its story told in order", () => {
		fc.assert(
			fc.property(fc.constantFrom(...names), forms, fc.nat(5_000), (name, texts, routeAfterMs) => {
				const text = texts.length === 0 ? "ok" : texts.join(",");
				const one = { name, scenario: scenario(text), expectation: {} };
				const [report] = dryRun(subject(shapes[name]), [one], { ...options, routeAfterMs }).scenarios;
				if (report === undefined) throw new Error("no report");
				const { requests, events, traffic, outcome } = report;
				expect(outcome).not.toBe("unfinished");
				expect(traffic.at(-1)).toMatchObject({ candidate: 0, mirror: 0, newVersion: outcome === "promoted" ? 100 : 0 });
				expect(requests.failed).toBeLessThanOrEqual(requests.bad);
				expect(requests.bad).toBeLessThanOrEqual(requests.total);
				expect(requests.candidate).toBeLessThanOrEqual(requests.total);
				const times = events.map(({ atSeconds }) => atSeconds);
				expect(times).toEqual([...times].sort((one, other) => one - other));
			}),
			{ numRuns: 300, seed: 4 },
		);
	});
});

describe("the requests", () => {
	test.each<[ShapeName, string, object]>([
		// 20 % and 40 % for 10 s each, 60 % for 20 s.
		["weighted", "ok", { total: 5_000, candidate: 1_800, mirrored: 0, bad: 0, badPercent: 0, failed: 0 }],
		[
			"weighted",
			"errors=5%",
			{ total: 4_000, candidate: 600, bad: 600, badPercent: 15, failed: 30, firstBadSeconds: 10, recoverySeconds: 30 },
		],
		[
			"weighted",
			"errors=5%@40",
			{
				total: 5_000,
				candidate: 1_400,
				bad: 1_200,
				badPercent: 24,
				failed: 60,
				firstBadSeconds: 20,
				recoverySeconds: 30,
			},
		],
		["weighted", "slow=2x", { bad: 600, failed: 0, recoverySeconds: 30 }],
		// The operator is away for fifteen seconds, and users pay for it.
		["weighted", "errors=5%, crash@Finalising", { total: 5_500, bad: 900, failed: 45, recoverySeconds: 45 }],
		["weighted", "not-ready", { total: 6_000, candidate: 0, bad: 0 }],
		// Nobody but the checks meets it.
		["blue/green", "errors=5%", { total: 4_000, candidate: 0, bad: 0 }],
		["blue/green that switches", "errors=5%@100", { total: 6_000, candidate: 3_000, bad: 3_000, failed: 150 }],
		["mirrored", "errors=5%", { total: 4_000, candidate: 0, mirrored: 3_000, bad: 0 }],
		["mirrored", "ok", { total: 5_000, mirrored: 1_000, candidate: 300 + 1_200 }],
	])("%s, %s", (shape, text, expected) => {
		const [report] = dryRun(
			subject(shapes[shape]),
			[{ name: text, scenario: scenario(text), expectation: {} }],
			options,
		).scenarios;
		expect(report?.requests).toMatchObject(expected);
	});

	test("of a bad version that was promoted never stop", () => {
		const bad = { name: "bad", scenario: scenario("errors=1%"), expectation: {} };
		const [report] = dryRun(subject(shapes.weighted), [bad], options).scenarios;
		expect(report?.requests).toMatchObject({ bad: 1_800, firstBadSeconds: 10 });
		expect(report?.requests).not.toHaveProperty("recoverySeconds");
		expect(report?.notes).toEqual(["a bad version was promoted: what its checks measured is within their thresholds"]);
	});
});
