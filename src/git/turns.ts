/** Work that waits for its turn, of all that is waiting together. */
const WAITING_MAX = 1_000;

/**
 * One piece of work per key at a time, in the order of arrival, and so many over all keys. What can't wait any more is
 * given `busy` instead.
 */
export class Turns {
	#free: number;
	#waiting = 0;
	readonly #tails = new Map<string, Promise<unknown>>();
	readonly #wanting: (() => void)[] = [];

	constructor(atOnceMax: number) {
		this.#free = atOnceMax;
	}

	/** Whether work on the key is under way or waits. */
	isTaken(key: string): boolean {
		return this.#tails.has(key);
	}

	async take<T>(key: string, work: () => Promise<T>, busy: () => Error): Promise<T> {
		if (this.#waiting >= WAITING_MAX) throw busy();
		this.#waiting += 1;
		const before = this.#tails.get(key) ?? Promise.resolve();
		const mine = before.then(() => this.#within(work));
		// The next in line only wants to know that this one has ended.
		const tail = mine.catch(() => {});
		this.#tails.set(key, tail);
		try {
			return await mine;
		} finally {
			this.#waiting -= 1;
			if (this.#tails.get(key) === tail) this.#tails.delete(key);
		}
	}

	async #within<T>(work: () => Promise<T>): Promise<T> {
		if (this.#free === 0) await new Promise<void>((resolve) => this.#wanting.push(resolve));
		else this.#free -= 1;
		try {
			return await work();
		} finally {
			const next = this.#wanting.shift();
			if (next === undefined) this.#free += 1;
			else next();
		}
	}
}
