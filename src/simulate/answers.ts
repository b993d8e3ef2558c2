import { judge } from "../analysis/judge.ts";
import type { Check, Reading, Readings } from "../analysis/question.ts";
import { timestamp } from "../domain/instant.ts";
import type { Answers, GateType } from "../reconciler/decide/situation.ts";
import type { Inquiry } from "../reconciler/inquire.ts";
import { questionnaire } from "../reconciler/questions.ts";
import type { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import type { World } from "./world.ts";

type HookReading = NonNullable<ReturnType<Readings["hooks"]["get"]>>;

const yes: HookReading = Object.freeze({ kind: "yes" });
const personsGates = new Set<GateType>(["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"]);

/** Answers an inquiry as the scenario has it; the questions and their judgement are the operator's own. */
export class Oracle {
	readonly #subject: Subject;
	readonly #scenario: Scenario;
	readonly #baselineMs: number;
	readonly #askedFirst = new Map<GateType, number>();
	/** Rounds that the scenario has let fail. */
	#flaked = 0;

	/** `baselineMs`: the 99th percentile of durations of a version that is well. */
	constructor(subject: Subject, scenario: Scenario, baselineMs: number) {
		this.#subject = subject;
		this.#scenario = scenario;
		this.#baselineMs = baselineMs;
	}

	answer(inquiry: Inquiry, world: World): Answers {
		const { canary, checks } = this.#subject;
		const { questions, read } = questionnaire(inquiry, canary, checks);
		for (const gate of inquiry.gates) if (!this.#askedFirst.has(gate)) this.#askedFirst.set(gate, world.elapsedMs);
		const readings = {
			checks: new Map<string, Reading>(),
			hooks: new Map<string, HookReading>(),
		};
		for (const question of questions) {
			if (question.kind === "check") readings.checks.set(question.id, this.#measure(question.check, world));
			else readings.hooks.set(question.id, this.#say(question.hook.type, world.elapsedMs));
		}
		const answers = read(readings, world.now);
		if (answers.round === undefined) return answers;
		const { flaky } = this.#scenario;
		if (world.newShare < flaky.fromWeight || this.#flaked >= flaky.rounds) return answers;
		this.#flaked += 1;
		const message = `the scenario lets ${this.#flaked} of ${flaky.rounds} fail`;
		const check = { name: "scenario", verdict: "failed", message, at: timestamp(world.now) } as const;
		return { ...answers, round: { verdict: "failed", checks: [...answers.round.checks, check] } };
	}

	#measure(check: Check, world: World): Reading {
		const { outage, noData } = this.#scenario;
		const sinceMs = outage === undefined ? -1 : world.elapsedMs - outage.fromMs;
		if (outage !== undefined && sinceMs >= 0 && sinceMs < outage.forMs) {
			return { kind: "unreachable", detail: "the scenario has it down" };
		}
		if (noData) return { kind: "noData", detail: "the scenario has none" };
		return { kind: "value", value: measured(check, this.#scenario, world.newShare, this.#baselineMs) };
	}

	#say(type: string, elapsedMs: number): HookReading {
		if (type === "rollback") return { kind: "no", detail: "nobody asks for it" };
		const gate = [...personsGates].find((one) => one === type);
		const since = gate === undefined ? undefined : this.#askedFirst.get(gate);
		if (since === undefined || elapsedMs - since >= this.#scenario.gateClosedMs) return yes;
		return { kind: "no", detail: "the scenario has it closed" };
	}
}

/** What a check measures of the new version while that answers `share` percent of requests. */
export function measured(check: Check, scenario: Scenario, share: number, baselineMs: number): number {
	const named = scenario.metrics.findLast(({ name, fromWeight }) => name === check.name && share >= fromWeight);
	if (named !== undefined) return named.value;
	const { errors, slow } = scenario;
	switch (check.unit) {
		case "%":
			return errors !== undefined && share >= errors.fromWeight ? rounded(100 - errors.percent) : 100;
		case "ms":
			return slow !== undefined && share >= slow.fromWeight ? rounded(baselineMs * slow.factor) : baselineMs;
		default:
			return passing(check);
	}
}

/** Requests that the new version answers at this share are bad: they fail, are slow, or measure what does not pass. */
export function isBadAt({ checks }: Subject, { errors, slow, metrics }: Scenario, share: number): boolean {
	if (share === 0) return false;
	if (errors !== undefined && share >= errors.fromWeight) return true;
	if (slow !== undefined && slow.factor > 1 && share >= slow.fromWeight) return true;
	return metrics.some(({ name, value, fromWeight }) => {
		const judged = checks.filter((check) => check.name === name);
		return share >= fromWeight && judged.some((check) => judge(check, { kind: "value", value }).verdict === "failed");
	});
}

/** What of a scenario this Canary cannot notice: sentences for people. */
export function blindSpots({ plan, checks }: Subject, { errors, slow, metrics, ...rest }: Scenario): readonly string[] {
	const knows = (unit: Check["unit"]) => checks.some((check) => check.unit === unit);
	const names = [...new Set(checks.map(({ name }) => name))];
	const own = names.length === 0 ? "it has no metrics" : `its metrics are ${names.join(", ")}`;
	const say = (what: string, name: string) =>
		`nothing here notices ${what}: ${own}; check ${name}, or say what a metric would measure with metric NAME=VALUE`;
	const isHit = (unit: Check["unit"]) => knows(unit) || metrics.some(({ name }) => names.includes(name));
	const hasGate = [...personsGates].some((gate) => plan.gates.has(gate));
	return [
		...(errors === undefined || isHit("%") ? [] : [say("errors", "request-success-rate")]),
		...(slow === undefined || isHit("ms") ? [] : [say("slow answers", "request-duration")]),
		...(rest.gateClosedMs > 0 && !hasGate ? ["no gate is there to be closed: the Canary has no confirm webhook"] : []),
	];
}

/** Some value that the check lets pass, 0 where that is one. */
function passing({ range: { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } }: Check): number {
	return Math.min(Math.max(0, min), max);
}

/** Without the dust of floating point. */
function rounded(value: number): number {
	return Number(value.toPrecision(12));
}
