/** A seeded source of chance: the same seed tells the same story. */
export interface Chance {
	/** From 0 up to, not including, 1. */
	next(): number;
	/** True with the given probability. */
	happens(probability: number): boolean;
	/** A whole number from 0 up to, not including, `count`. */
	below(count: number): number;
	pick<T>(items: readonly T[]): T;
}

export function chanceFrom(seed: number): Chance {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
	const below = (count: number) => Math.floor(next() * count);
	return {
		next,
		below,
		happens: (probability) => next() < probability,
		pick: (items) => items[below(items.length)] as (typeof items)[number],
	};
}
