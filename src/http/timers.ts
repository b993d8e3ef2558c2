import type { Instant } from "../domain/instant.ts";

/** Time as the shells see it: a port, so that tests move it by hand. */
export interface Timers {
	now(): Instant;
	/** Calls once after `delayMs`, unless the returned function is called before. */
	after(delayMs: number, call: () => void): () => void;
}

/** The real clock. */
export const systemTimers: Timers = {
	now: () => Date.now(),
	after: (delayMs, call) => {
		const timer = setTimeout(call, delayMs);
		return () => clearTimeout(timer);
	},
};

/** Resolves after `delayMs`, or at once when the signal aborts. Never rejects: the caller looks at the signal. */
export function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const done = () => {
			cancel();
			signal.removeEventListener("abort", done);
			resolve();
		};
		const cancel = timers.after(delayMs, done);
		signal.addEventListener("abort", done);
	});
}
