import { durationText } from "../domain/duration.ts";
import { decide } from "../reconciler/decide/decide.ts";
import { type Command, noAnswers, type Plan, type Situation } from "../reconciler/decide/situation.ts";
import { inquire } from "../reconciler/inquire.ts";
import { Oracle } from "./answers.ts";
import type { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import { Timeline, type TimelineEvent } from "./timeline.ts";
import { type Pace, type Segment, START, World } from "./world.ts";

/** What holds for every scenario. All times in milliseconds. */
export interface Conditions extends Pace {
	/** The 99th percentile of durations of a version that is well. */
	readonly baselineMs: number;
	/** After that much virtual time nobody looks on. */
	readonly horizonMs: number;
}

export const outcomes = ["promoted", "rolled-back", "unfinished"] as const;
export type Outcome = (typeof outcomes)[number];

/** One rollout, from the push to its end. */
export interface Course {
	readonly outcome: Outcome;
	/** Why, in one word, and for people. */
	readonly reason: string;
	readonly message: string;
	/** When the outcome was known, or nobody looked on. */
	readonly endedMs: number;
	readonly events: readonly TimelineEvent[];
	/** Who answered requests, from the push on. */
	readonly segments: readonly Segment[];
	/** The operator died once. */
	readonly crashed: boolean;
}

const RESTART_MS = 15_000;
const PASSES_MAX = 2_000_000;
const GENERATION = 1;
const never = Number.POSITIVE_INFINITY;

/** Plays a rollout of the subject as the scenario has it: the operator's own decisions, in virtual time. */
export function play(subject: Subject, scenario: Scenario, conditions: Conditions): Course {
	const { plan } = subject;
	const world = new World(plan, conditions, scenario.notReady);
	const oracle = new Oracle(subject, scenario, conditions.baselineMs);
	const timeline = new Timeline(world);
	const person = new Person(scenario.resumeAfterMs);
	const end = START + conditions.horizonMs;
	let endedMs: number | undefined;
	let crashed = false;
	timeline.add("push", "a new version is pushed");

	for (let passes = 0; passes < PASSES_MAX && !timeline.isFull; passes += 1) {
		const { status } = world;
		const seen = world.observe();
		const told = new Set(status.notices?.map(({ id }) => id));
		const command = person.says(world);
		const { now } = world;
		const quiet: Situation = { plan, status, generation: GENERATION, seen, answers: noAnswers, command, told, now };
		const inquiry = inquire(quiet);
		const answers = inquiry.round || inquiry.gates.length > 0 ? oracle.answer(inquiry, world) : noAnswers;
		const decision = decide({ ...quiet, answers });
		if (decision.status !== status) {
			world.status = decision.status;
			timeline.recorded(status, answers);
			if (status.run !== undefined && decision.status.run === undefined) endedMs ??= world.elapsedMs;
			if (!crashed && decision.status.phase === scenario.crash && status.phase !== scenario.crash) {
				crashed = true;
				timeline.add("operator", `the operator dies, and is back in ${RESTART_MS / 1_000} s`);
				pass(world, world.now + RESTART_MS, timeline);
				timeline.add("operator", "the operator is back");
			}
			continue;
		}
		for (const action of decision.actions) if (world.perform(action)) timeline.acted(action);
		timeline.look(world.observe());
		if (decision.actions.length > 0) continue;
		const wakeAt = world.now + (decision.wakeAfterMs ?? never);
		const next = Math.min(wakeAt, world.nextChange(), person.speaksAt(world));
		if (next === never) break;
		if (next > end) {
			pass(world, end, timeline);
			break;
		}
		world.advance(next);
		timeline.look(world.observe());
	}
	return {
		...ending(plan, world, timeline),
		endedMs: endedMs ?? world.elapsedMs,
		events: timeline.events,
		segments: world.segments,
		crashed,
	};
}

/** Lets time go by without the operator. */
function pass(world: World, until: number, timeline: Timeline): void {
	while (world.now < until) {
		world.advance(Math.min(world.nextChange(), until));
		timeline.look(world.observe());
	}
}

function ending(
	plan: Plan,
	{ status, elapsedMs }: World,
	timeline: Timeline,
): Pick<Course, "outcome" | "reason" | "message"> {
	const [last] = status.history ?? [];
	if (last !== undefined && status.run === undefined) {
		const outcome = last.outcome === "Succeeded" ? "promoted" : "rolled-back";
		return { outcome, reason: last.reason ?? last.outcome, message: last.message ?? "" };
	}
	const waits = status.run?.waitingFor === undefined ? "" : `, waiting at ${status.run.waitingFor}`;
	const held = plan.suspended ? ", held by spec.suspend" : plan.paused ? ", held by spec.paused" : "";
	const when = timeline.isFull ? `after ${timeline.events.length} events` : `after ${durationText(elapsedMs)}`;
	return { outcome: "unfinished", reason: "Unfinished", message: `still ${status.phase}${waits}${held} ${when}` };
}

/** Whoever lets pausing steps go on. */
class Person {
	readonly #afterMs: number;
	#pausedSince: { readonly step: number; readonly at: number } | undefined;

	constructor(afterMs: number) {
		this.#afterMs = afterMs;
	}

	/** When this person will speak next; infinity when there is nothing to say. */
	speaksAt({ now }: World): number {
		const at = this.#pausedSince === undefined ? never : this.#pausedSince.at + this.#afterMs;
		return at > now ? at : never;
	}

	says({ status: { run, lastHandledCommand }, now }: World): Command | undefined {
		if (run?.waitingFor !== "pause") {
			this.#pausedSince = undefined;
			return undefined;
		}
		if (this.#pausedSince?.step !== run.step) this.#pausedSince = { step: run.step, at: now };
		const id = `resume-${run.step}`;
		const isTime = now >= this.#pausedSince.at + this.#afterMs && lastHandledCommand !== id;
		return isTime ? { verb: "resume", id } : undefined;
	}
}
