const ELLIPSIS = "…";

/** What a character adds to a limit. */
export type Cost = (character: string) => number;

/** UTF-16 units: never fewer than the characters that a chat service counts. */
export const units: Cost = (character) => character.length;

/** Bytes of UTF-8. */
export const bytes: Cost = (character) => Buffer.byteLength(character);

/** Bytes of UTF-8 within a JSON string. */
export const jsonBytes: Cost = (character) => Buffer.byteLength(JSON.stringify(character)) - 2;

/**
 * The text if it costs no more than `costMax`, else as much of its beginning as fits together with an ellipsis.
 * Characters stay whole, and what is returned is well-formed Unicode.
 */
export function clip(text: string, costMax: number, cost: Cost = units): string {
	const wellFormed = text.toWellFormed();
	const roomBeforeEllipsis = costMax - cost(ELLIPSIS);
	let used = 0;
	let end = 0;
	let position = 0;
	for (const character of wellFormed) {
		used += cost(character);
		if (used > costMax) return roomBeforeEllipsis < 0 ? "" : wellFormed.slice(0, end) + ELLIPSIS;
		position += character.length;
		if (used <= roomBeforeEllipsis) end = position;
	}
	return wellFormed;
}

/** The text with line breaks and tabs but no other control characters, and never blank: chats refuse both. */
export function printable(text: string): string {
	const clean = text.replaceAll(/[^\P{Cc}\n\t]/gu, " ");
	return clean.trim() === "" ? "–" : clean;
}
