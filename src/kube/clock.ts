/** Time as this room sees it: a port, so that tests move it by hand. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Milliseconds since some moment: never set back or forward with the date, so the measure of how long something took. */
	elapsed(): number;
	/** Calls once after `delayMs`, unless the returned function is called before. */
	after(delayMs: number, call: () => void): () => void;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	elapsed: () => performance.now(),
	after: (delayMs, call) => {
		const timer = setTimeout(call, Math.min(delayMs, 2 ** 31 - 1));
		return () => clearTimeout(timer);
	},
};

/** Resolves after `delayMs`, or at once when the signal aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const done = () => {
			cancel();
			signal.removeEventListener("abort", done);
			resolve();
		};
		const cancel = clock.after(delayMs, done);
		signal.addEventListener("abort", done);
	});
}
