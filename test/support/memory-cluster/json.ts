/** A JSON object whose fields are read one by one. */
export type Json = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a trip over the wire makes of a value, frozen all the way down as what a cache hands out. */
export function frozenJson<T>(value: T): T {
	return freeze(JSON.parse(JSON.stringify(value)) as T);
}

function freeze<T>(value: T): T {
	if (typeof value !== "object" || value === null) return value;
	for (const held of Object.values(value)) freeze(held);
	return Object.freeze(value);
}

/** JSON merge patch, RFC 7386: null removes, maps are merged, anything else replaces. */
export function merged(value: unknown, patch: unknown): unknown {
	if (!isMap(patch)) return patch;
	const result: Record<string, unknown> = isMap(value) ? { ...value } : {};
	for (const [key, change] of Object.entries(patch)) {
		if (change === null) delete result[key];
		else if (change !== undefined) result[key] = merged(result[key], change);
	}
	return result;
}
