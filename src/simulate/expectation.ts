import { durationText } from "../domain/duration.ts";
import type { Outcome } from "./play.ts";
import type { Requests } from "./requests.ts";

/** What a rollout is held to. What is absent is not held against it. */
export interface Expectation {
	readonly outcome?: Outcome | undefined;
	/**
	 * Of a rollback: the longest from the first request that met a bad version until none met the new one, or from the
	 * push when no request did. Of all else: the longest from the push to the end.
	 */
	readonly withinMs?: number | undefined;
	/** The greatest share of requests that may meet a bad version, in percent. */
	readonly atMostPercent?: number | undefined;
	/** The greatest share of requests that may fail at a bad version, in percent. */
	readonly atMostFailedPercent?: number | undefined;
}

/** Sentences, one a bound that was broken, with what it was and what it should be; empty when all is as expected. */
export function brokenBy(
	{ outcome, withinMs, atMostPercent, atMostFailedPercent }: Expectation,
	seen: { readonly outcome: Outcome; readonly reason: string; readonly endedMs: number; readonly requests: Requests },
): readonly string[] {
	const { requests } = seen;
	const broken: string[] = [];
	if (outcome !== undefined && outcome !== seen.outcome) {
		broken.push(`expected ${outcome}, but it was ${seen.outcome} (${seen.reason})`);
	}
	if (withinMs !== undefined) {
		const isRecovery = seen.outcome === "rolled-back" && requests.recoverySeconds !== undefined;
		const tookMs = isRecovery ? (requests.recoverySeconds ?? 0) * 1_000 : seen.endedMs;
		const since = isRecovery ? "from the first bad request until all traffic was back" : "from the push to the end";
		if (tookMs > withinMs) {
			broken.push(`expected at most ${durationText(withinMs)} ${since}, but it took ${durationText(tookMs)}`);
		}
	}
	if (atMostPercent !== undefined && requests.badPercent > atMostPercent) {
		const counted = `${requests.bad} of ${requests.total} requests (${requests.badPercent} %)`;
		broken.push(`expected at most ${atMostPercent} % of requests to meet a bad version, but ${counted} did`);
	}
	if (atMostFailedPercent !== undefined && requests.failedPercent > atMostFailedPercent) {
		const counted = `${requests.failed} of ${requests.total} (${requests.failedPercent} %)`;
		broken.push(`expected at most ${atMostFailedPercent} % of requests to fail, but ${counted} did`);
	}
	return broken;
}
