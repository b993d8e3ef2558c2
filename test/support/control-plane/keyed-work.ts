/** What a stand-in does with its objects; one key is never worked on twice at once. */
export interface KeyedWork {
	/** Works on the key soon; a key that is waiting already is not added again. */
	wake(key: string): void;
	/** Resolves when what is running has ended; nothing new is begun. */
	stop(): Promise<void>;
}

const TRIES_IN_SILENCE = 40;

/**
 * Runs the work for each woken key, so many at once. A key that is woken during its work is worked on again after it; work
 * that throws is tried again 50 ms later, for as long as it throws, and says so after two seconds of that.
 */
export function keyedWork(atOnceMax: number, work: (key: string) => Promise<void>): KeyedWork {
	const waiting = new Set<string>();
	const active = new Map<string, Promise<unknown>>();
	const retries = new Set<NodeJS.Timeout>();
	let stopped = false;

	const failures = new Map<string, number>();
	const wakeLater = (key: string, thrown: unknown) => {
		const count = (failures.get(key) ?? 0) + 1;
		failures.set(key, count);
		if (count === TRIES_IN_SILENCE) console.warn(`the stand-in still cannot do its work on ${key}`, thrown);
		const timer = setTimeout(() => {
			retries.delete(timer);
			waiting.add(key);
			pump();
		}, 50);
		retries.add(timer);
	};
	const pump = () => {
		if (stopped) return;
		for (const key of waiting) {
			if (active.size >= atOnceMax) return;
			if (active.has(key)) continue;
			waiting.delete(key);
			const run = work(key)
				.then(() => failures.delete(key))
				.catch((thrown) => {
					if (!stopped) wakeLater(key, thrown);
				})
				.finally(() => {
					active.delete(key);
					pump();
				});
			active.set(key, run);
		}
	};
	return {
		wake(key) {
			waiting.add(key);
			pump();
		},
		async stop() {
			stopped = true;
			for (const timer of retries) clearTimeout(timer);
			await Promise.all(active.values());
		},
	};
}
