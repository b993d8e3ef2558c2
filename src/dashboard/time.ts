/** How long ago that was: `45 s`, `12 min`, `3 h`, `9 d`; empty for what is no instant. */
export function ageText(moment: string | undefined, now: number): string {
	const at = Date.parse(moment ?? "");
	return Number.isNaN(at) ? "" : spanText(now - at);
}

/** When that is due: `in 7 s`, or `now`. */
export function dueText(moment: string | undefined, now: number): string {
	const at = Date.parse(moment ?? "");
	if (Number.isNaN(at)) return "";
	return at <= now ? "now" : `in ${spanText(at - now + 999)}`;
}

function spanText(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1_000));
	if (seconds < 120) return `${seconds} s`;
	if (seconds < 2 * 3_600) return `${Math.floor(seconds / 60)} min`;
	if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
	return `${Math.floor(seconds / 86_400)} d`;
}

/** A number with what digits matter; a dash for one that is unknown. */
export function numberText(value: number | undefined, unit = ""): string {
	if (value === undefined) return "–";
	const rounded = Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
	return unit === "" ? rounded : `${rounded} ${unit}`;
}
