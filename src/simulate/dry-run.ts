import { blindSpots } from "./answers.ts";
import { brokenBy, type Expectation } from "./expectation.ts";
import { type Conditions, type Outcome, play } from "./play.ts";
import { type Requests, requestsOf } from "./requests.ts";
import { fine, type Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import type { TimelineEvent } from "./timeline.ts";
import { newShareOf } from "./world.ts";

/** One scenario to play, and what is expected of it. */
export interface Case {
	readonly name: string;
	readonly scenario: Scenario;
	readonly expectation: Expectation;
}

/** How the traffic went, for whoever draws it. In percent, from `atSeconds` on. */
export interface TrafficPoint {
	readonly atSeconds: number;
	readonly candidate: number;
	readonly mirror: number;
	/** What the new version answers, as candidate or as primary. */
	readonly newVersion: number;
}

/** What came of one scenario. */
export interface CaseReport {
	readonly name: string;
	readonly scenario: string;
	readonly outcome: Outcome;
	readonly reason: string;
	readonly message: string;
	/** From the push until the outcome was known. */
	readonly durationSeconds: number;
	readonly requests: Requests;
	/** As expected; without an expectation, promoted. */
	readonly asExpected: boolean;
	/** A sentence for each bound that was broken. */
	readonly broken: readonly string[];
	readonly notes: readonly string[];
	readonly events: readonly TimelineEvent[];
	readonly traffic: readonly TrafficPoint[];
}

/** A dry run of a Canary: the stable shape of `-o json`. Times are seconds after the push. */
export interface Report {
	/** Of this shape; a field may be added without a new number. */
	readonly version: 1;
	readonly canary: string;
	readonly provider: string;
	readonly steps: number;
	readonly intervalSeconds: number;
	readonly threshold: number;
	/** How long a rollout that ends well takes, see `boundsOf`; absent when none would. */
	readonly bestSeconds?: number;
	readonly worstSeconds?: number;
	readonly asExpected: boolean;
	readonly notes: readonly string[];
	readonly scenarios: readonly CaseReport[];
}

export interface DryRunOptions extends Conditions {
	/** Requests a second. */
	readonly rate: number;
}

/** Events that one report holds. A report of many long rollouts would be longer than anybody can read, or hold. */
const TOLD_MAX = 500_000;

/** Plays every case with the subject. */
export function dryRun(subject: Subject, cases: readonly Case[], options: DryRunOptions): Report {
	const { plan, key, provider, notes } = subject;
	const bounds = boundsOf(subject, options);
	const hopeless = bounds.ok ? [] : [`even at best it is not promoted: ${bounds.problem}`];
	let told = 0;
	const scenarios = cases.map((one) => {
		const report = playCase(subject, one, options);
		told += report.events.length;
		return told > TOLD_MAX ? untold(report) : report;
	});
	return {
		version: 1,
		canary: key,
		provider,
		steps: plan.rungs.length,
		intervalSeconds: plan.intervalMs / 1_000,
		threshold: plan.threshold,
		...(bounds.ok ? { bestSeconds: bounds.bestMs / 1_000, worstSeconds: bounds.worstMs / 1_000 } : {}),
		asExpected: scenarios.every(({ asExpected }) => asExpected),
		notes: [...notes, ...hopeless],
		scenarios,
	};
}

function untold(report: CaseReport): CaseReport {
	const note = `the timeline is left out: the report holds ${TOLD_MAX} events, and there are more`;
	return { ...report, events: [], traffic: [], notes: [...report.notes, note] };
}

/** Names of metrics that a scenario speaks of and the Canary does not have: problems to show. */
export function strangersIn({ checks }: Subject, { scenario }: Case): readonly string[] {
	const known = checks.map(({ name }) => name);
	const strangers = scenario.metrics.filter(({ name }) => !known.includes(name));
	const have = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
	return strangers.map(({ name }) => `scenario ${scenario.text}: the Canary has no metric ${name}; ${have}`);
}

export type Bounds =
	| { readonly ok: true; readonly bestMs: number; readonly worstMs: number }
	| { readonly ok: false; readonly problem: string };

/**
 * How long a rollout that ends well takes. At best every round passes, gates are open and pauses end at once. At worst
 * each failed round that the threshold lets pass comes when its step could have ended, and costs one interval: rounds
 * without an answer, closed gates, people and an operator that dies come on top. Or why even the best of worlds does not promote.
 */
export function boundsOf(subject: Subject, conditions: Conditions): Bounds {
	const { outcome, endedMs, message } = play(subject, fine, conditions);
	if (outcome === "unfinished") return { ok: false, problem: message };
	if (outcome === "rolled-back") return { ok: false, problem: `it is rolled back, ${message}` };
	const { rungs, threshold, intervalMs } = subject.plan;
	return { ok: true, bestMs: endedMs, worstMs: endedMs + (rungs.length === 0 ? 0 : (threshold - 1) * intervalMs) };
}

function playCase(subject: Subject, { name, scenario, expectation }: Case, options: DryRunOptions): CaseReport {
	const course = play(subject, scenario, options);
	const { outcome, reason, message, endedMs, events, segments } = course;
	const requests = requestsOf(subject, scenario, course, options.rate);
	const isHeldTo = Object.values(expectation).some((bound) => bound !== undefined);
	const broken = brokenBy(isHeldTo ? expectation : { outcome: "promoted" }, { outcome, reason, endedMs, requests });
	const unseen = blindSpots(subject, scenario);
	const passed = unseen.length === 0 && outcome === "promoted" && requests.bad > 0;
	const uncrashed = scenario.crash !== undefined && !course.crashed;
	return {
		name,
		scenario: scenario.text,
		outcome,
		reason,
		message,
		durationSeconds: endedMs / 1_000,
		requests,
		asExpected: broken.length === 0,
		broken: isHeldTo ? broken : [],
		notes: [
			...unseen,
			...(passed ? ["a bad version was promoted: what its checks measured is within their thresholds"] : []),
			...(uncrashed ? [`the operator did not die: the rollout never came to ${scenario.crash}`] : []),
		],
		events,
		traffic: segments.map((segment) => ({
			atSeconds: segment.fromMs / 1_000,
			candidate: segment.traffic.candidate,
			mirror: segment.traffic.mirror,
			newVersion: newShareOf(segment),
		})),
	};
}
