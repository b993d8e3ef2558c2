import { parse, validateDetailed } from "node-cron";
import { DURATION_MAX, DURATION_MS_MAX, durationMs, durationText } from "../../domain/duration.ts";

/** Where a field says anything goes, its set is undefined. */
export interface CronFields {
	/** Ascending, as all of these. */
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

/**
 * A schedule, the same in the standard dialect, and a sentence where it is read otherwise than one may think; or what is
 * wrong with the text.
 */
export type ParsedSchedule =
	| { readonly ok: true; readonly schedule: Schedule; readonly standard: string; readonly note?: string }
	| { readonly ok: false; readonly problem: string };

/** Nothing is looked at more often than that. */
export const SHORTEST_MS = 10_000;

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

/** Reads a schedule; problems continue a sentence that names the field: "spec.schedule: 'x' has 3 fields". Never throws. */
export function parseSchedule(text: string, dialect: ScheduleDialect): ParsedSchedule {
	const trimmed = text.trim();
	if (trimmed === "") return problem(`is empty; ${FORMS}`);
	if (trimmed.length > TEXT_LENGTH_MAX) return problem(`is longer than ${TEXT_LENGTH_MAX} characters`);
	if (/^@every\s/.test(trimmed)) return everyOf(trimmed);
	const named = names[trimmed.toLowerCase()];
	if (named !== undefined) return cronOf(trimmed, named);
	if (trimmed.startsWith("@")) return problem(`'${trimmed}' is not known; ${FORMS}`);
	const fields = trimmed.split(/\s+/);
	if (dialect === "keel") return keelOf(trimmed, fields);
	if (fields.length === 5) return cronOf(trimmed, fields.join(" "));
	const seconds = fields.length === 6 ? ", and there is none for seconds" : "";
	return problem(`'${trimmed}' has ${fields.length} fields${seconds}; ${FORMS}`);
}

function everyOf(text: string): ParsedSchedule {
	const duration = text.slice("@every".length).trim();
	const everyMs = durationMs(duration);
	if (everyMs === undefined)
		return problem(`'${duration}' is not a duration; write it like @every 90s or @every 1h30m`);
	if (everyMs > DURATION_MS_MAX) return problem(`'${duration}' is too long; the most is ${DURATION_MAX}`);
	if (everyMs >= SHORTEST_MS) return every(everyMs);
	return {
		...every(SHORTEST_MS),
		note: `'${text}' is taken as every ${durationText(SHORTEST_MS)}, the shortest there is`,
	};
}

function every(everyMs: number) {
	return { ok: true, schedule: { kind: "every", everyMs }, standard: `@every ${durationText(everyMs)}` } as const;
}

/** Seconds first. Schedules are kept to the minute, unless they say several seconds of every minute. */
function keelOf(text: string, fields: readonly string[]): ParsedSchedule {
	if (fields.length !== 5 && fields.length !== 6)
		return problem(
			`'${text}' has ${fields.length} fields; write six, seconds first, or five without seconds in haldane.dev/pollSchedule`,
		);
	const [seconds = "", ...rest] = fields.length === 5 ? [...fields, "*"] : fields;
	const bySecond = validateDetailed([seconds, ...rest].join(" "));
	if (!bySecond.valid) return problem(`'${text}' is no schedule: ${errorText(bySecond.errors)}`);
	const times = new Set(bySecond.fields?.second).size;
	const isEveryMinute = rest.every(isAny);
	const read =
		isEveryMinute && times > 1
			? every(Math.max(SHORTEST_MS, Math.floor(60 / times) * 1_000))
			: cronOf(text, rest.join(" "));
	if (!read.ok || (fields.length === 6 && times === 1)) return read;
	return {
		...read,
		note: `'${text}' begins with seconds, as keel reads it, and is taken as '${read.standard}'; if that is not meant, write haldane.dev/pollSchedule`,
	};
}

/** Five fields, minutes first. */
function cronOf(text: string, standard: string): ParsedSchedule {
	const { valid, errors } = validateDetailed(standard);
	if (!valid) return problem(`'${text}' is no schedule: ${errorText(errors)}`);
	const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(standard);
	const special = [...dayOfMonth, ...dayOfWeek].find((day) => typeof day === "string");
	if (special !== undefined)
		return problem(`'${text}' says ${special}; days can only be numbers, names, ranges and steps`);
	const [, , dayField = "", , weekdayField = ""] = standard.split(" ");
	const fields: CronFields = {
		minutes: ascending(minute),
		hours: ascending(hour),
		daysOfMonth: isAny(dayField) ? undefined : ascending(dayOfMonth),
		months: ascending(month),
		daysOfWeek: isAny(weekdayField) ? undefined : ascending(dayOfWeek),
	};
	return { ok: true, schedule: { kind: "cron", fields }, standard };
}

function errorText(errors: ReturnType<typeof validateDetailed>["errors"]): string {
	const [first] = errors;
	if (first === undefined) return FORMS;
	const value = first.value === undefined || first.value === "" ? "" : ` '${first.value}'`;
	return `${first.field}${value}: ${first.message}`;
}

function isAny(field: string): boolean {
	return field === "*" || field === "?";
}

function ascending(values: readonly (number | string)[]): readonly number[] {
	return [...new Set(values.map(Number))].sort((one, other) => one - other);
}

function problem(text: string): ParsedSchedule {
	return { ok: false, problem: text };
}
