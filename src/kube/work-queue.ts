import type { Clock } from "./clock.ts";

/** What a queue tells about itself. */
export interface QueueObserver {
	depth(count: number): void;
	added(): void;
	waited(seconds: number): void;
}

/**
 * Keys that need work, each at most once. Invariants: a key that is being worked on is never handed out, and when it was
 * added meanwhile it is handed out again afterwards; of several times for one key the earliest counts. Keys that were added
 * as `first` go before all others; the work on those must be short, or be added anew for what is left of it.
 */
export class WorkQueue {
	readonly #clock: Clock;
	readonly #observer: QueueObserver | undefined;
	/** Ready keys in order of arrival, with the time of it; the first of them, and then the others. */
	readonly #first = new Map<string, number>();
	readonly #ready = new Map<string, number>();
	readonly #working = new Set<string>();
	readonly #again = new Set<string>();
	readonly #delayed = new Map<string, { readonly at: number; readonly cancel: () => void }>();
	readonly #takers: ((key: string | undefined) => void)[] = [];
	#isStopped = false;

	constructor(clock: Clock, observer?: QueueObserver) {
		this.#clock = clock;
		this.#observer = observer;
	}

	/** Work on this key as soon as may be. */
	add(key: string, { first = false }: { readonly first?: boolean } = {}): void {
		if (this.#isStopped) return;
		this.#forgetDelay(key);
		if (this.#working.has(key)) {
			this.#again.add(key);
			return;
		}
		if (this.#first.has(key)) return;
		const since = this.#ready.get(key);
		if (since === undefined) this.#observer?.added();
		else if (first) this.#ready.delete(key);
		else return;
		(first ? this.#first : this.#ready).set(key, since ?? this.#clock.elapsed());
		this.#hand();
	}

	/** Work on this key after the delay, unless it comes up sooner. */
	addAfter(key: string, delayMs: number): void {
		if (delayMs <= 0) {
			this.add(key);
			return;
		}
		if (this.#isStopped || this.#first.has(key) || this.#ready.has(key)) return;
		const at = this.#clock.elapsed() + delayMs;
		const known = this.#delayed.get(key);
		if (known !== undefined && known.at <= at) return;
		known?.cancel();
		this.#delayed.set(key, { at, cancel: this.#clock.after(delayMs, () => this.add(key)) });
	}

	/** The next key, when there is one; the caller must call `done` with it. Undefined once the queue has been stopped. */
	take(): Promise<string | undefined> {
		return new Promise((resolve) => {
			if (this.#isStopped) return resolve(undefined);
			this.#takers.push(resolve);
			this.#hand();
		});
	}

	/** The work on the key has ended. */
	done(key: string): void {
		this.#working.delete(key);
		if (this.#again.delete(key)) this.add(key);
	}

	/** For good: cancels every timer, takes nothing more and hands out nothing more. */
	stop(): void {
		this.#isStopped = true;
		for (const { cancel } of this.#delayed.values()) cancel();
		this.#delayed.clear();
		for (const take of this.#takers.splice(0)) take(undefined);
		this.#observer?.depth(0);
	}

	#hand(): void {
		while (this.#takers.length > 0) {
			const lane = this.#first.size > 0 ? this.#first : this.#ready;
			const [next] = lane;
			if (next === undefined) break;
			const [key, since] = next;
			lane.delete(key);
			this.#working.add(key);
			this.#observer?.waited((this.#clock.elapsed() - since) / 1_000);
			this.#takers.shift()?.(key);
		}
		this.#observer?.depth(this.#first.size + this.#ready.size);
	}

	#forgetDelay(key: string): void {
		this.#delayed.get(key)?.cancel();
		this.#delayed.delete(key);
	}
}
