import { durationText } from "../../../domain/duration.ts";

/** One act of the demo. */
export interface Act {
	readonly title: string;
	/** New versions, one after the other. */
	readonly rollouts: readonly Rollout[];
	/** The image updater finds them in the sandbox's registry; else they are set by hand. */
	readonly byUpdater?: true;
}

/** A new version, and what should become of it. */
export interface Rollout {
	readonly image: string;
	/** The part of `spec.analysis` that makes the way up, at normal speed. */
	readonly analysis: (intervalMs: number) => { readonly [field: string]: unknown };
	/** The phase that the Canary has to come to. */
	readonly ends: "Succeeded" | "Failed";
	/** Users who meet this version have met a bad one. */
	readonly isBad: boolean;
	/** Prometheus is away for so many intervals from the first step on. */
	readonly outageIntervals?: number;
	/** What must be seen on the way, beside the end; the sentence is what failed when it was not. */
	readonly must?: (seen: Seen) => string | undefined;
}

/** What was seen of a rollout when it has ended. */
export interface Seen {
	readonly weightMost: number;
	readonly inconclusiveMost: number;
	readonly mirrored: number;
}

const weights = (intervalMs: number) => ({ interval: durationText(intervalMs), stepWeights: [10, 30, 50] });

/** The story, in order; each act starts where the one before has ended. */
export const acts: readonly Act[] = [
	{
		title: "A good version is promoted",
		rollouts: [{ image: "podinfo:1.1.0", analysis: weights, ends: "Succeeded", isBad: false }],
	},
	{
		title: "A version with errors is rolled back",
		rollouts: [
			{
				image: "podinfo:1.2.0-error20",
				analysis: weights,
				ends: "Failed",
				isBad: true,
				must: ({ weightMost }) => (weightMost < 100 ? undefined : "the version with errors got all requests"),
			},
		],
	},
	{
		title: "A slow version is rolled back",
		rollouts: [
			{
				image: "podinfo:1.3.0-slow2s",
				analysis: weights,
				ends: "Failed",
				isBad: true,
				must: ({ weightMost }) => (weightMost < 100 ? undefined : "the slow version got all requests"),
			},
		],
	},
	{
		title: "Prometheus is away: the rollout waits, and ends well",
		rollouts: [
			{
				image: "podinfo:1.4.0",
				analysis: weights,
				ends: "Succeeded",
				isBad: false,
				outageIntervals: 3,
				must: ({ inconclusiveMost }) =>
					inconclusiveMost > 0 ? undefined : "no check was inconclusive though Prometheus was away",
			},
		],
	},
	{
		title: "A dark launch: copies of all requests first, then all of them at once",
		rollouts: [
			{
				image: "podinfo:1.5.0",
				analysis: (intervalMs) => ({ interval: durationText(intervalMs), iterations: 3, mirror: true }),
				ends: "Succeeded",
				isBad: false,
				must: ({ mirrored }) => (mirrored > 0 ? undefined : "no request was mirrored"),
			},
		],
	},
	{
		title: "The updater finds new tags by itself; what is rolled back is not tried again",
		byUpdater: true,
		rollouts: [
			{ image: "podinfo:1.6.0", analysis: weights, ends: "Succeeded", isBad: false },
			{
				image: "podinfo:1.7.0",
				analysis: weights,
				ends: "Failed",
				isBad: true,
				must: ({ weightMost }) => (weightMost < 100 ? undefined : "the version with errors got all requests"),
			},
		],
	},
];
