/** JSON with the keys in order, and without those that say nothing: equal things have equal texts. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	const entries = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
	entries.sort(([one], [other]) => (one < other ? -1 : 1));
	return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(",")}}`;
}

/** FNV-1a with 32 bits. */
export function hashOf(text: string): number {
	let hash = 0x811c9dc5;
	for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
	return hash;
}

/** Without vowels and what looks like them, so that names never spell a word. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** The hash of a pod template as it stands in labels and names, such as `6c8d5b4f79`. */
export function templateHash(template: unknown, collisionCount = 0): string {
	const hash = hashOf(`${canonical(template)}${collisionCount === 0 ? "" : collisionCount}`);
	return [...String(hash)].map((digit) => LETTERS[digit.charCodeAt(0) % LETTERS.length]).join("");
}

/** A seeded source of numbers from 0 up to, not including, 1. */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x9e3779b9) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
		return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
	};
}
