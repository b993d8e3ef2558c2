import { isBadAt } from "./answers.ts";
import type { Course } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import { newShareOf } from "./world.ts";

/** What users' requests met, from the push to the end of the rollout. Counts are of requests, rounded. */
export interface Requests {
	/** Requests a second, steady. */
	readonly rate: number;
	readonly total: number;
	/** Answered by the candidate, and copied to it. */
	readonly candidate: number;
	readonly mirrored: number;
	/** Answered by a version that was bad then, and in percent of the total. */
	readonly bad: number;
	readonly badPercent: number;
	/** Of those, the ones that failed, and in percent of the total. */
	readonly failed: number;
	readonly failedPercent: number;
	/** When the first request met a bad version, in seconds after the push; absent when none did. */
	readonly firstBadSeconds?: number;
	/** From then until no request met the new version; absent when that never came. */
	readonly recoverySeconds?: number;
}

/** Counts the requests of a course at a steady rate. */
export function requestsOf(subject: Subject, scenario: Scenario, course: Course, rate: number): Requests {
	const { segments, endedMs } = course;
	const counts = { candidate: 0, mirrored: 0, bad: 0, failed: 0 };
	let firstBadMs: number | undefined;
	let backMs: number | undefined;
	for (const [index, segment] of segments.entries()) {
		const untilMs = Math.min(segments[index + 1]?.fromMs ?? endedMs, endedMs);
		const requests = (Math.max(0, untilMs - segment.fromMs) / 1_000) * rate;
		const share = newShareOf(segment);
		counts.candidate += (requests * segment.traffic.candidate) / 100;
		counts.mirrored += (requests * segment.traffic.mirror) / 100;
		const isBad = isBadAt(subject, scenario, share);
		if (isBad && segment.fromMs < endedMs) {
			const { errors } = scenario;
			const fails = errors !== undefined && share >= errors.fromWeight;
			counts.bad += (requests * share) / 100;
			counts.failed += fails ? (((requests * share) / 100) * errors.percent) / 100 : 0;
			firstBadMs ??= segment.fromMs;
		}
		if (firstBadMs === undefined) continue;
		if (share > 0) backMs = undefined;
		else backMs ??= segment.fromMs;
	}
	const total = (endedMs / 1_000) * rate;
	return {
		rate,
		total: Math.round(total),
		candidate: Math.round(counts.candidate),
		mirrored: Math.round(counts.mirrored),
		bad: Math.round(counts.bad),
		badPercent: percentOf(counts.bad, total),
		failed: Math.round(counts.failed),
		failedPercent: percentOf(counts.failed, total),
		...(firstBadMs === undefined ? {} : { firstBadSeconds: firstBadMs / 1_000 }),
		...(firstBadMs === undefined || backMs === undefined ? {} : { recoverySeconds: (backMs - firstBadMs) / 1_000 }),
	};
}

/** Six digits, which is more than anybody compares. */
function percentOf(count: number, total: number): number {
	return total === 0 ? 0 : Number(((count / total) * 100).toPrecision(6));
}
