import { instantOf } from "../../domain/instant.ts";
import { allPrimary, sameTraffic } from "../../domain/traffic.ts";
import { safeTraffic } from "./in-force.ts";
import { isDue } from "./record.ts";
import type { Action, Situation } from "./situation.ts";

/**
 * What makes the cluster as the recorded status says, in order; empty when it is so. A function of what is recorded
 * and seen alone, so that whoever continues after a crash does the same.
 */
export function converge(situation: Situation): readonly Action[] {
	const { status, seen } = situation;
	switch (status.phase) {
		case "":
			return [];
		case "Initializing":
			return [...children(situation), ...(seen.primary?.ready && status.binding ? traffic(situation) : [])];
		case "Initialized":
		case "Succeeded":
		case "Failed":
			return [...children(situation), ...traffic(situation), ...restScale(situation)];
		case "Waiting":
			return [...children(situation), ...traffic(situation)];
		case "Progressing":
		case "WaitingPromotion":
			return [...children(situation), ...traffic(situation), ...candidateScale(situation)];
		case "Promoting":
			return [...children(situation), ...traffic(situation), ...promotion(situation)];
		case "Finalising":
			return [...children(situation), ...traffic(situation), ...settledScale(situation)];
		case "Terminating":
			return release(situation);
	}
}

/** The objects that every phase but the last needs. The primary is only ever made of a template that was promoted. */
function children(situation: Situation): Action[] {
	const { status, seen } = situation;
	const actions: Action[] = [];
	if (!seen.hasFinalizer) actions.push({ do: "addFinalizer" });
	const isPromoted = status.phase === "Initializing" || seen.target?.revision === status.lastPromotedSpec;
	const isWanted = seen.primary === undefined || isFalseStart(situation);
	if (isWanted && seen.target !== undefined && isPromoted) actions.push({ do: "createPrimary" });
	if (!seen.servicesInPlace && seen.target !== undefined) actions.push({ do: "keepServices" });
	return actions;
}

/** The first primary does not stand, nothing depends on it, and the target has moved on: perhaps to what mends it. */
function isFalseStart({ status, seen }: Situation): boolean {
	if (status.phase !== "Initializing" || seen.primary === undefined || seen.target === undefined) return false;
	return !seen.primary.ready && seen.apex !== "primary" && seen.primary.revision !== seen.target.revision;
}

function traffic(situation: Situation): Action[] {
	const { seen } = situation;
	const actions: Action[] = [];
	const wanted = safeTraffic(situation);
	if (seen.traffic === undefined || !sameTraffic(seen.traffic, wanted)) {
		if (seen.pair === "unknown") actions.push({ do: "introduce" });
		// Requests leave the apex once the mesh has taken up who is to have them.
		else if (seen.pair === "known" || seen.accepted) actions.push({ do: "route", traffic: wanted });
	}
	if (seen.apex !== "primary" && seen.primary !== undefined) actions.push({ do: "pointApexAtPrimary" });
	return actions;
}

/** After a rollout the candidate keeps its pods until requests that were on their way have been answered. */
function restScale({ plan, status, seen, now }: Situation): Action[] {
	const { target } = seen;
	if (target === undefined || target.replicas === 0 || status.serving === "candidate") return [];
	const isFree = seen.traffic !== undefined && sameTraffic(seen.traffic, allPrimary) && seen.accepted;
	if (seen.apex !== "primary" || !isFree) return [];
	const drainedAt = (instantOf(status.lastTransitionTime) ?? now) + plan.drainMs;
	return drainedAt <= now ? [{ do: "scaleTarget", replicas: 0 }] : [];
}

function candidateScale({ seen }: Situation): Action[] {
	if (seen.target === undefined || seen.target.replicas > 0 || isStillStanding(seen.target)) return [];
	return [{ do: "scaleTarget", replicas: Math.max(1, seen.primary?.replicas ?? 1) }];
}

function promotion(situation: Situation): Action[] {
	const { status, seen } = situation;
	const { run } = status;
	if (run === undefined || seen.target === undefined) return [];
	const replicasMin = run.candidateReplicas ?? 0;
	if (seen.primary?.revision !== run.revision) {
		return seen.target.revision === run.revision ? [{ do: "promote", revision: run.revision, replicasMin }] : [];
	}
	if (seen.primary.replicas < replicasMin) return [{ do: "scalePrimary", replicas: replicasMin }];
	return candidateScale(situation);
}

/**
 * Pods of before still count as available though none is asked for. Asking for some now would make the old count look
 * like the new one for a moment, and traffic would go to pods that are about to go.
 */
function isStillStanding({ replicas, available }: { readonly replicas: number; readonly available: number }): boolean {
	return replicas === 0 && available > 0;
}

/** The primary ends with as many replicas as the promoted version asked for, once it has all the traffic again. */
function settledScale({ status, seen }: Situation): Action[] {
	const replicas = status.run?.candidateReplicas ?? 0;
	if (status.run?.outcome !== "Succeeded" || replicas === 0 || seen.primary === undefined) return [];
	return seen.primary.replicas > replicas ? [{ do: "scalePrimary", replicas }] : [];
}

/** Lets the Canary go without a gap: the target stands first, then gets the requests, then the children may go. */
function release({ plan, status, seen, now }: Situation): Action[] {
	if (!seen.hasFinalizer) return [];
	const { target, primary } = seen;
	const isUsed = primary !== undefined || seen.apex === "primary";
	if (target === undefined || !isUsed) return [{ do: "forgetRoute" }, { do: "removeFinalizer" }];
	if (isStillStanding(target)) return [];
	const replicasMin = primary?.replicas ?? 1;
	if (target.replicas < replicasMin) return [{ do: "scaleTarget", replicas: replicasMin }];
	if (status.releasedAt !== undefined) {
		const drainedAt = (instantOf(status.releasedAt) ?? now) + plan.drainMs;
		return drainedAt <= now ? [{ do: "forgetRoute" }, { do: "removeFinalizer" }] : [];
	}
	if (!target.ready && target.replicas > 0) {
		const deadline = (instantOf(status.lastTransitionTime) ?? now) + plan.progressDeadlineMs;
		return deadline <= now ? [{ do: "orphanChildren" }, { do: "removeFinalizer" }] : [];
	}
	const actions: Action[] = [];
	if (seen.apex === "primary") actions.push({ do: "pointApexAtTarget" });
	if (!seen.routeReleased) actions.push({ do: "releaseRoute" });
	return actions;
}

/** When to look again though nothing changes, in milliseconds; undefined when only a change matters. */
export function wakeAfter({ plan, status, seen, now }: Situation): number | undefined {
	const moments: (number | undefined)[] = [];
	const after = (moment: string | undefined, ms: number) => {
		const instant = instantOf(moment);
		if (instant !== undefined && instant + ms > now) moments.push(instant + ms);
	};
	const { run } = status;
	switch (status.phase) {
		case "Initialized":
		case "Succeeded":
		case "Failed":
			if ((seen.target?.replicas ?? 0) > 0) after(status.lastTransitionTime, plan.drainMs);
			break;
		case "Terminating":
			after(status.releasedAt, plan.drainMs);
			after(status.lastTransitionTime, plan.progressDeadlineMs);
			break;
		case "Promoting":
			after(run?.promotedAt, plan.progressDeadlineMs);
			after(run?.nextCheckAt, 0);
			break;
		case "Waiting":
		case "Progressing":
		case "WaitingPromotion":
			after(run?.nextCheckAt, 0);
			if (run !== undefined && run.step < 0) after(run.startedAt, plan.progressDeadlineMs);
			after(run?.notInForceSince, plan.progressDeadlineMs);
			break;
		default:
			break;
	}
	const due = moments.filter((moment) => moment !== undefined);
	if (run?.nextCheckAt !== undefined && isDue(run.nextCheckAt, now) && status.phase !== "Finalising") {
		due.push(now + plan.intervalMs);
	}
	return due.length === 0 ? undefined : Math.min(...due) - now;
}
