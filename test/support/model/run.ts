import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { decide } from "../../../src/reconciler/decide/decide.ts";
import {
	type Action,
	type Answers,
	type Command,
	type Decision,
	type GateAnswer,
	type GateType,
	noAnswers,
	type Plan,
	type Situation,
} from "../../../src/reconciler/decide/situation.ts";
import { type Inquiry, inquire } from "../../../src/reconciler/inquire.ts";
import type { Chance } from "../random.ts";
import type { ModelWorld, View } from "./world.ts";

/** What goes wrong, each with its probability per opportunity. */
export interface Faults {
	/** The process dies before or after an action or a status write; its caches are read anew. */
	readonly crash: number;
	/** The API refuses a write (409, 429, 500): nothing happens, the pass ends. */
	readonly refuse: number;
	/** A write is performed and its answer lost: the next pass may not know of it. */
	readonly loseAnswer: number;
	/** The pass sees the world as it was a while ago. */
	readonly stale: number;
	/** A wake-up is lost until the next resync. */
	readonly loseEvent: number;
	/** The metric backend does not answer. */
	readonly outage: number;
}

export const noFaults: Faults = { crash: 0, refuse: 0, loseAnswer: 0, stale: 0, loseEvent: 0, outage: 0 };

export type Verdict = "passed" | "failed" | "inconclusive";

/** One pass as it was decided, for whoever holds it against the laws. */
export interface Passed {
	readonly situation: Situation;
	readonly inquiry: Inquiry;
	readonly decision: Decision;
	readonly view: View;
}

/** Who is told of what a run does, in order; each may throw. */
export interface Witness {
	decided(passed: Passed): void;
	/** The status has been written. */
	recorded(passed: Passed): void;
	/** An action is about to be performed, then was; `status` is what is recorded really. */
	acting(action: Action, passed: Passed, status: CanaryStatus): void;
	acted(action: Action, passed: Passed): void;
}

const resyncMs = 30_000;
const retryMs = 300;
const toldAll = { has: () => true, size: 1 } as unknown as ReadonlySet<string>;
const toldNone: ReadonlySet<string> = new Set();
const opened: GateAnswer = { open: true, detail: "open", alert: true };
const closed: GateAnswer = { open: false, detail: "closed", alert: true };
const quiet: GateAnswer = { open: false, detail: "closed", alert: false };
const never = Number.POSITIVE_INFINITY;

/** The operator's loop against a model of the world: read, inquire, gather, decide, then record or interpret. */
export class ModelRun {
	readonly world: ModelWorld;
	readonly chance: Chance;
	plan: Plan;
	faults: Faults = noFaults;
	command: Command | undefined;
	/** What a round of checks of a revision says. */
	verdictOf: (revision: string) => Verdict = () => "passed";
	gateIsOpen: (gate: GateType) => boolean = (gate) => gate !== "rollback";
	witness: Witness | undefined;
	/** Whether the operator dies at this point; points are counted from 0, one before and one after each write. */
	breaksAt: ((point: number) => boolean) | undefined;
	points = 0;
	passes = 0;
	/** Whether announcements are told at once. */
	tells = true;
	#view: View | undefined;
	/** The status that the operator believes in when it has not heard of its last write. */
	#believed: CanaryStatus | undefined;

	constructor(world: ModelWorld, plan: Plan, chance: Chance) {
		this.world = world;
		this.plan = plan;
		this.chance = chance;
	}

	/** Answers when to come again, in milliseconds from now; infinity when only a change matters. */
	pass(): number {
		const { world } = this;
		this.passes += 1;
		const status = this.#believed ?? world.status;
		const isBehind = this.#believed !== undefined && this.#believed !== world.status;
		this.#believed = undefined;
		const view = this.#look();
		const base: Situation = {
			plan: this.plan,
			status,
			generation: 1,
			seen: view.seen,
			command: this.command?.id === status.lastHandledCommand ? undefined : this.command,
			told: status.notices !== undefined && this.tells ? toldAll : toldNone,
			answers: noAnswers,
			now: world.now,
		};
		const inquiry = inquire(base);
		const isAsking = inquiry.round || inquiry.gates.length > 0;
		const situation = isAsking ? { ...base, answers: this.#gather(inquiry) } : base;
		const decision = decide(situation);
		const passed: Passed = { situation, inquiry, decision, view };
		this.witness?.decided(passed);
		if (decision.status !== status) {
			if (this.#breaks("before") || isBehind) return retryMs;
			world.status = decision.status;
			this.witness?.recorded(passed);
			if (!this.#breaks("after")) return 0;
			if (this.#view !== undefined && this.faults.stale > 0) this.#believed = status;
			return retryMs;
		}
		for (const action of decision.actions) {
			if (this.#breaks("before")) return retryMs;
			this.witness?.acting(action, passed, world.status);
			if (!world.perform(action, view)) return retryMs;
			this.witness?.acted(action, passed);
			if (this.#breaks("after")) return retryMs;
		}
		if (decision.actions.length > 0) return 0;
		return isBehind ? retryMs : (decision.wakeAfterMs ?? never);
	}

	/** Lives through `forMs` of virtual time; true when it came to rest before, with nothing left that would happen. */
	live(forMs: number, passesMax = 4_000): boolean {
		const { world, chance, faults } = this;
		const end = world.now + forMs;
		for (let passes = 0; !world.gone; passes += 1) {
			if (passes > passesMax) throw new Error(`no rest after ${passesMax} passes in phase ${world.status.phase}`);
			const wake = this.pass();
			if (wake === 0) continue;
			let next = Math.min(world.nextChange(), world.now + wake);
			if (faults.loseEvent > 0 && chance.happens(faults.loseEvent)) next = Math.max(next, world.now + resyncMs);
			if (next === never) return true;
			if (next > end) {
				world.now = end;
				return false;
			}
			world.now = next;
		}
		return true;
	}

	#look(): View {
		const { world, faults } = this;
		if (faults.stale === 0) {
			this.#view = undefined;
			return world.look();
		}
		// What was seen once is never unseen, save by a crash.
		const isLate = this.#view !== undefined && this.chance.happens(faults.stale);
		this.#view = isLate ? world.lateLook(this.#view as View) : world.look();
		return this.#view;
	}

	#breaks(moment: "before" | "after"): boolean {
		const point = this.points++;
		if (this.breaksAt !== undefined) return this.breaksAt(point);
		const { crash, refuse, loseAnswer } = this.faults;
		if (crash === 0 && refuse === 0) return false;
		const luck = this.chance.next();
		if (luck < crash) {
			this.#view = undefined;
			return true;
		}
		return luck < crash + (moment === "before" ? refuse : loseAnswer);
	}

	#gather({ round, gates: asked }: Inquiry): Answers {
		const { world, chance, faults } = this;
		const gates: Partial<Record<GateType, GateAnswer>> = {};
		for (const gate of asked) gates[gate] = this.gateIsOpen(gate) ? opened : gate === "rollback" ? quiet : closed;
		if (!round) return { round: undefined, gates };
		const isOut = faults.outage > 0 && chance.happens(faults.outage);
		const verdict = isOut ? "inconclusive" : this.verdictOf(world.target.revision);
		return { round: { verdict, checks: [] }, gates };
	}
}
