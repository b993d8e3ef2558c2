/** What a backend has answered until now, copies of requests too. */
export interface Served {
	readonly answers: number;
	/** Answers that took at most so many milliseconds, ascending, the last of infinity. */
	readonly within: ReadonlyMap<number, number>;
	/** Pods that have answered. */
	readonly pods: ReadonlySet<string>;
}

/** How long a backend took for a while. */
export interface Durations {
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly p99Ms: number;
}

const SERIES = /^haldane_sandbox_request_duration_seconds_(bucket|count)\{(.*)\} (\S+)$/;
/** Says nothing of how long an answer takes. */
const CLIENT_WENT_AWAY = "499";

export const servedNothing: Served = { answers: 0, within: new Map(), pods: new Set() };

/** Reads the gateway's own series of one backend, but for `former` pods: those of versions before may still be answering. */
export function servedBy(backend: string, exposition: string, former: ReadonlySet<string>): Served {
	const pods = new Set<string>();
	const within = new Map<number, number>();
	let answers = 0;
	for (const line of exposition.split("\n")) {
		const [, what, labels = "", value] = SERIES.exec(line) ?? [];
		if (what === undefined || labelOf(labels, "backend") !== backend) continue;
		if (labelOf(labels, "code") === CLIENT_WENT_AWAY) continue;
		const pod = labelOf(labels, "pod") ?? "";
		if (former.has(pod)) continue;
		pods.add(pod);
		const count = Number(value);
		if (what === "count") answers += count;
		else {
			const le = labelOf(labels, "le");
			const ms = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le) * 1_000;
			within.set(ms, (within.get(ms) ?? 0) + count);
		}
	}
	return { answers, within, pods };
}

/** What was answered between two readings, undefined when nothing was. A quantile lies evenly within its bucket, as Prometheus takes it. */
export function durationsBetween(before: Served, after: Served): Durations | undefined {
	const answers = after.answers - before.answers;
	if (answers <= 0) return undefined;
	const buckets = [...after.within].map(([ms, count]) => [ms, count - (before.within.get(ms) ?? 0)] as const);
	const quantile = (share: number) => {
		const wanted = share * answers;
		const index = buckets.findIndex(([, count]) => count >= wanted);
		const [belowMs, below] = buckets[index - 1] ?? [0, 0];
		const [ms, count] = buckets[index] ?? [belowMs, below];
		if (ms === Number.POSITIVE_INFINITY || count === below) return belowMs;
		return belowMs + ((ms - belowMs) * (wanted - below)) / (count - below);
	};
	return { p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) };
}

function labelOf(labels: string, name: string): string | undefined {
	return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}
