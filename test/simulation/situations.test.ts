import { describe, expect, test } from "vitest";
import type { CanaryStatus, Phase, RunStatus } from "../../src/api/canary-status.ts";
import { allCandidate, allPrimary, split } from "../../src/domain/traffic.ts";
import { decide } from "../../src/reconciler/decide/decide.ts";
import { commandVerbs, type Observed, type Situation } from "../../src/reconciler/decide/situation.ts";
import { transitions } from "../../src/reconciler/decide/transitions.ts";
import { inquire } from "../../src/reconciler/inquire.ts";
import { planWith } from "../support/plans.ts";
import { inSeconds, midRun, recorded, round, running, seeing } from "../support/situations.ts";

const phases = Object.keys(transitions) as Phase[];
const pods = [
	{ replicas: 0, available: 0, ready: false, stalled: undefined },
	{ replicas: 2, available: 0, ready: false, stalled: undefined },
	{ replicas: 2, available: 1, ready: false, stalled: "its controller gave up" },
	{ replicas: 2, available: 2, ready: true, stalled: undefined },
];
const [, , , standing] = pods;
const targets: readonly Observed["target"][] = [
	undefined,
	standing && { ...standing, revision: undefined, generation: 8 },
	...pods.flatMap((state) =>
		["r0", "r1", "r2"].flatMap((revision) => [7, 8].map((generation) => ({ ...state, revision, generation }))),
	),
];
const primaries: readonly Observed["primary"][] = [
	undefined,
	standing && { ...standing, revision: undefined },
	...pods.flatMap((state) => ["r0", "r1"].map((revision) => ({ ...state, revision }))),
];
const routes: readonly Pick<Observed, "traffic" | "pair">[] = [
	{ traffic: undefined, pair: "unknown" },
	{ traffic: undefined, pair: "named" },
	...[undefined, allPrimary, split(40), allCandidate].map((traffic) => ({ traffic, pair: "known" }) as const),
];

/** Runs as each phase may have them. */
const { inForceSince: _since, nextCheckAt: _due, ...notInForce } = running({ notInForceSince: inSeconds(-700) });
const runs: Readonly<Partial<Record<Phase, readonly RunStatus[]>>> = {
	Waiting: [running({ step: -1, traffic: allPrimary })],
	Progressing: [
		running(),
		running({ step: -1, traffic: allPrimary }),
		running({ traffic: split(60), step: 2 }),
		notInForce,
	],
	WaitingPromotion: [running({ traffic: split(60), step: 2 })],
	Promoting: [
		running({ promotedAt: inSeconds(-5), candidateReplicas: 2 }),
		running({ promotedAt: inSeconds(-900), candidateReplicas: 2 }),
		running({ promotedAt: inSeconds(-5), descending: true, traffic: split(30) }),
	],
	Finalising: (["Failed", "Succeeded", "Reverted"] as const).map((outcome) =>
		running({ traffic: allPrimary, outcome, reason: "Because" }),
	),
	Terminating: [running()],
};

function* statuses(): Generator<CanaryStatus> {
	for (const phase of phases) {
		for (const run of runs[phase] ?? [undefined]) {
			const status = recorded(phase, run === undefined ? {} : { run });
			yield status;
			yield { ...status, serving: "candidate" };
			yield { ...status, lastPromotedSpec: "r1" };
		}
	}
}

function* sights(): Generator<Observed> {
	for (const target of targets) {
		for (const primary of primaries) {
			for (const route of routes) {
				for (const apex of ["primary", "target"] as const) {
					for (const accepted of [true, false]) yield seeing({ target, primary, ...route, apex, accepted });
				}
				yield seeing({ target, primary, ...route, deleting: true });
			}
		}
	}
}

function frozen<T>(value: T): T {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	for (const member of Object.values(value)) frozen(member);
	return Object.freeze(value);
}

/** Decides and records until nothing is left to record. Throws when it goes on for ever, or differs when asked twice. */
function standStill(situation: Situation): Situation {
	let current = situation;
	for (let records = 0; records < 12; records += 1) {
		const { status, actions } = decide(current);
		if (status === current.status) return current;
		if (actions.length > 0) throw new Error("acts on what is not recorded");
		const { lastHandledCommand } = status;
		const command = current.command?.id === lastHandledCommand ? undefined : current.command;
		current = { ...current, status, command };
	}
	throw new Error(`never stands still in ${situation.status.phase}: ${JSON.stringify(situation)}`);
}

const plan = planWith();

describe("every phase under every sight", () => {
	test("has a decision, and comes to stand still", () => {
		const views = [...sights()].map(frozen);
		let count = 0;
		for (const status of statuses()) {
			frozen(status);
			for (const seen of views) {
				const situation = midRun({ plan, status, seen });
				inquire(situation);
				standStill(situation);
				count += 1;
			}
		}
		expect(count).toBeGreaterThan(100_000);
	});

	test("decides the same twice, of frozen things", () => {
		const views = [...sights()].map(frozen);
		let number = 0;
		for (const status of statuses()) {
			for (let index = number++ % 23; index < views.length; index += 23) {
				const situation = frozen(midRun({ plan, status, seen: views[index] as Observed, answers: round("passed") }));
				expect(decide(situation)).toEqual(decide(situation));
			}
		}
	});

	test.each([
		...commandVerbs.map((verb) => [`the command ${verb}`, { command: { verb, id: `${verb}@1` } }] as const),
		...(["passed", "failed", "inconclusive"] as const).map(
			(verdict) => [`a ${verdict} round`, { answers: round(verdict) }] as const,
		),
		["an obstacle", { obstacle: { reason: "ForeignRoute", message: "not ours" } }],
		["a problem", { problem: { reason: "Forbidden", message: "may not" } }],
	] as const)("has a decision after %s", (_name, change) => {
		const views = [...sights()];
		let number = 0;
		for (const status of statuses()) {
			for (let index = number++ % 11; index < views.length; index += 11) {
				const { obstacle, problem, ...rest } = { obstacle: undefined, problem: undefined, ...change };
				const seen = { ...(views[index] as Observed), obstacle, problem };
				const first = midRun({ plan, status, seen, ...rest });
				// A round is answered once.
				const { status: next } = decide(first);
				standStill({ ...first, status: next, answers: midRun().answers, command: undefined });
			}
		}
	});
});
