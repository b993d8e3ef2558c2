import { describe, expect, test } from "vitest";
import { allCandidate, allPrimary } from "../../../../src/domain/traffic.ts";
import { decide } from "../../../../src/reconciler/decide/decide.ts";
import type { GateType, Situation } from "../../../../src/reconciler/decide/situation.ts";
import { inquire } from "../../../../src/reconciler/inquire.ts";
import { planWith } from "../../../support/plans.ts";
import { inSeconds, midRun, recorded, running, seeing } from "../../../support/situations.ts";

const plan = planWith({ gates: new Set<GateType>(["confirm-rollout", "rollback"]) });
const target = (revision: string, generation = 8) => ({
	revision,
	replicas: 2,
	available: 2,
	ready: true,
	stalled: undefined,
	generation,
});
const held = { waitingFor: "confirm-rollout", nextCheckAt: inSeconds(0) };

/** r1 waits for approval. */
function waiting(change: Partial<Situation> = {}, run: object = {}, status: object = {}): Situation {
	const { inForceSince: _since, nextCheckAt: _due, ...begun } = running();
	return midRun({
		plan,
		status: recorded("Waiting", { run: { ...begun, step: -1, traffic: allPrimary, ...run }, ...status }),
		seen: seeing(),
		...change,
	});
}

const gate = (open: boolean, alert = true): Partial<Situation> => ({
	answers: { round: undefined, gates: { "confirm-rollout": { open, detail: "says ops", alert } } },
});
const say = (verb: "resume" | "promote" | "abort" | "pause") => ({ command: { verb, id: `${verb}@1` } });
const serving = { serving: "candidate", canaryWeight: 100 };

function after(situation: Situation) {
	const { status } = decide(situation);
	return [status.phase, status.run?.revision, status.run?.reason ?? status.history?.[0]?.reason];
}

describe("a revision that waits for approval", () => {
	test.each([
		["waits while the gate is closed", waiting(gate(false)), ["Waiting", "r1", undefined]],
		["waits while the gate does not answer", waiting(), ["Waiting", "r1", undefined]],
		["begins when the gate opens", waiting(gate(true)), ["Progressing", "r1", undefined]],
		["begins when nobody guards the gate any more", waiting({ plan: planWith() }), ["Progressing", "r1", undefined]],
		["begins on resume", waiting(say("resume")), ["Progressing", "r1", undefined]],
		["begins on promote", waiting(say("promote")), ["Progressing", "r1", undefined]],
		["waits on after a pause that holds nothing", waiting(say("pause")), ["Waiting", "r1", undefined]],
		["ends on abort", waiting(say("abort")), ["Finalising", "r1", "Aborted"]],
		[
			"ends by the rollback hook",
			waiting({ answers: { round: undefined, gates: { rollback: { open: true, detail: "no", alert: true } } } }),
			["Finalising", "r1", "RollbackHook"],
		],
		["gives way to a newer one", waiting({ seen: seeing({ target: target("r2") }) }), ["Waiting", "r2", undefined]],
		[
			"is gone when the target goes back",
			waiting({ seen: seeing({ target: target("r0") }) }),
			["Initialized", undefined, "Reverted"],
		],
		[
			"gives way to the promoted one when the primary cannot serve it",
			waiting({ seen: seeing({ target: target("r0"), traffic: allCandidate }) }, { traffic: allCandidate }, serving),
			["Waiting", "r0", undefined],
		],
		[
			"keeps waiting when it only reads differently",
			waiting({ seen: seeing({ target: target("r1-read-anew", 7) }) }),
			["Waiting", "r1-read-anew", undefined],
		],
		["waits for a target that is gone", waiting({ seen: seeing({ target: undefined }) }), ["Waiting", "r1", undefined]],
	] as const)("%s", (_claim, situation, expected) => {
		expect(after(situation)).toEqual(expected);
	});

	test("is told about once, and only by an Event when it is muted", () => {
		const told = (situation: Situation) =>
			decide(situation).status.notices?.map(({ reason, severity }) => `${reason} ${severity}`);
		expect(told(waiting(gate(false)))).toEqual(["WaitingForApproval warn"]);
		expect(told(waiting(gate(false), held))).toBeUndefined();
		expect(told(waiting(gate(false, false)))).toEqual(["WaitingForApproval undefined"]);
	});

	test("asks again an interval later, and its rollout is timed from its approval", () => {
		const { status } = decide(waiting(gate(false)));
		expect(status.run?.nextCheckAt).toBe(inSeconds(10));
		expect(inquire({ ...waiting(), status })).toEqual({ round: false, gates: [] });
		expect(inquire(waiting({}, held))).toEqual({ round: false, gates: ["confirm-rollout", "rollback"] });
		expect(decide(waiting(gate(true), held)).status.run).toMatchObject({ startedAt: inSeconds(0), ...notBegunYet });
	});
});

const notBegunYet = { step: -1, traffic: allPrimary };
