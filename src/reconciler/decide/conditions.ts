import type { CanaryStatus, Condition, Phase } from "../../api/canary-status.ts";
import { timestamp } from "../../domain/instant.ts";
import { tell } from "./record.ts";
import type { Obstacle, Situation } from "./situation.ts";

const promoted = {
	"": "Unknown",
	Initializing: "Unknown",
	Initialized: "True",
	Waiting: "Unknown",
	Progressing: "Unknown",
	WaitingPromotion: "Unknown",
	Promoting: "Unknown",
	Finalising: "Unknown",
	Succeeded: "True",
	Failed: "False",
	Terminating: "Unknown",
} as const satisfies Record<Phase, Condition["status"]>;

const messages = {
	"": "not looked at yet",
	Initializing: "the primary is being made",
	Initialized: "the primary answers all requests, no rollout is in progress",
	Waiting: "a new revision waits for approval",
	Progressing: "the candidate is being tested",
	WaitingPromotion: "the candidate passed and waits for approval",
	Promoting: "the primary is being given the new revision",
	Finalising: "requests are going back to the primary",
	Succeeded: "the last rollout was promoted",
	Failed: "the last rollout failed",
	Terminating: "the target takes its requests back",
} as const satisfies Record<Phase, string>;

/**
 * The status with its conditions as they follow from the rest: `Promoted` as Flagger's users know it, and `Ready`,
 * `Reconciling`, `Stalled` by the kstatus rules (the last two only while they are true). What newly stalls is told once.
 */
export function withConditions(situation: Situation, next: CanaryStatus): CanaryStatus {
	const { seen, generation, now } = situation;
	const stalledBy = seen.obstacle ?? seen.problem ?? refusal(seen.refused);
	const before = next.conditions ?? [];
	const wanted = conditionsOf(next, stalledBy);
	const conditions = wanted.map((condition) => keep(before, condition, generation, now));
	const isSame =
		before.length === conditions.length && conditions.every((condition, index) => condition === before[index]);
	const status =
		isSame && next.observedGeneration === generation ? next : { ...next, conditions, observedGeneration: generation };
	const wasStalledBy = before.find(({ type }) => type === "Stalled");
	// Of the same spec a message may change by itself, as a list that gets shorter does; the condition has the newest.
	const isKnown = wasStalledBy?.reason === stalledBy?.reason && wasStalledBy?.observedGeneration === generation;
	const isSameText = wasStalledBy?.reason === stalledBy?.reason && wasStalledBy?.message === stalledBy?.message;
	if (stalledBy === undefined || isKnown || isSameText) return status;
	return tell(status, "Stalled", `${stalledBy.reason}: ${stalledBy.message}`, now);
}

type Claim = Pick<Condition, "type" | "status" | "reason" | "message">;

function conditionsOf(status: CanaryStatus, stalledBy: Obstacle | undefined): readonly Claim[] {
	const { phase } = status;
	const reason = phase === "" ? "Unknown" : phase;
	const message = messages[phase];
	const claims: Claim[] = [{ type: "Promoted", status: promoted[phase], reason, message }];
	if (stalledBy !== undefined) {
		return [
			...claims,
			{ type: "Ready", status: "False", ...stalledBy },
			{ type: "Stalled", status: "True", ...stalledBy },
		];
	}
	if (phase === "Failed") {
		const last = status.history?.[0];
		const failure = { reason: last?.reason ?? "Failed", message: last?.message ?? message };
		return [...claims, { type: "Ready", status: "False", ...failure }, { type: "Stalled", status: "True", ...failure }];
	}
	if (promoted[phase] === "True") return [...claims, { type: "Ready", status: "True", reason, message }];
	return [
		...claims,
		{ type: "Ready", status: "Unknown", reason, message },
		{ type: "Reconciling", status: "True", reason, message },
	];
}

/** The condition as it was when it says the same; its transition time moves only when its status does. */
function keep(before: readonly Condition[], claim: Claim, generation: number, now: number): Condition {
	const old = before.find(({ type }) => type === claim.type);
	if (
		old?.status === claim.status &&
		old.reason === claim.reason &&
		old.message === claim.message &&
		old.observedGeneration === generation
	) {
		return old;
	}
	const lastTransitionTime = old?.status === claim.status ? old.lastTransitionTime : timestamp(now);
	return { ...claim, lastTransitionTime, observedGeneration: generation };
}

function refusal(refused: string | undefined): Obstacle | undefined {
	return refused === undefined ? undefined : { reason: "RouteRefused", message: refused };
}
