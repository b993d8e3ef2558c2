/**
 * Places for work, so many at once, handed on in order of arrival. Whoever waits for something slow inside can lend its
 * place to others meanwhile.
 */
export class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** Resolves with a place taken, which must be given back. */
	take(): Promise<void> {
		if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
		this.#free -= 1;
		return Promise.resolve();
	}

	give(): void {
		const next = this.#waiting.shift();
		if (next === undefined) this.#free += 1;
		else next();
	}

	/** For a holder of a place: lends it out until the wait is over and there is one again. */
	async lend<T>(wait: () => Promise<T>): Promise<T> {
		this.give();
		try {
			return await wait();
		} finally {
			await this.take();
		}
	}
}
