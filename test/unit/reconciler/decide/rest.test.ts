import { describe, expect, test } from "vitest";
import { blankStatus } from "../../../../src/api/canary-status.ts";
import { allPrimary, split } from "../../../../src/domain/traffic.ts";
import { decide } from "../../../../src/reconciler/decide/decide.ts";
import type { GateType, Situation } from "../../../../src/reconciler/decide/situation.ts";
import { isEdge, transitions } from "../../../../src/reconciler/decide/transitions.ts";
import { planWith } from "../../../support/plans.ts";
import { inSeconds, midRun, NOW, recorded, running, seeing } from "../../../support/situations.ts";

const pods = { replicas: 2, available: 2, ready: true, stalled: undefined };
const target = (revision: string, change: object = {}) => ({ ...pods, revision, generation: 8, ...change });
const atRest = (phase: "Initialized" | "Succeeded" | "Failed", change: Partial<Situation> = {}) =>
	midRun({
		status: recorded(phase),
		seen: seeing({ target: target("r1", { replicas: 0, ready: false, generation: 7 }) }),
		...change,
	});

/** Records until there is nothing more to record. */
function settle(situation: Situation): Situation {
	let current = situation;
	for (let round = 0; round < 9; round += 1) {
		const { status } = decide(current);
		if (status === current.status) return current;
		// As the loop does: what was obeyed is not pending any more.
		const command = current.command?.id === status.lastHandledCommand ? undefined : current.command;
		current = { ...current, status, command };
	}
	throw new Error("it never stands still");
}

describe("between rollouts", () => {
	test.each([
		["a new revision begins a rollout", "Succeeded", target("r2"), "Progressing"],
		["a failed revision is not tried again", "Failed", target("r1"), "Failed"],
		["a target that went back is fine again", "Failed", target("r0"), "Initialized"],
		["the same revision under a new generation is nothing", "Succeeded", target("r1"), "Succeeded"],
	] as const)("%s", (_claim, phase, seen, expected) => {
		expect(decide(atRest(phase, { seen: seeing({ target: seen }) })).status.phase).toBe(expected);
	});

	test("a failed revision is tried again on command, once", () => {
		const retried = settle(atRest("Failed", { command: { verb: "retry", id: "retry@1" } })).status;
		expect([retried.phase, retried.run?.revision, retried.lastHandledCommand]).toEqual([
			"Progressing",
			"r1",
			"retry@1",
		]);
	});

	test("a revision that reads differently at the same generation keeps its history: an upgrade is no rollout", () => {
		const status = recorded("Succeeded", { lastPromotedSpec: "r1" });
		const { status: next } = decide(
			atRest("Succeeded", { status, seen: seeing({ target: target("r1-read-anew", { generation: 7 }) }) }),
		);
		expect(next).toMatchObject({
			phase: "Succeeded",
			lastAppliedSpec: "r1-read-anew",
			lastPromotedSpec: "r1-read-anew",
		});
	});

	test("somebody may have to approve a rollout before anything runs", () => {
		const plan = planWith({ gates: new Set<GateType>(["confirm-rollout"]) });
		const waiting = settle(
			atRest("Succeeded", { plan, seen: seeing({ target: target("r2", { replicas: 0, ready: false }) }) }),
		);
		expect(waiting.status.phase).toBe("Waiting");
		expect(decide(waiting).actions).toEqual([]);
	});

	test("the candidate keeps its pods until requests have drained", () => {
		const seen = seeing({ target: target("r1") });
		const soon = settle(
			atRest("Succeeded", { seen, status: recorded("Succeeded", { lastTransitionTime: inSeconds(-4) }) }),
		);
		expect([decide(soon).actions, decide(soon).wakeAfterMs]).toEqual([[], 1_000]);
		const later = settle(
			atRest("Succeeded", { seen, status: recorded("Succeeded", { lastTransitionTime: inSeconds(-5) }) }),
		);
		expect(decide(later).actions).toEqual([{ do: "scaleTarget", replicas: 0 }]);
	});

	test("what somebody changed is put back", () => {
		const seen = seeing({
			target: target("r1", { replicas: 0, ready: false }),
			traffic: split(30),
			apex: "target",
			servicesInPlace: false,
		});
		expect(decide(settle(atRest("Succeeded", { seen }))).actions).toEqual([
			{ do: "keepServices" },
			{ do: "route", traffic: allPrimary },
			{ do: "pointApexAtPrimary" },
		]);
	});

	test("nothing is left to do, and nothing to wake up for", () => {
		const still = settle(atRest("Succeeded"));
		expect(decide(still)).toEqual({ status: still.status, actions: [], wakeAfterMs: undefined });
	});

	test("a primary is never made anew of a template that was not promoted", () => {
		const seen = seeing({ primary: undefined, target: target("r1", { replicas: 0, ready: false, generation: 7 }) });
		expect(decide(settle(atRest("Failed", { seen }))).actions).toEqual([]);
		const promoted = recorded("Succeeded", { lastPromotedSpec: "r1" });
		expect(decide(settle(atRest("Succeeded", { seen, status: promoted }))).actions).toEqual([{ do: "createPrimary" }]);
	});
});

describe("the beginning", () => {
	const fresh = (change: Parameters<typeof seeing>[0]) => midRun({ status: blankStatus, seen: seeing(change) });
	const ready = { ...pods, revision: "r1", ready: true };

	test.each([
		["a mesh that knows the apex alone is told of the pair", "unknown", true, [{ do: "introduce" }]],
		["which it has to take up", "named", false, []],
		["before requests are sent there", "named", true, [{ do: "route", traffic: allPrimary }]],
		["a mesh that knows the pair is not waited for", "known", false, [{ do: "route", traffic: allPrimary }]],
	] as const)("%s", (_claim, pair, accepted, expected) => {
		const seen = fresh({ primary: ready, traffic: undefined, pair, accepted });
		expect(decide(settle(seen)).actions).toEqual(expected);
	});

	test("is recorded before anything is touched", () => {
		const { status, actions } = decide(
			fresh({ primary: undefined, apex: "target", traffic: undefined, hasFinalizer: false }),
		);
		expect([status.phase, actions]).toEqual(["Initializing", []]);
	});

	test("leaves the traffic alone until the primary is ready", () => {
		const primary = { ...pods, revision: "r1", ready: false };
		const before = settle(fresh({ primary, apex: "target", traffic: undefined, servicesInPlace: false }));
		expect(decide(before).actions).toEqual([{ do: "keepServices" }]);
		const ready = settle(fresh({ primary: { ...primary, ready: true }, apex: "target", traffic: undefined }));
		expect(decide(ready).actions).toEqual([{ do: "route", traffic: allPrimary }, { do: "pointApexAtPrimary" }]);
	});

	test("is over when the primary answers everything, and a newer target begins a rollout", () => {
		const first = decide({
			...settle(fresh({ primary: { ...pods, revision: "r0" }, apex: "target" })),
			seen: seeing(),
		});
		expect(first.status).toMatchObject({ phase: "Initialized", lastPromotedSpec: "r0" });
		expect(decide({ ...midRun(), seen: seeing(), status: first.status }).status).toMatchObject({
			phase: "Progressing",
			lastAppliedSpec: "r1",
		});
	});
});

describe("the end of a Canary", () => {
	const leaving = (change: Parameters<typeof seeing>[0], status = recorded("Terminating")) =>
		midRun({ status, seen: seeing({ deleting: true, ...change }) });
	const actions = (situation: Situation) => decide(settle(situation)).actions;

	test.each([
		[
			"the target stands up first",
			leaving({ target: target("r1", { replicas: 0, available: 0, ready: false }) }),
			[{ do: "scaleTarget", replicas: 2 }],
		],
		["nothing is let go while it is not ready", leaving({ target: target("r1", { ready: false }) }), []],
		["then it gets the requests", leaving({}), [{ do: "pointApexAtTarget" }, { do: "releaseRoute" }]],
		[
			"the children go when requests have drained",
			leaving({ apex: "target", routeReleased: true }, recorded("Terminating", { releasedAt: inSeconds(-5) })),
			[{ do: "forgetRoute" }, { do: "removeFinalizer" }],
		],
		[
			"a target that is gone holds nothing up",
			leaving({ target: undefined }),
			[{ do: "forgetRoute" }, { do: "removeFinalizer" }],
		],
		[
			"a target that never stands leaves the children behind",
			leaving(
				{ target: target("r1", { ready: false }) },
				recorded("Terminating", { lastTransitionTime: inSeconds(-601) }),
			),
			[{ do: "orphanChildren" }, { do: "removeFinalizer" }],
		],
	] as const)("%s", (_claim, situation, expected) => {
		expect(actions(situation)).toEqual(expected);
	});

	test("can begin in every phase", () => {
		const phases = (Object.keys(transitions) as (keyof typeof transitions)[]).filter(
			(phase) => phase !== "Terminating",
		);
		for (const phase of phases) {
			const status = recorded(phase, { run: running() });
			expect(decide(leaving({}, status)).status.phase).toBe("Terminating");
			expect(isEdge(phase, "Terminating")).toBe(true);
		}
	});
});

describe("conditions", () => {
	const of = (situation: Situation) =>
		Object.fromEntries(
			(settle(situation).status.conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
		);

	test.each([
		["at rest", atRest("Succeeded"), { Promoted: "True Succeeded", Ready: "True Succeeded" }],
		[
			"in a rollout",
			midRun(),
			{ Promoted: "Unknown Progressing", Ready: "Unknown Progressing", Reconciling: "True Progressing" },
		],
		[
			"after a rollback",
			atRest("Failed", {
				status: recorded("Failed", {
					history: [
						{
							revision: "r1",
							startedAt: inSeconds(-9),
							endedAt: inSeconds(-1),
							outcome: "Failed",
							reason: "TooManyFailedChecks",
						},
					],
				}),
			}),
			{ Promoted: "False Failed", Ready: "False TooManyFailedChecks", Stalled: "True TooManyFailedChecks" },
		],
		[
			"before an obstacle",
			atRest("Succeeded", { seen: seeing({ obstacle: { reason: "ForeignRoute", message: "not ours" } }) }),
			{ Promoted: "True Succeeded", Ready: "False ForeignRoute", Stalled: "True ForeignRoute" },
		],
	] as const)("say how it is %s", (_claim, situation, expected) => {
		expect(of(situation)).toEqual(expected);
	});

	test("an obstacle is told once, and nothing is touched", () => {
		const seen = seeing({
			obstacle: { reason: "ForeignRoute", message: "not ours" },
			traffic: split(77),
			hasFinalizer: false,
		});
		const blocked = settle(midRun({ seen }));
		expect(decide(blocked)).toMatchObject({ actions: [], wakeAfterMs: undefined });
		expect(blocked.status.notices?.map(({ reason }) => reason)).toEqual(["Stalled"]);
	});

	test("their times move only when their status does", () => {
		const before = settle(midRun()).status;
		const later = settle({
			...midRun({ answers: { round: { verdict: "passed", checks: [] }, gates: {} } }),
			status: before,
			now: NOW + 1,
		}).status;
		const time = (status: typeof before) => status.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime;
		expect(time(later)).toBe(time(before));
	});

	test("a suspended Canary is left alone altogether", () => {
		const situation = midRun({ plan: planWith({ suspended: true }), seen: seeing({ traffic: split(99) }) });
		expect(decide(situation)).toEqual({ status: situation.status, actions: [], wakeAfterMs: undefined });
	});
});

describe("notices", () => {
	test("leave the status once they are told and all is quiet", () => {
		const notice = { id: "x-1", reason: "Promoted", type: "Normal" as const, message: "done", at: inSeconds(-1) };
		const status = recorded("Succeeded", { notices: [notice] });
		expect(settle(atRest("Succeeded", { status })).status.notices).toEqual([notice]);
		expect(settle(atRest("Succeeded", { status, told: new Set(["x-1"]) })).status.notices).toBeUndefined();
	});
});
