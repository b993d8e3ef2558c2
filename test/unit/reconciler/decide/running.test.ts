import { describe, expect, test } from "vitest";
import { allCandidate, allPrimary, split } from "../../../../src/domain/traffic.ts";
import { decide } from "../../../../src/reconciler/decide/decide.ts";
import type { Action, GateType, Situation } from "../../../../src/reconciler/decide/situation.ts";
import { inquire } from "../../../../src/reconciler/inquire.ts";
import { rung } from "../../../../src/strategies/strategy.ts";
import { planWith } from "../../../support/plans.ts";
import { inSeconds, midRun, recorded, round, running, seeing } from "../../../support/situations.ts";

/** What a row looks at: where the run stands after one decision. */
function after(situation: Situation) {
	const { status } = decide(situation);
	const { phase, run } = status;
	return [phase, run?.step, run?.traffic.candidate, status.failedChecks, status.inconclusiveChecks];
}

const gated = (...gates: GateType[]) => planWith({ gates: new Set(gates) });
const open = (gate: GateType, isOpen: boolean): Situation["answers"] => ({
	...round("passed"),
	gates: { [gate]: { open: isOpen, detail: "said so", alert: true } },
});
const last = { step: 2, traffic: split(60) };
const seesLast = { seen: seeing({ traffic: split(60) }) };
const say = (verb: "pause" | "resume" | "promote" | "abort" | "retry") => ({ command: { verb, id: `${verb}@1` } });

describe("a run on a step", () => {
	test.each([
		["climbs when a round passes", midRun({ answers: round("passed") }), ["Progressing", 2, 60, 0, 0]],
		["waits for its round", midRun({}, { nextCheckAt: inSeconds(5) }), ["Progressing", 1, 40, 0, 0]],
		["promotes from the last", midRun({ ...seesLast, answers: round("passed") }, last), ["Promoting", 2, 60, 0, 0]],
		["counts a failed round", midRun({ answers: round("failed") }), ["Progressing", 1, 40, 1, 0]],
		[
			"gives up at the threshold",
			midRun({ answers: round("failed") }, { failedChecks: 2 }),
			["Finalising", 1, 0, 3, 0],
		],
		["holds on doubt", midRun({ answers: round("inconclusive") }), ["Progressing", 1, 40, 0, 1]],
		[
			"gives up after too much doubt",
			midRun({ answers: round("inconclusive") }, { inconclusiveChecks: 9 }),
			["Finalising", 1, 0, 0, 10],
		],
		[
			"doubts for ever at limit 0",
			midRun({ plan: planWith({ inconclusiveLimit: 0 }), answers: round("inconclusive") }, { inconclusiveChecks: 900 }),
			["Progressing", 1, 40, 0, 901],
		],
		[
			"forgets doubt when a round passes",
			midRun(
				{ plan: planWith({ rungs: [rung(split(20)), rung(split(40), { rounds: 5 })] }), answers: round("passed") },
				{ inconclusiveChecks: 4 },
			),
			["Progressing", 1, 40, 0, 0],
		],
		[
			"starts over with another revision",
			midRun({ seen: seeing({ target: { ...target("r2"), generation: 8 }, traffic: split(40) }) }),
			["Progressing", -1, 0, 0, 0],
		],
		[
			"ends when the target goes back",
			midRun({ seen: seeing({ target: { ...target("r0"), generation: 8 }, traffic: split(40) }) }),
			["Finalising", 1, 0, 0, 0],
		],
		[
			"ends when the target is gone",
			midRun({ seen: seeing({ target: undefined, traffic: split(40) }) }),
			["Finalising", 1, 0, 0, 0],
		],
		[
			"ends when the candidate is stuck",
			midRun({ seen: seeing({ target: { ...target("r1"), stalled: "stuck" }, traffic: split(40) }) }),
			["Finalising", 1, 0, 0, 0],
		],
		["ends on command", midRun(say("abort")), ["Finalising", 1, 0, 0, 0]],
		["is promoted on command", midRun(say("promote")), ["Promoting", 1, 40, 0, 0]],
		[
			"makes no round while it is paused",
			midRun({ answers: round("passed") }, { paused: true }),
			["Progressing", 1, 40, 0, 0],
		],
		[
			"makes no round while the spec says paused",
			midRun({ plan: planWith({ paused: true }), answers: round("passed") }),
			["Progressing", 1, 40, 0, 0],
		],
		[
			"asks before it climbs",
			midRun({ plan: gated("confirm-traffic-increase"), answers: open("confirm-traffic-increase", false) }),
			["Progressing", 1, 40, 0, 0],
		],
		[
			"climbs when the gate opens",
			midRun({ plan: gated("confirm-traffic-increase"), answers: open("confirm-traffic-increase", true) }),
			["Progressing", 2, 60, 0, 0],
		],
		[
			"waits for approval at the top",
			midRun({ ...seesLast, plan: gated("confirm-promotion"), answers: open("confirm-promotion", false) }, last),
			["WaitingPromotion", 2, 60, 0, 0],
		],
		[
			"is rolled back by a hook",
			midRun({ plan: gated("rollback"), answers: open("rollback", true) }),
			["Finalising", 1, 0, 0, 0],
		],
	] as const)("%s", (_claim, situation, expected) => {
		expect(after(situation)).toEqual(expected);
	});

	test("tells the weight that users get while it waits for approval", () => {
		const { status } = decide(
			midRun({ ...seesLast, plan: gated("confirm-promotion"), answers: open("confirm-promotion", false) }, last),
		);
		expect(decide({ ...midRun(seesLast, last), status }).status.canaryWeight).toBe(60);
	});

	test("tells once that a gate is closed", () => {
		const situation = midRun({
			plan: gated("confirm-traffic-increase"),
			answers: open("confirm-traffic-increase", false),
		});
		const first = decide(situation).status;
		const again = decide({
			...situation,
			status: { ...first, run: { ...running(), waitingFor: "confirm-traffic-increase" } },
		}).status;
		expect(first.notices?.filter(({ reason }) => reason === "WaitingForApproval")).toHaveLength(1);
		expect(again.notices).toEqual(first.notices);
	});

	test("stays its time, and looks again just when that is over", () => {
		const plan = planWith({ rungs: [rung(split(20)), rung(split(40), { holdMs: 14_000 }), rung(split(60))] });
		const { status } = decide(midRun({ plan, answers: round("passed") }));
		expect([status.run?.step, status.run?.nextCheckAt]).toEqual([1, inSeconds(4)]);
	});

	test("holds at a pause until it is resumed, then asks for a last round", () => {
		const plan = planWith({ rungs: [rung(split(20)), rung(split(40), { untilResumed: true }), rung(split(60))] });
		const held = decide(midRun({ plan, answers: round("passed") })).status;
		expect([held.run?.step, held.run?.waitingFor]).toEqual([1, "pause"]);
		const resumed = decide({ ...midRun({ plan, ...say("resume") }), status: held }).status;
		expect([resumed.run?.step, resumed.run?.waitingFor, resumed.lastHandledCommand]).toEqual([
			1,
			undefined,
			"resume@1",
		]);
		expect(decide({ ...midRun({ plan, answers: round("passed") }), status: resumed }).status.run?.step).toBe(2);
	});

	test.each([
		["a lower rung when its own is gone", [rung(split(30)), rung(split(70))], 70],
		["no jump when every rung is lower", [rung(split(5)), rung(split(10))], "promotes"],
		["the first when every rung is higher", [rung(split(50)), rung(split(90))], 50],
	] as const)("goes on from %s after an edit", (_claim, rungs, next) => {
		const { status } = decide(midRun({ plan: planWith({ rungs }), answers: round("passed") }));
		expect(status.phase === "Promoting" ? "promotes" : status.run?.traffic.candidate).toBe(next);
	});

	test("stops its clock when the traffic is lost, and starts it anew", () => {
		const lost = decide(midRun({ seen: seeing({ traffic: split(70) }) })).status;
		expect(lost.run).toMatchObject({ notInForceSince: inSeconds(0) });
		expect(lost.run?.inForceSince).toBeUndefined();
		expect(decide({ ...midRun({ seen: seeing({ traffic: split(70) }) }), status: lost }).actions).toEqual([
			{ do: "route", traffic: split(40) },
		]);
		const regained = decide({ ...midRun(), status: lost }).status;
		expect(regained.run).toMatchObject({ inForceSince: inSeconds(0), nextCheckAt: inSeconds(10) });
	});

	test("withdraws the traffic of a candidate without pods, and counts that", () => {
		const seen = seeing({ traffic: split(40), target: { ...target("r1"), available: 0, ready: false } });
		const { status } = decide(midRun({ seen }));
		expect([status.failedChecks, status.run?.traffic.candidate]).toEqual([1, 40]);
		expect(decide({ ...midRun({ seen }), status }).actions).toEqual([{ do: "route", traffic: allPrimary }]);
	});

	test("gives up on a step that the mesh never takes up", () => {
		const seen = seeing({ traffic: split(40), accepted: false });
		const { inForceSince: _since, nextCheckAt: _due, ...run } = running({ notInForceSince: inSeconds(-600) });
		const { status } = decide({ ...midRun({ seen }), status: recorded("Progressing", { run }) });
		expect(status.run).toMatchObject({ outcome: "Failed", reason: "ProgressDeadlineExceeded" });
	});
});

describe("promotion", () => {
	const promoting = (change: Partial<Situation> = {}) =>
		midRun({
			status: recorded("Promoting", {
				run: running({ ...last, promotedAt: inSeconds(-5), candidateReplicas: 2 }),
				canaryWeight: 60,
			}),
			seen: seeing({ traffic: split(60) }),
			...change,
		});

	test("copies only once it is recorded, and only what passed", () => {
		const deciding = decide(midRun({ ...seesLast, answers: round("passed") }, last));
		expect(deciding.actions).toEqual([]);
		expect(actionsWhenStill(promoting())).toEqual([{ do: "promote", revision: "r1", replicasMin: 2 }]);
		const other = seeing({ traffic: split(60), target: { ...target("r2"), generation: 8 } });
		expect(decide(promoting({ seen: other })).status.phase).toBe("Progressing");
	});

	test("leaves the traffic until the primary is ready with the candidate's capacity", () => {
		const copied = (change: object) => seeing({ traffic: split(60), primary: { ...target("r1"), ...change } });
		expect(decide(promoting({ seen: copied({ ready: false }) })).status.phase).toBe("Promoting");
		const small = promoting({ seen: copied({ replicas: 1 }) });
		expect([decide(small).status.phase, actionsWhenStill(small)]).toEqual([
			"Promoting",
			[{ do: "scalePrimary", replicas: 2 }],
		]);
		expect(decide(promoting({ seen: copied({}) })).status).toMatchObject({
			phase: "Finalising",
			run: { traffic: allPrimary, outcome: "Succeeded" },
		});
	});

	test("never gives traffic to a primary that is broken: the candidate goes on, until the primary heals", () => {
		const broken = seeing({
			traffic: split(60),
			primary: { ...target("r1"), available: 0, ready: false, stalled: "no image" },
		});
		const failed = decide(promoting({ seen: broken })).status;
		expect(failed).toMatchObject({ phase: "Failed", serving: "candidate" });
		expect(actionsWhenStill(promoting({ seen: broken, status: failed }))).toEqual([
			{ do: "route", traffic: allCandidate },
		]);
		const healed = decide(
			promoting({ seen: seeing({ traffic: allCandidate, primary: target("r1") }), status: failed }),
		).status;
		expect([healed.phase, healed.serving]).toEqual(["Promoting", undefined]);
	});

	test("gives a fix to a broken primary in one round", () => {
		const broken = { ...target("r1"), available: 0, ready: false };
		const status = recorded("Failed", { serving: "candidate", lastPromotedSpec: "r1" });
		const seen = seeing({ traffic: allCandidate, primary: broken, target: { ...target("r2"), generation: 8 } });
		const begun = decide(promoting({ seen, status })).status;
		expect([begun.phase, begun.run?.steps, begun.run?.traffic.candidate]).toEqual(["Progressing", 1, 100]);
	});
});

describe("questions", () => {
	test.each([
		["a round when it is due", midRun(), { round: true, gates: [] }],
		["nothing before", midRun({}, { nextCheckAt: inSeconds(1) }), { round: false, gates: [] }],
		["nothing while paused", midRun({}, { paused: true }), { round: false, gates: [] }],
		[
			"nothing while the traffic is not in force",
			midRun({ seen: seeing({ traffic: split(41) }) }),
			{ round: false, gates: [] },
		],
		[
			"the gates on the way, where somebody listens",
			midRun({ plan: gated("confirm-traffic-increase", "rollback", "confirm-promotion") }),
			{ round: true, gates: ["rollback", "confirm-traffic-increase"] },
		],
		[
			"for approval on the last step",
			midRun({ ...seesLast, plan: gated("confirm-promotion") }, last),
			{ round: true, gates: ["confirm-promotion"] },
		],
		["nothing on the word to stop", midRun({ command: { verb: "abort", id: "1" } }), { round: false, gates: [] }],
		["nothing on the word to wait", midRun({ command: { verb: "pause", id: "1" } }), { round: false, gates: [] }],
		[
			"a round all the same before a promotion",
			midRun({ command: { verb: "promote", id: "1" } }),
			{ round: true, gates: [] },
		],
		["nothing at rest", midRun({ status: recorded("Succeeded") }), { round: false, gates: [] }],
	] as const)("are asked: %s", (_claim, situation, expected) => {
		expect(inquire(situation)).toEqual(expected);
	});
});

function target(revision: string) {
	return { revision, replicas: 2, available: 2, ready: true, stalled: undefined, generation: 7 };
}

/** The actions once there is nothing left to record. */
function actionsWhenStill(situation: Situation): readonly Action[] {
	let current = situation;
	for (let round = 0; round < 8; round += 1) {
		const { status, actions } = decide(current);
		if (status === current.status) return actions;
		current = { ...current, status };
	}
	throw new Error("it never stands still");
}
