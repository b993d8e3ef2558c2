/** Time as the cluster sees it: a port, so that tests move it by hand. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Calls once after `delayMs`, unless the returned function is called before. */
	after(delayMs: number, call: () => void): () => void;
}

const TIMER_MS_MAX = 2 ** 31 - 1;

export const realClock: Clock = {
	now: () => Date.now(),
	after: (delayMs, call) => {
		const timer = setTimeout(call, Math.min(delayMs, TIMER_MS_MAX));
		return () => clearTimeout(timer);
	},
};

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes its times. */
export function timeText(instant: number): string {
	return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
