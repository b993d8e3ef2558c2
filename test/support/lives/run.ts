import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { decide } from "../../../src/reconciler/decide/decide.ts";
import {
	type Answers,
	type Command,
	type GateType,
	noAnswers,
	type Plan,
} from "../../../src/reconciler/decide/situation.ts";
import { inquire } from "../../../src/reconciler/inquire.ts";
import type { Chance } from "../random.ts";
import type { ModelWorld } from "./world.ts";

/** What goes wrong, each with its probability per opportunity. */
export interface Faults {
	/** The process dies before or after an action, or between a status write and its answer. */
	readonly crash: number;
	/** The API refuses a write (409, 429, 500, timeout): nothing happens, the pass ends. */
	readonly refuse: number;
	/** A write is performed and its answer lost. */
	readonly loseAnswer: number;
	/** The pass sees the world as it was a pass ago. */
	readonly stale: number;
	/** A wake-up is lost until the next resync. */
	readonly loseEvent: number;
	/** The metric backend does not answer. */
	readonly outage: number;
}

export const noFaults: Faults = { crash: 0, refuse: 0, loseAnswer: 0, stale: 0, loseEvent: 0, outage: 0 };

export interface ModelRun {
	readonly world: ModelWorld;
	readonly plan: Plan;
	readonly chance: Chance;
	readonly faults: Faults;
	/** What checks say about a revision. */
	readonly verdictOf: (revision: string) => "passed" | "failed" | "inconclusive";
	readonly gateIsOpen?: (gate: GateType) => boolean;
	command?: Command | undefined;
	/** Called after each pass with the status that was recorded before and after it. */
	readonly afterPass?: (before: CanaryStatus, after: CanaryStatus) => void;
	/** Called before each action is performed. */
	readonly beforeAction?: (action: Parameters<ModelWorld["perform"]>[0], recorded: CanaryStatus) => void;
}

const resyncMs = 30_000;
const retryMs = 300;

/** One pass of the loop against the model: read, inquire, gather, decide, interpret, record. Answers when to come again. */
export function pass(run: ModelRun, previous: { seen?: ReturnType<ModelWorld["observe"]> }): number | undefined {
	const { world, plan, chance, faults } = run;
	const fresh = world.observe();
	const seen = previous.seen !== undefined && chance.happens(faults.stale) ? stale(previous.seen, fresh) : fresh;
	previous.seen = fresh;
	const before = world.status;
	const base = {
		plan,
		status: before,
		generation: 1,
		seen,
		command: run.command?.id === before.lastHandledCommand ? undefined : run.command,
		told: new Set((before.notices ?? []).map(({ id }) => id)),
		now: world.now,
	};
	const inquiry = inquire({ ...base, answers: noAnswers });
	const answers = answer(run, inquiry);
	const decision = decide({ ...base, answers });
	if (decision.status !== before) {
		if (chance.happens(faults.refuse)) return retryMs;
		world.status = decision.status;
		run.afterPass?.(before, decision.status);
		return chance.happens(faults.crash) || chance.happens(faults.loseAnswer) ? retryMs : 0;
	}
	for (const action of decision.actions) {
		if (chance.happens(faults.crash) || chance.happens(faults.refuse)) return retryMs;
		run.beforeAction?.(action, world.status);
		world.perform(action);
		if (chance.happens(faults.crash) || chance.happens(faults.loseAnswer)) return retryMs;
	}
	if (decision.actions.length > 0) return 0;
	return decision.wakeAfterMs;
}

/** Own writes are always read back; only what others did can be seen late. */
function stale(
	old: ReturnType<ModelWorld["observe"]>,
	fresh: ReturnType<ModelWorld["observe"]>,
): ReturnType<ModelWorld["observe"]> {
	const target =
		old.target && fresh.target && old.target.generation === fresh.target.generation ? old.target : fresh.target;
	return { ...fresh, target, accepted: old.traffic === fresh.traffic ? old.accepted : fresh.accepted };
}

function answer(run: ModelRun, inquiry: ReturnType<typeof inquire>): Answers {
	if (!inquiry.round && inquiry.gates.length === 0) return noAnswers;
	const { world, chance, faults } = run;
	const gates = Object.fromEntries(
		inquiry.gates.map((gate) => [
			gate,
			{ open: run.gateIsOpen?.(gate) ?? gate !== "rollback", detail: gate, tell: true },
		]),
	);
	if (!inquiry.round) return { round: undefined, gates };
	const verdict = chance.happens(faults.outage) ? "inconclusive" : run.verdictOf(world.target.revision);
	return { round: { verdict, checks: [] }, gates };
}

/** Lives through `forMs` of virtual time, or until nothing is left to happen. Throws when it never comes to rest. */
export function live(run: ModelRun, forMs: number, passesMax = 4_000): void {
	const { world, chance, faults } = run;
	const end = world.now + forMs;
	const previous = {};
	for (let passes = 0; ; passes += 1) {
		if (passes > passesMax) throw new Error(`no rest after ${passesMax} passes in phase ${world.status.phase}`);
		if (world.gone) return;
		const wake = pass(run, previous);
		if (wake === 0) continue;
		let next = Math.min(
			world.nextChange() ?? Number.POSITIVE_INFINITY,
			wake === undefined ? Number.POSITIVE_INFINITY : world.now + wake,
		);
		if (chance.happens(faults.loseEvent)) next = Math.max(next, world.now + resyncMs);
		if (next > end) {
			world.now = end;
			return;
		}
		world.now = next;
	}
}
