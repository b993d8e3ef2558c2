/**
 * A length of time as kubectl tells it: the coarser, the longer. `<invalid>` when it is negative by more than the two
 * seconds that clocks may differ by.
 */
export function humanDuration(ms: number): string {
	const seconds = Math.trunc(ms / 1000);
	if (seconds < -1) return "<invalid>";
	if (seconds < 0) return "0s";
	if (seconds < 2 * 60) return `${seconds}s`;
	const minutes = Math.trunc(seconds / 60);
	if (minutes < 10) return twoUnits(minutes, "m", seconds % 60, "s");
	if (minutes < 3 * 60) return `${minutes}m`;
	const hours = Math.trunc(minutes / 60);
	if (hours < 8) return twoUnits(hours, "h", minutes % 60, "m");
	if (hours < 2 * 24) return `${hours}h`;
	const days = Math.trunc(hours / 24);
	if (days < 8) return twoUnits(days, "d", hours % 24, "h");
	if (days < 2 * 365) return `${days}d`;
	const years = Math.trunc(days / 365);
	return years < 8 ? twoUnits(years, "y", days % 365, "d") : `${years}y`;
}

function twoUnits(coarse: number, coarseUnit: string, fine: number, fineUnit: string): string {
	return fine === 0 ? `${coarse}${coarseUnit}` : `${coarse}${coarseUnit}${fine}${fineUnit}`;
}

/** How long ago that was; `<unknown>` without a time, `<invalid>` when it is none or has yet to come. `now` in milliseconds. */
export function ageOf(timestamp: unknown, now: number): string {
	if (timestamp === undefined || timestamp === null || timestamp === "") return "<unknown>";
	const then = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
	return Number.isNaN(then) ? "<invalid>" : humanDuration(now - then);
}
