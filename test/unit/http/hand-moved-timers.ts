import type { Timers } from "../../../src/http/timers.ts";

interface Waiting {
	readonly at: number;
	readonly call: () => void;
}

/** Time that only moves when a test says so, or when nothing else can happen. */
export class HandMovedTimers implements Timers {
	/** Every delay that was ever asked for, in order. */
	readonly asked: number[] = [];
	readonly #waiting = new Set<Waiting>();
	#now: number;

	constructor(now = 0) {
		this.#now = now;
	}

	now(): number {
		return this.#now;
	}

	/** How many calls are still to come: none may be left behind. */
	get pending(): number {
		return this.#waiting.size;
	}

	after(delayMs: number, call: () => void): () => void {
		this.asked.push(delayMs);
		const waiting = { at: this.#now + delayMs, call };
		this.#waiting.add(waiting);
		return () => this.#waiting.delete(waiting);
	}

	/** Moves on to the next call whenever the work is at rest, until it is done. */
	async settle<T>(work: Promise<T>): Promise<T> {
		let done = false;
		const mark = () => {
			done = true;
		};
		work.then(mark, mark);
		for (;;) {
			await new Promise(setImmediate);
			if (done) return work;
			const next = [...this.#waiting].sort((one, other) => one.at - other.at)[0];
			if (next === undefined) throw new Error("the work waits for something that no timer brings");
			this.#waiting.delete(next);
			this.#now = next.at;
			next.call();
		}
	}
}
