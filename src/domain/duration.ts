const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** Go's duration text without sign, as users write it in a Canary: `30s`, `1m30s`, `500ms`, `1h`. */
export const DURATION_PATTERN = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";
const WHOLE = new RegExp(DURATION_PATTERN);

/** A year, the longest that anybody may write: a moment so far from now can still be told, and Go can read the text. */
export const DURATION_MAX = "8760h";
export const DURATION_MS_MAX = 8_760 * UNIT_MS.h;

/** Milliseconds of a duration text; undefined when it is none. */
export function durationMs(text: string): number | undefined {
	if (!WHOLE.test(text)) return undefined;
	let total = 0;
	for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
	return Math.round(total);
}

/** The shortest duration text of whole milliseconds: `90000` is `1m30s`. */
export function durationText(milliseconds: number): string {
	let rest = Math.max(0, Math.round(milliseconds));
	let text = "";
	for (const unit of ["h", "m", "s", "ms"] as const) {
		const amount = Math.floor(rest / UNIT_MS[unit]);
		if (amount > 0) text += `${amount}${unit}`;
		rest -= amount * UNIT_MS[unit];
	}
	return text === "" ? "0s" : text;
}
