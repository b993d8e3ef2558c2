/**
 * Upper bounds in milliseconds: between 5 ms and 5 s an interpolated quantile errs by a third at most. Round numbers, for
 * these are what people set as thresholds.
 */
export const BOUNDS_MS: readonly number[] = [
	...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600, 750],
	...[1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000],
];

/** Durations as Prometheus counts them. */
export interface Durations {
	/** By bound, not yet added up; the last for what exceeds all of them. */
	readonly counts: number[];
	count: number;
	sumMs: number;
}

export function createDurations(): Durations {
	return { counts: new Array<number>(BOUNDS_MS.length + 1).fill(0), count: 0, sumMs: 0 };
}

export function observe(durations: Durations, ms: number): void {
	const found = BOUNDS_MS.findIndex((bound) => ms <= bound);
	const index = found < 0 ? BOUNDS_MS.length : found;
	durations.counts[index] = (durations.counts[index] ?? 0) + 1;
	durations.count++;
	durations.sumMs += ms;
}

export function addTo(sum: Durations, { counts, count, sumMs }: Durations): void {
	for (const [index, value] of counts.entries()) sum.counts[index] = (sum.counts[index] ?? 0) + value;
	sum.count += count;
	sum.sumMs += sumMs;
}
