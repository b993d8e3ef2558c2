/** A bucket that holds `burst` and gets `perSecond` back. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

/** Buckets by key, at most `keysMax`: the one that was left alone longest makes room. Answers how many ms to wait, 0 for none. */
export function createRateLimit({ perSecond, burst }: Rate, keysMax: number): (key: string, now: number) => number {
	const buckets = new Map<string, { tokens: number; at: number }>();
	return (key, now) => {
		const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
		const filled = Math.min(burst, tokens + (Math.max(0, now - at) / 1_000) * perSecond);
		const isTaken = filled >= 1;
		touch(buckets, key, { tokens: isTaken ? filled - 1 : filled, at: now }, keysMax);
		return isTaken ? 0 : Math.ceil(((1 - filled) / perSecond) * 1_000);
	};
}

/** Keys remembered for a time, at most `keysMax` of them. */
export interface Memory {
	has(key: string, now: number): boolean;
	add(key: string, until: number): void;
}

export function createMemory(keysMax: number): Memory {
	const untils = new Map<string, number>();
	return {
		has: (key, now) => (untils.get(key) ?? Number.NEGATIVE_INFINITY) > now,
		add: (key, until) => touch(untils, key, until, keysMax),
	};
}

/** Sets the key as the youngest, and drops the oldest beyond the bound. */
function touch<Value>(map: Map<string, Value>, key: string, value: Value, keysMax: number): void {
	map.delete(key);
	map.set(key, value);
	const [oldest] = map.keys();
	if (map.size > keysMax && oldest !== undefined) map.delete(oldest);
}
