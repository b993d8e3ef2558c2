import type { Clock } from "../../src/kube/clock.ts";

interface Planned {
	readonly at: number;
	readonly call: () => void;
}

/** Time that only passes when a test says so. Calls come in order of their moments, and in between all work comes to rest. */
export class FakeClock implements Clock {
	readonly #planned = new Set<Planned>();
	#elapsed = 0;
	#date: number;

	constructor(date = Date.UTC(2027, 0, 1)) {
		this.#date = date;
	}

	now(): number {
		return this.#date + this.#elapsed;
	}

	elapsed(): number {
		return this.#elapsed;
	}

	after(delayMs: number, call: () => void): () => void {
		const planned = { at: this.#elapsed + delayMs, call };
		this.#planned.add(planned);
		return () => this.#planned.delete(planned);
	}

	/** Calls still to come: when the work is over none may be left behind. */
	get pending(): number {
		return this.#planned.size;
	}

	/** Sets the date, as an administrator or a time server does: nothing has lasted any longer for it. */
	jump(byMs: number): void {
		this.#date += byMs;
	}

	/** Lets all work go on until it waits for time to pass, or for good. */
	async rest(): Promise<void> {
		await new Promise(setImmediate);
	}

	/** Lets that much time pass. */
	async advance(byMs: number): Promise<void> {
		const until = this.#elapsed + byMs;
		await this.rest();
		for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) await this.#call(next);
		this.#elapsed = until;
		await this.rest();
	}

	/** Lets time pass until it is so; throws when nothing is left that could make it so. */
	async until(isSo: () => boolean): Promise<void> {
		await this.rest();
		while (!isSo()) {
			const next = this.#next();
			if (next === undefined) throw new Error("this waits for something that no time brings");
			await this.#call(next);
		}
	}

	/** Lets time pass until the work is done. */
	async settle<T>(work: Promise<T>): Promise<T> {
		let isDone = false;
		const mark = () => {
			isDone = true;
		};
		work.then(mark, mark);
		await this.until(() => isDone);
		return work;
	}

	#next(): Planned | undefined {
		let first: Planned | undefined;
		for (const planned of this.#planned) if (first === undefined || planned.at < first.at) first = planned;
		return first;
	}

	async #call(planned: Planned): Promise<void> {
		this.#planned.delete(planned);
		this.#elapsed = Math.max(this.#elapsed, planned.at);
		planned.call();
		await this.rest();
	}
}
