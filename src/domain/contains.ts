/**
 * True when `actual` already says all that `wanted` says, so that writing it would change nothing. Maps are compared key
 * by key, and what others wrote beside the wanted keys does not matter; lists and plain values are compared whole, as
 * server-side apply replaces them. A key whose wanted value is undefined asks for nothing.
 */
export function contains(actual: unknown, wanted: unknown): boolean {
	if (!isMap(wanted)) return equal(actual, wanted);
	if (!isMap(actual)) return false;
	return keysOf(wanted).every((key) => Object.hasOwn(actual, key) && contains(actual[key], wanted[key]));
}

/** As `contains`, but what others added to the items of a list does not matter either. */
export function covers(actual: unknown, wanted: unknown): boolean {
	if (Array.isArray(wanted)) {
		if (!Array.isArray(actual) || actual.length !== wanted.length) return false;
		return wanted.every((item, index) => covers(actual[index], item));
	}
	if (!isMap(wanted)) return actual === wanted;
	if (!isMap(actual)) return false;
	return keysOf(wanted).every((key) => Object.hasOwn(actual, key) && covers(actual[key], wanted[key]));
}

/** True when both are the same JSON: the order of keys does not matter, nor do keys without a value. */
export function equal(one: unknown, other: unknown): boolean {
	if (Array.isArray(one)) {
		if (!Array.isArray(other) || one.length !== other.length) return false;
		return one.every((item, index) => equal(item, other[index]));
	}
	if (!isMap(one)) return one === other;
	if (!isMap(other)) return false;
	const keys = keysOf(one);
	if (keys.length !== keysOf(other).length) return false;
	return keys.every((key) => Object.hasOwn(other, key) && equal(one[key], other[key]));
}

type JsonMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is JsonMap {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keysOf(map: JsonMap): readonly string[] {
	return Object.keys(map).filter((key) => map[key] !== undefined);
}
