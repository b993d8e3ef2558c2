import { describe, expect, test } from "vitest";
import type { RunStatus } from "../../../../src/api/canary-status.ts";
import { allCandidate, allPrimary, split } from "../../../../src/domain/traffic.ts";
import { decide } from "../../../../src/reconciler/decide/decide.ts";
import type { Observed, Situation } from "../../../../src/reconciler/decide/situation.ts";
import { planWith } from "../../../support/plans.ts";
import { inSeconds, midRun, recorded, running, seeing } from "../../../support/situations.ts";

const pods = { replicas: 2, available: 2, ready: true, stalled: undefined };
const version = (revision: string, change: object = {}) => ({ ...pods, revision, ...change });
const target = (revision: string, change: object = {}) =>
	version(revision, { generation: 8, ...change }) as Observed["target"];
const starting = { ready: false };
const dead = { ready: false, available: 0 };
const late = { promotedAt: inSeconds(-600) };
const serving = { serving: "candidate" as const };

/** r1 passed and is being copied over the primary's r0. */
function promoting(seen: Partial<Observed>, run: Partial<RunStatus> = {}, change: Partial<Situation> = {}): Situation {
	const traffic = run.traffic ?? split(60);
	const begun = running({ step: 2, traffic, promotedAt: inSeconds(-5), candidateReplicas: 2, ...run });
	return midRun({
		status: recorded("Promoting", { run: begun, canaryWeight: traffic.candidate }),
		seen: seeing({ traffic, ...seen }),
		...change,
	});
}

const withServing = (situation: Situation): Situation => ({
	...situation,
	status: { ...situation.status, ...serving },
});
const on = (situation: Situation, change: Partial<Situation>): Situation => ({ ...situation, ...change });
const abort = { command: { verb: "abort", id: "abort@1" } } as const;
const copied = (change: object = {}) => ({ primary: version("r1", change) });
const unswitched = { plan: planWith({ canSwitch: false }) };

function after(situation: Situation) {
	const { status } = decide(situation);
	const why = status.run?.reason ?? status.history?.[0]?.reason;
	return [status.phase, status.run?.revision, status.lastPromotedSpec, status.serving, why];
}

describe("a promotion", () => {
	test.each([
		["waits for the copy", promoting({}), ["Promoting", "r1", "r0", undefined, undefined]],
		["waits for the primary's pods", promoting(copied(starting)), ["Promoting", "r1", "r0", undefined, undefined]],
		["is over when the primary is ready", promoting(copied()), ["Finalising", "r1", "r1", undefined, "Promoted"]],
		[
			"goes on without its target once it is copied",
			promoting({ ...copied(), target: undefined }),
			["Finalising", "r1", "r1", undefined, "Promoted"],
		],
		[
			"fails without its target before",
			promoting({ target: undefined }),
			["Finalising", "r1", "r0", undefined, "TargetMissing"],
		],
		["can be given up before it is copied", promoting({}, {}, abort), ["Finalising", "r1", "r0", undefined, "Aborted"]],
		[
			"can not be given up once it is copied",
			promoting(copied(starting), {}, abort),
			["Promoting", "r1", "r0", undefined, undefined],
		],
		[
			"is taken back before it is copied",
			promoting({ target: target("r0") }),
			["Finalising", "r1", "r0", undefined, "Reverted"],
		],
		[
			"begins anew with what came before it is copied",
			promoting({ target: target("r2") }),
			["Progressing", "r2", "r0", undefined, "Superseded"],
		],
		[
			"counts once it is copied, when another comes",
			promoting({ target: target("r2"), ...copied(starting) }),
			["Progressing", "r2", "r1", undefined, "Superseded"],
		],
		[
			"tests what it replaced anew once it is copied",
			promoting({ target: target("r0"), ...copied(starting) }),
			["Progressing", "r0", "r1", undefined, "Superseded"],
		],
		[
			"leaves the requests where they are answered while the fix of a dead primary comes",
			promoting({ target: target("r2"), ...copied(dead) }),
			["Progressing", "r2", "r1", "candidate", "Superseded"],
		],
		[
			"cannot do so where the mesh cannot",
			promoting({ target: target("r2"), ...copied(dead) }, {}, unswitched),
			["Progressing", "r2", "r1", undefined, "Superseded"],
		],
		[
			"goes back to a broken revision only by a rollout",
			withServing(promoting({ target: target("r0"), primary: version("r0", dead) })),
			["Progressing", "r0", "r0", "candidate", "Superseded"],
		],
		[
			"goes on when its revision only reads differently",
			promoting({ target: target("r1-read-anew", { generation: 7 }) }),
			["Promoting", "r1-read-anew", "r0", undefined, undefined],
		],
		[
			"fails when the primary is not ready in time",
			promoting(copied(starting), late),
			["Failed", undefined, "r1", "candidate", "PromotionFailed"],
		],
		[
			"fails when the primary's controller gives up",
			promoting(copied({ ...starting, stalled: "gave up" })),
			["Failed", undefined, "r1", "candidate", "PromotionFailed"],
		],
		[
			"is not failed by the controller of the copy before",
			promoting({ primary: version("r0", { ...starting, stalled: "gave up" }) }),
			["Promoting", "r1", "r0", undefined, undefined],
		],
		[
			"lets a candidate serve that has lost its pods for a moment",
			promoting({ ...copied(starting), target: target("r1", { ...dead, generation: 7 }) }, late),
			["Failed", undefined, "r1", "candidate", "PromotionFailed"],
		],
		[
			"leaves the requests with a primary that is ready",
			promoting({}, late),
			["Failed", undefined, "r0", undefined, "PromotionFailed"],
		],
		[
			"has nobody else to serve on plain Services",
			promoting(copied(starting), late, unswitched),
			["Failed", undefined, "r1", undefined, "PromotionFailed"],
		],
	] as const)("%s", (_claim, situation, expected) => {
		expect(after(situation)).toEqual(expected);
	});

	test("goes down step by step, each in force for an interval", () => {
		const plan = planWith({ descent: [split(30), split(10), allPrimary] });
		const first = decide(promoting(copied(), {}, { plan })).status;
		expect([first.phase, first.run?.traffic, first.run?.inForceSince, first.run?.descending]).toEqual([
			"Promoting",
			split(30),
			undefined,
			true,
		]);
		const going = (run: Partial<RunStatus>, seen = {}) =>
			promoting({ ...copied(), ...seen }, { descending: true, traffic: split(30), ...run }, { plan });
		expect(decide(going({ nextCheckAt: inSeconds(1) })).status.run?.traffic).toEqual(split(30));
		expect(decide(going({})).status.run?.traffic).toEqual(split(10));
		expect(decide(going({}, { accepted: false })).status.run?.traffic).toEqual(split(30));
		expect(decide(going({ traffic: split(10) })).status.phase).toBe("Finalising");
	});

	test("goes up to no step of the descent that is above what the candidate has", () => {
		const plan = planWith({ descent: [split(70), split(30), allPrimary] });
		expect(decide(promoting(copied(), {}, { plan })).status.run?.traffic).toEqual(split(30));
	});

	test("starts the clock of a step down when that is in force", () => {
		const plan = planWith({ descent: [split(30), allPrimary] });
		const { inForceSince: _since, nextCheckAt: _due, ...run } = running({ traffic: split(30), descending: true });
		const situation = promoting(copied(), { traffic: split(30) }, { plan });
		const { status } = decide(on(situation, { status: recorded("Promoting", { run, lastPromotedSpec: "r1" }) }));
		expect(status.run).toMatchObject({ inForceSince: inSeconds(0), nextCheckAt: inSeconds(10) });
	});
});

describe("a candidate that serves for a broken primary", () => {
	const failed = (change: object = {}) =>
		recorded("Failed", { ...serving, lastPromotedSpec: "r1", canaryWeight: 100, ...change });
	const sight = (change: Partial<Observed>) =>
		seeing({ traffic: allCandidate, target: target("r1", { generation: 7 }), ...change });

	test.each([
		["serves on while the primary does not stand", { primary: version("r1", dead) }, {}, ["Failed", "candidate"]],
		["finishes the promotion when the primary stands", { primary: version("r1") }, {}, ["Promoting", undefined]],
		["makes way for a primary of another revision that stands", { primary: version("r0") }, {}, ["Failed", undefined]],
		[
			"is tested in one round when it is a fix",
			{ primary: version("r1", dead), target: target("r2") },
			{},
			["Progressing", "candidate"],
		],
		[
			"is tested again on command",
			{ primary: version("r1", dead) },
			{ command: { verb: "retry", id: "retry@1" } },
			["Progressing", "candidate"],
		],
	] as const)("%s", (_claim, seen, change, expected) => {
		const { status } = decide(midRun({ status: failed(), seen: sight(seen), ...change }));
		expect([status.phase, status.serving]).toEqual(expected);
	});

	test("serves on after its fix has failed, with pods or for a moment without", () => {
		for (const available of [2, 0]) {
			const run = running({ step: 0, steps: 1, traffic: allCandidate, failedChecks: 2 });
			const seen = sight({
				primary: version("r1", dead),
				target: target("r2", { available, ready: false, stalled: "gave up" }),
			});
			const status = recorded("Progressing", { ...serving, run: { ...run, revision: "r2" }, canaryWeight: 100 });
			const ended = decide(midRun({ status, seen })).status;
			expect([ended.phase, ended.run?.traffic]).toEqual(["Finalising", allCandidate]);
		}
	});

	test("gives the requests back when its fix has failed and the primary stands after all", () => {
		const run = running({ revision: "r2", step: 0, steps: 1, traffic: allCandidate });
		const seen = sight({ primary: version("r1"), target: target("r2", { stalled: "gave up" }) });
		const status = recorded("Progressing", { ...serving, run, canaryWeight: 100 });
		expect(decide(midRun({ status, seen })).status.run?.traffic).toEqual(allPrimary);
	});

	test("drains from when the primary has the requests again", () => {
		const status = recorded("Failed", { canaryWeight: 100, lastTransitionTime: inSeconds(-900) });
		const seen = seeing({ target: target("r1", { generation: 7 }) });
		const back = decide(midRun({ status, seen })).status;
		expect([back.canaryWeight, back.lastTransitionTime]).toEqual([0, inSeconds(0)]);
		const { actions, wakeAfterMs } = decide(midRun({ status: back, seen }));
		expect([actions, wakeAfterMs]).toEqual([[], 5_000]);
	});
});
