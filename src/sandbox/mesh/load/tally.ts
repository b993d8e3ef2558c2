import { createLatencies, type Latencies, type Quantiles } from "./latencies.ts";

/** How the requests fared, since the start and in each of the last 300 seconds. Copies of requests are never among them. */
export interface LoadReport {
	readonly sent: number;
	/** Sent more than 50 ms after they were due. */
	readonly late: number;
	/** Given up unsent, since too many were under way. */
	readonly dropped: number;
	readonly underWay: number;
	/** Answers by status code. */
	readonly answered: Readonly<Record<string, number>>;
	/** Requests without an answer, by kind: `ECONNREFUSED`, `timeout`. */
	readonly failed: Readonly<Record<string, number>>;
	/** Answers by the `x-image` that they name. */
	readonly byImage: Readonly<Record<string, number>>;
	/** Answers by the `x-pod` that they name. */
	readonly byPod: Readonly<Record<string, number>>;
	/** From when a request was due to its answer's end, in milliseconds, give or take 2 %. A timeout counts as an answer here. */
	readonly latency: Quantiles;
	/** Oldest first; a request counts in the second in which it ended. */
	readonly seconds: readonly LoadSecond[];
}

export interface LoadSecond {
	/** Seconds since 1970. */
	readonly at: number;
	readonly sent: number;
	readonly dropped: number;
	readonly answered: Readonly<Record<string, number>>;
	readonly failed: number;
	readonly byImage: Readonly<Record<string, number>>;
	readonly latency: Quantiles;
}

const SECONDS_KEPT = 300;
/** Names of pods come and go; the longest unheard of is forgotten. */
const NAMES_MAX = 200;
const LATE_MS = 50;

interface Second {
	readonly at: number;
	sent: number;
	dropped: number;
	failed: number;
	readonly answered: Map<string, number>;
	readonly byImage: Map<string, number>;
	readonly latencies: Latencies;
}

/** How a request ended. `latencyMs` is from when it was due. */
export type Ended =
	| {
			readonly code: number;
			readonly image: string | undefined;
			readonly pod: string | undefined;
			readonly latencyMs: number;
	  }
	| { readonly failure: string; readonly latencyMs: number };

/** Counts; `now` is in milliseconds since 1970. */
export function createTally() {
	let sent = 0;
	let late = 0;
	let dropped = 0;
	let ended = 0;
	const answered = new Map<string, number>();
	const failed = new Map<string, number>();
	const byImage = new Map<string, number>();
	const byPod = new Map<string, number>();
	const latencies = createLatencies();
	const seconds: Second[] = [];

	function secondAt(now: number): Second {
		const at = Math.floor(now / 1_000);
		const last = seconds.at(-1);
		// A clock that is set back counts in the second that is there.
		if (last !== undefined && last.at >= at) return last;
		const fresh = {
			at,
			sent: 0,
			dropped: 0,
			failed: 0,
			answered: new Map(),
			byImage: new Map(),
			latencies: createLatencies(),
		};
		seconds.push(fresh);
		if (seconds.length > SECONDS_KEPT) seconds.shift();
		return fresh;
	}

	return {
		sent(now: number, lateMs: number) {
			sent++;
			if (lateMs > LATE_MS) late++;
			secondAt(now).sent++;
		},
		dropped(now: number, count: number) {
			dropped += count;
			secondAt(now).dropped += count;
		},
		ended(now: number, how: Ended) {
			ended++;
			const second = secondAt(now);
			if ("failure" in how) {
				add(failed, how.failure);
				second.failed++;
				if (how.failure !== TIMEOUT) return;
			} else {
				for (const codes of [answered, second.answered]) add(codes, String(how.code));
				if (how.image !== undefined) for (const images of [byImage, second.byImage]) add(images, how.image);
				if (how.pod !== undefined) add(byPod, how.pod);
			}
			latencies.observe(how.latencyMs);
			second.latencies.observe(how.latencyMs);
		},
		report: (now: number): LoadReport => ({
			sent,
			late,
			dropped,
			underWay: sent - ended,
			answered: Object.fromEntries(answered),
			failed: Object.fromEntries(failed),
			byImage: Object.fromEntries(byImage),
			byPod: Object.fromEntries(byPod),
			latency: latencies.quantiles(),
			seconds: seconds
				.filter(({ at }) => at > now / 1_000 - SECONDS_KEPT)
				.map((second) => ({
					at: second.at,
					sent: second.sent,
					dropped: second.dropped,
					answered: Object.fromEntries(second.answered),
					failed: second.failed,
					byImage: Object.fromEntries(second.byImage),
					latency: second.latencies.quantiles(),
				})),
		}),
	};
}

/** The one failure whose duration says something. */
export const TIMEOUT = "timeout";

function add(counts: Map<string, number>, name: string) {
	const count = (counts.get(name) ?? 0) + 1;
	// Put last, so that the first is the one that was longest unheard of.
	counts.delete(name);
	counts.set(name, count);
	const [oldest] = counts.keys();
	if (counts.size > NAMES_MAX && oldest !== undefined) counts.delete(oldest);
}
