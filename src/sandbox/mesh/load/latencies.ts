/** Each bucket's bounds are this far apart, so that a value is told with an error of at most 2 %. */
const GROWTH = 1.04;
const SMALLEST_MS = 0.01;
const LARGEST_MS = 600_000;
const BUCKETS = Math.ceil(Math.log(LARGEST_MS / SMALLEST_MS) / Math.log(GROWTH)) + 1;

/** Milliseconds, or undefined when nothing was observed. */
export interface Quantiles {
	readonly p50: number | undefined;
	readonly p95: number | undefined;
	readonly p99: number | undefined;
}

/**
 * A histogram whose buckets grow by a constant factor: quantiles from 0.01 ms to 10 minutes with a relative error of at
 * most 2 %; what lies outside is told as the nearest of these.
 */
export function createLatencies() {
	const counts = new Uint32Array(BUCKETS);
	let total = 0;
	const quantile = (share: number): number | undefined => {
		if (total === 0) return undefined;
		const wanted = Math.max(1, Math.ceil(share * total));
		let below = 0;
		for (const [index, count] of counts.entries()) {
			below += count;
			// The middle, by ratio, of the bucket's bounds.
			if (below >= wanted) return SMALLEST_MS * GROWTH ** (index + 0.5);
		}
		return LARGEST_MS;
	};
	return {
		observe(ms: number) {
			const index = Math.floor(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH));
			const bucket = Math.min(index, BUCKETS - 1);
			counts[bucket] = (counts[bucket] ?? 0) + 1;
			total++;
		},
		quantiles: (): Quantiles => ({ p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }),
	};
}

export type Latencies = ReturnType<typeof createLatencies>;
