import type { Labels } from "./labels.ts";

/** Samples of one series, times ascending, in milliseconds. */
export interface Points {
	readonly times: readonly number[];
	readonly values: readonly number[];
}

/** One series in memory. */
export class Series {
	readonly labels: Labels;
	#times: number[] = [];
	#values: number[] = [];
	/** The times at which a scrape no longer had the series. */
	readonly #goneAt = new Set<number>();
	/** Samples before this index have been dropped. */
	#first = 0;

	constructor(labels: Labels) {
		this.labels = labels;
	}

	get length(): number {
		return this.#times.length - this.#first;
	}

	get oldest(): number {
		return this.#times[this.#first] ?? Number.POSITIVE_INFINITY;
	}

	get newest(): number {
		return this.#times.at(-1) ?? Number.NEGATIVE_INFINITY;
	}

	/** False when the sample is not newer than the last. */
	append(timeMs: number, value: number | undefined): boolean {
		if (timeMs <= this.newest) return false;
		this.#times.push(timeMs);
		this.#values.push(value ?? Number.NaN);
		if (value === undefined) this.#goneAt.add(timeMs);
		return true;
	}

	/** Drops samples up to and with that time; returns how many. */
	dropUntil(timeMs: number): number {
		const next = this.#indexAfter(timeMs);
		const dropped = next - this.#first;
		for (let i = this.#first; i < next; i++) this.#goneAt.delete(this.#times[i] as number);
		this.#first = next;
		if (this.#first * 2 > this.#times.length) {
			this.#times = this.#times.slice(this.#first);
			this.#values = this.#values.slice(this.#first);
			this.#first = 0;
		}
		return dropped;
	}

	/** The last sample after `afterMs` and up to `untilMs`; undefined when there is none or the series was gone by then. */
	last(afterMs: number, untilMs: number): { readonly timeMs: number; readonly value: number } | undefined {
		const index = this.#indexAfter(untilMs) - 1;
		const timeMs = this.#times[index];
		if (index < this.#first || timeMs === undefined || timeMs <= afterMs || this.#goneAt.has(timeMs)) return undefined;
		return { timeMs, value: this.#values[index] as number };
	}

	/** Samples after `afterMs` and up to `untilMs`, without the marks of a series that was gone. */
	between(afterMs: number, untilMs: number): Points {
		const from = this.#indexAfter(afterMs);
		const to = this.#indexAfter(untilMs);
		const times = this.#times.slice(from, to);
		const values = this.#values.slice(from, to);
		if (this.#goneAt.size === 0 || !times.some((time) => this.#goneAt.has(time))) return { times, values };
		const isThere = (_: number, i: number) => !this.#goneAt.has(times[i] as number);
		return { times: times.filter(isThere), values: values.filter(isThere) };
	}

	#indexAfter(timeMs: number): number {
		let low = this.#first;
		let high = this.#times.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#times[middle] as number) <= timeMs) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
