/** What a stand-in does with its objects; one key is never worked on twice at once. */
export interface KeyedWork {
	/** Works on the key soon; a key that is waiting already is not added again. */
	wake(key: string): void;
	/** Resolves when what is running has ended; nothing new is begun. */
	stop(): Promise<void>;
}

/**
 * Runs the work for each woken key, so many at once. A key that is woken during its work is worked on again after it; work
 * that throws is tried again 50 ms later, for as long as it throws.
 */
export function keyedWork(atOnceMax: number, work: (key: string) => Promise<void>): KeyedWork {
	const waiting = new Set<string>();
	const active = new Map<string, Promise<void>>();
	const retries = new Set<NodeJS.Timeout>();
	let stopped = false;

	const wakeLater = (key: string) => {
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
				.catch(() => {
					if (!stopped) wakeLater(key);
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
