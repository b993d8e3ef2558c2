import { parseGoFloat } from "../../go-float.ts";
import type { Labels } from "../../labels.ts";
import type { Sample, Vector } from "../values.ts";

interface Bucket {
	readonly bound: number;
	count: number;
}

/** `histogram_quantile` of classic buckets: one result for each set of labels but `le`. What has no bound is passed over. */
export function histogramQuantile(rank: number, vector: Vector): Vector {
	const groups = new Map<string, { readonly labels: Labels; readonly buckets: Map<number, Bucket> }>();
	for (const { labels, value } of vector) {
		const bound = parseGoFloat(labels.get("le"));
		if (bound === undefined) continue;
		const rest = labels.nameless.without(["le"]);
		const group = groups.get(rest.key) ?? { labels: rest, buckets: new Map<number, Bucket>() };
		groups.set(rest.key, group);
		const bucket = group.buckets.get(bound);
		if (bucket) bucket.count += value;
		else group.buckets.set(bound, { bound, count: value });
	}
	return [...groups.values()].map(
		({ labels, buckets }): Sample => ({
			labels,
			value: quantileOf(
				rank,
				[...buckets.values()].sort((a, b) => a.bound - b.bound),
			),
		}),
	);
}

function quantileOf(rank: number, buckets: Bucket[]): number {
	if (Number.isNaN(rank)) return Number.NaN;
	if (rank < 0) return Number.NEGATIVE_INFINITY;
	if (rank > 1) return Number.POSITIVE_INFINITY;
	const last = buckets.at(-1);
	if (last?.bound !== Number.POSITIVE_INFINITY || buckets.length < 2) return Number.NaN;
	makeMonotonic(buckets);
	if (last.count === 0 || Number.isNaN(last.count)) return Number.NaN;
	const wanted = rank * last.count;
	const found = buckets.findIndex(({ count }, i) => count >= wanted || i === buckets.length - 1);
	const bucket = buckets[found] as Bucket;
	const before = buckets[found - 1];
	if (found === buckets.length - 1) return before?.bound ?? Number.NaN;
	if (before === undefined && bucket.bound <= 0) return bucket.bound;
	const start = before?.bound ?? 0;
	const below = before?.count ?? 0;
	return start + (bucket.bound - start) * ((wanted - below) / (bucket.count - below));
}

/** Buckets that were read at slightly different times, or summed inexactly, may count less than a smaller one. */
function makeMonotonic(buckets: readonly Bucket[]): void {
	let highest = buckets[0]?.count ?? 0;
	for (const bucket of buckets) {
		const tolerance = 1e-12 * (Math.abs(highest) + Math.abs(bucket.count));
		if (bucket.count < highest || Math.abs(bucket.count - highest) < tolerance) bucket.count = highest;
		else highest = bucket.count;
	}
}
