import { parse, validateDetailed } from "node-cron";
import { durationMs, durationText } from "../../domain/duration.ts";
import { SECOND } from "./local-time.ts";

/** Where a field says anything goes, its set is undefined. */
export interface CronFields {
	/** Ascending, as all of these. */
	readonly seconds: readonly number[];
	readonly minutes: readonly number[];
	readonly hours: readonly number[];
	/** 1 to 31. */
	readonly daysOfMonth: readonly number[] | undefined;
	/** 1 to 12. */
	readonly months: readonly number[];
	/** 0 is Sunday. */
	readonly daysOfWeek: readonly number[] | undefined;
}

/** When something is due again and again. */
export type Schedule =
	| { readonly kind: "every"; readonly everyMs: number }
	| { readonly kind: "cron"; readonly fields: CronFields };

/** `standard`: five fields, minutes first. `keel`: seconds first, in five fields (without weekday) or six. Both know `@every`. */
export type ScheduleDialect = "standard" | "keel";

/** A schedule, with a sentence where it is read otherwise than it is written; or what is wrong with the text. */
export type ParsedSchedule =
	| { readonly ok: true; readonly schedule: Schedule; readonly note?: string }
	| { readonly ok: false; readonly problem: string };

/** Nothing is looked at more often than that. */
export const SHORTEST_MS = 10 * SECOND;

const TEXT_LENGTH_MAX = 256;
const names: Readonly<Record<string, string>> = {
	"@hourly": "0 * * * *",
	"@daily": "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@weekly": "0 0 * * 0",
	"@monthly": "0 0 1 * *",
	"@yearly": "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
};
const FORMS = "write five fields (minute hour day month weekday), @every 5m, or @hourly";

/** Reads a schedule; problems continue a sentence that names the field: "spec.schedule: 'x' is …". Never throws. */
export function parseSchedule(text: string, dialect: ScheduleDialect): ParsedSchedule {
	const trimmed = text.trim();
	if (trimmed === "") return problem(`is empty; ${FORMS}`);
	if (trimmed.length > TEXT_LENGTH_MAX) return problem(`is longer than ${TEXT_LENGTH_MAX} characters`);
	if (trimmed.startsWith("@every")) return everyOf(trimmed);
	const named = names[trimmed.toLowerCase()];
	if (named !== undefined) return cronOf(named, named.split(" "), 5);
	if (trimmed.startsWith("@")) return problem(`'${trimmed}' is not known; ${FORMS}`);
	const written = trimmed.split(/\s+/);
	if (dialect === "standard") {
		if (written.length === 5) return cronOf(trimmed, written, 5);
		const seconds = written.length === 6 ? "; there is no field for seconds" : "";
		return problem(`'${trimmed}' has ${written.length} fields${seconds}; ${FORMS}`);
	}
	if (written.length === 5) return cronOf(trimmed, [...written, "*"], 6);
	if (written.length === 6) return cronOf(trimmed, written, 6);
	return problem(
		`'${trimmed}' has ${written.length} fields; write six, seconds first, or five in haldane.dev/pollSchedule`,
	);
}

function everyOf(text: string): ParsedSchedule {
	const duration = text.slice("@every".length).trim();
	const everyMs = durationMs(duration);
	if (everyMs === undefined)
		return problem(`'${duration}' is not a duration; write it like @every 90s or @every 1h30m`);
	if (!Number.isSafeInteger(everyMs)) return problem(`'${duration}' is too long`);
	if (everyMs >= SHORTEST_MS) return { ok: true, schedule: { kind: "every", everyMs } };
	const note = `'${text}' is taken as @every ${durationText(SHORTEST_MS)}, the shortest there is`;
	return { ok: true, schedule: { kind: "every", everyMs: SHORTEST_MS }, note };
}

/** `fields` are of node-cron's order: seconds first when there are six. */
function cronOf(text: string, fields: readonly string[], count: 5 | 6): ParsedSchedule {
	const expression = fields.join(" ");
	const { valid, errors } = validateDetailed(expression);
	if (!valid) {
		const [first] = errors;
		const value = first?.value === undefined || first.value === "" ? "" : ` (${first.value})`;
		return problem(
			`'${text}' is no schedule: ${first === undefined ? FORMS : `${first.field}${value}: ${first.message}`}`,
		);
	}
	const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression);
	const days = [...dayOfMonth, ...dayOfWeek].filter((day) => typeof day === "string");
	if (days.length > 0) return problem(`'${text}' says ${days[0]}; days can only be numbers, names, ranges and steps`);
	const [dayField = "", weekdayField = ""] = count === 6 ? [fields[3], fields[5]] : [fields[2], fields[4]];
	const seconds = sparse(ascending(second));
	const schedule: Schedule = {
		kind: "cron",
		fields: {
			seconds,
			minutes: ascending(minute),
			hours: ascending(hour),
			daysOfMonth: isAny(dayField) ? undefined : ascending(dayOfMonth as number[]),
			months: ascending(month),
			daysOfWeek: isAny(weekdayField) ? undefined : ascending(dayOfWeek as number[]),
		},
	};
	if (seconds.length === 1 && second.length === 1) return { ok: true, schedule };
	return { ok: true, schedule, note: secondsNote(text, seconds.length < second.length) };
}

/** Whoever writes several seconds has most likely meant minutes. */
function secondsNote(text: string, isThinned: boolean): string {
	const often = isThinned ? `, but not more often than every ${durationText(SHORTEST_MS)}` : "";
	return `'${text}' begins with seconds, as keel reads it, and is due several times a minute${often}; if minutes were meant, write it as haldane.dev/pollSchedule`;
}

/** Seconds that are at least the shortest interval apart, across the minute too. */
function sparse(seconds: readonly number[]): readonly number[] {
	const shortest = SHORTEST_MS / SECOND;
	const kept: number[] = [];
	for (const second of seconds) {
		const [first, last] = [kept[0] ?? second - 60, kept.at(-1) ?? second - 60];
		if (second - last >= shortest && first + 60 - second >= (kept.length === 0 ? 0 : shortest)) kept.push(second);
	}
	return kept;
}

function isAny(field: string): boolean {
	return field === "*" || field === "?";
}

function ascending(values: readonly number[]): readonly number[] {
	return [...new Set(values)].sort((one, other) => one - other);
}

function problem(text: string): ParsedSchedule {
	return { ok: false, problem: text };
}
