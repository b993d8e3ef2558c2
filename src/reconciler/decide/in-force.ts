import type { CanaryStatus } from "../../api/canary-status.ts";
import { instantOf, timestamp } from "../../domain/instant.ts";
import { allPrimary, reachesCandidate, sameTraffic, type Traffic } from "../../domain/traffic.ts";
import { withoutForce } from "./record.ts";
import type { Situation } from "./situation.ts";

/** The traffic that the recorded status calls for, whatever the versions are fit for. */
export function wantedTraffic(status: CanaryStatus): Traffic {
	if (status.run !== undefined) return status.run.traffic;
	return status.serving === "candidate" ? { primary: 0, candidate: 100, mirror: 0 } : allPrimary;
}

/** The wanted traffic, unless the candidate has nobody to answer it: then all of it goes to the primary. */
export function safeTraffic({ status, seen }: Situation): Traffic {
	const wanted = wantedTraffic(status);
	return reachesCandidate(wanted) && (seen.target?.available ?? 0) === 0 ? allPrimary : wanted;
}

/** The wanted traffic has been written, taken up by the mesh, and somebody is there to answer it. */
export function isInForce(situation: Situation): boolean {
	const { status, seen } = situation;
	const wanted = wantedTraffic(status);
	return (
		seen.traffic !== undefined &&
		sameTraffic(seen.traffic, wanted) &&
		sameTraffic(safeTraffic(situation), wanted) &&
		seen.accepted &&
		seen.servicesInPlace
	);
}

/** The traffic is as good as it can be now: as wanted, or as safe, written and taken up. */
export function isSettled(situation: Situation): boolean {
	const { seen } = situation;
	return seen.traffic !== undefined && sameTraffic(seen.traffic, safeTraffic(situation)) && seen.accepted;
}

/**
 * The status with what was seen of the traffic: the weight that users get, and since when the step's own traffic is
 * in force. A step's clock starts when that is seen and is stopped when it is lost, so that it can last longer than
 * planned but never shorter.
 */
export function trackTraffic(situation: Situation): CanaryStatus {
	const { plan, seen, now } = situation;
	let { status } = situation;
	if (seen.traffic !== undefined && seen.accepted && seen.traffic.candidate !== status.canaryWeight) {
		const isAtRest = status.run === undefined && status.phase !== "Terminating";
		// At rest the last requests to the candidate were sent until now: its pods drain from here.
		const drained = isAtRest ? { lastTransitionTime: timestamp(now) } : {};
		status = { ...status, canaryWeight: seen.traffic.candidate, ...drained };
	}
	const { run } = status;
	if (run === undefined || (run.step < 0 && !run.descending)) return status;
	const inForce = isInForce(situation);
	if (inForce && run.inForceSince === undefined) {
		const { notInForceSince: _waited, ...rest } = run;
		const next = { inForceSince: timestamp(now), nextCheckAt: timestamp(now + plan.intervalMs) };
		return { ...status, run: { ...rest, ...next } };
	}
	if (!inForce && run.inForceSince !== undefined) {
		return { ...status, run: { ...withoutForce(run), notInForceSince: timestamp(now) } };
	}
	return status;
}

/** Milliseconds that the step's traffic has been in force; 0 when it is not. */
export function inForceMs({ status, now }: Situation): number {
	const since = instantOf(status.run?.inForceSince);
	return since === undefined ? 0 : now - since;
}
