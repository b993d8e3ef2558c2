import { blankStatus, type CanaryStatus, type RunStatus } from "../../src/api/canary-status.ts";
import { timestamp } from "../../src/domain/instant.ts";
import { allPrimary, split, type Traffic } from "../../src/domain/traffic.ts";
import { noAnswers, type Observed, type Situation } from "../../src/reconciler/decide/situation.ts";
import { planWith } from "./plans.ts";

export const NOW = Date.parse("2026-01-01T12:00:00.000Z");

/** A moment so many seconds from now. */
export const inSeconds = (seconds: number): string => timestamp(NOW + seconds * 1_000);

/** What a healthy cluster at rest looks like, the primary running r0. */
export function seeing(change: Partial<Observed> = {}): Observed {
	const pods = { replicas: 2, available: 2, ready: true, stalled: undefined };
	return {
		target: { ...pods, revision: "r1", generation: 7 },
		primary: { ...pods, revision: "r0" },
		servicesInPlace: true,
		apex: "primary",
		traffic: allPrimary,
		pair: "known",
		accepted: true,
		refused: undefined,
		hasFinalizer: true,
		deleting: false,
		routeReleased: false,
		obstacle: undefined,
		problem: undefined,
		...change,
	};
}

/** A run of r1 that stands on its second rung, 40 percent, for 10 seconds already, with a round due now. */
export function running(change: Partial<RunStatus> = {}): RunStatus {
	return {
		revision: "r1",
		startedAt: inSeconds(-60),
		step: 1,
		steps: 3,
		traffic: split(40),
		inForceSince: inSeconds(-10),
		rounds: 0,
		nextCheckAt: inSeconds(0),
		failedChecks: 0,
		inconclusiveChecks: 0,
		...change,
	};
}

/** A status in a phase, with r1 taken up and r0 promoted. */
export function recorded(phase: CanaryStatus["phase"], change: Partial<CanaryStatus> = {}): CanaryStatus {
	return {
		...blankStatus,
		phase,
		lastAppliedSpec: "r1",
		lastPromotedSpec: "r0",
		targetGeneration: 7,
		lastTransitionTime: inSeconds(-60),
		...change,
	};
}

/** The middle of a rollout: see `running` and `seeing`. */
export function midRun(change: Partial<Situation> = {}, run: Partial<RunStatus> = {}): Situation {
	const traffic: Traffic = run.traffic ?? split(40);
	return {
		plan: planWith(),
		status: recorded("Progressing", { run: running(run), canaryWeight: traffic.candidate }),
		generation: 1,
		seen: seeing({ traffic }),
		answers: noAnswers,
		command: undefined,
		told: new Set(),
		now: NOW,
		...change,
	};
}

export const round = (verdict: "passed" | "failed" | "inconclusive"): Situation["answers"] => ({
	round: { verdict, checks: [] },
	gates: {},
});
