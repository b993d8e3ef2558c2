import type { Points } from "../../series.ts";
import { exactSum, greatest, least, mean, variance } from "../values.ts";

/** A value from the samples of one series after `fromMs` and up to `toMs`, at least one; undefined: no result for it. */
export type RangeFunction = (points: Points, fromMs: number, toMs: number) => number | undefined;

/** What a counter or gauge has gained, stretched to the ends of the range as far as its samples allow. */
function extrapolated(isCounter: boolean, perSecond: boolean): RangeFunction {
	return ({ times, values }, fromMs, toMs) => {
		const count = times.length;
		if (count < 2) return undefined;
		const first = values[0] as number;
		let gain = (values[count - 1] as number) - first;
		if (isCounter) gain += exactSum(lostToResets(values));
		const sampled = ((times[count - 1] as number) - (times[0] as number)) / 1000;
		const spacing = sampled / (count - 1);
		// Where a sample was to be expected and there is none, the series is taken to begin, or to end, half a spacing away.
		const reach = (gap: number) => (gap >= spacing * 1.1 ? spacing / 2 : gap);
		let before = reach(((times[0] as number) - fromMs) / 1000);
		const after = reach((toMs - (times[count - 1] as number)) / 1000);
		// A counter was never below zero.
		if (isCounter && gain > 0 && first >= 0) before = Math.min(before, sampled * (first / gain));
		const whole = gain * ((sampled + before + after) / sampled);
		return perSecond ? whole / ((toMs - fromMs) / 1000) : whole;
	};
}

function lostToResets(values: readonly number[]): number[] {
	return values.filter((value, i) => i + 1 < values.length && (values[i + 1] as number) < value);
}

/** From the last two samples alone. */
function fromLastTwo(isRate: boolean): RangeFunction {
	return ({ times, values }) => {
		if (times.length < 2) return undefined;
		const [previous, last] = values.slice(-2) as [number, number];
		const [from, to] = times.slice(-2) as [number, number];
		const gain = isRate && last < previous ? last : last - previous;
		return isRate ? gain / ((to - from) / 1000) : gain;
	};
}

/** The slope, per second, of the line that fits best. */
const deriv: RangeFunction = ({ times, values }) => {
	if (times.length < 2) return undefined;
	const first = values[0] as number;
	if (values.every((value) => value === first)) return Number.isFinite(first) ? 0 : Number.NaN;
	const start = times[0] as number;
	const seconds = times.map((time) => (time - start) / 1000);
	const count = times.length;
	const sumX = exactSum(seconds);
	const sumY = exactSum(values);
	const covariance = exactSum(seconds.map((x, i) => x * (values[i] as number))) - (sumX * sumY) / count;
	return covariance / (exactSum(seconds.map((x) => x * x)) - (sumX * sumX) / count);
};

function countPairs(isCounted: (previous: number, current: number) => boolean): RangeFunction {
	return ({ values }) => values.filter((value, i) => i > 0 && isCounted(values[i - 1] as number, value)).length;
}

export const rangeFunctions: Readonly<Record<string, RangeFunction>> = {
	rate: extrapolated(true, true),
	increase: extrapolated(true, false),
	delta: extrapolated(false, false),
	irate: fromLastTwo(true),
	idelta: fromLastTwo(false),
	deriv,
	resets: countPairs((previous, current) => current < previous),
	changes: countPairs(
		(previous, current) => current !== previous && !(Number.isNaN(current) && Number.isNaN(previous)),
	),
	avg_over_time: ({ values }) => mean(values),
	sum_over_time: ({ values }) => exactSum(values),
	min_over_time: ({ values }) => least(values),
	max_over_time: ({ values }) => greatest(values),
	count_over_time: ({ values }) => values.length,
	last_over_time: ({ values }) => values.at(-1),
	present_over_time: () => 1,
	stddev_over_time: ({ values }) => Math.sqrt(variance(values)),
	stdvar_over_time: ({ values }) => variance(values),
};
