import type { Instant } from "../../domain/instant.ts";
import { changeBetween, DAY, dayOf, type LocalTime, MINUTE, offsetAt, weekdayOf } from "./local-time.ts";
import type { CronFields, Schedule } from "./parse.ts";

/** Some 8 years: between 29 February of 2096 and of 2104 nothing longer lies. */
const DAYS_MAX = 8 * 366 + 1;
/** How often one search may meet a change of the clock: no zone has more than 4 a year. */
const TRIES_MAX = 64;

/**
 * The first instant after `after` at which the schedule is due, undefined when none comes within 8 years.
 *
 * `@every` counts from `after`. Of cron the fields are those of the zone's wall clock, UTC when none is given. Where both
 * days are given, either will do. When the clock is put forward, what was due in the hour left out is due right after it;
 * when it is put back, what is due at certain hours is due once, the first time; what is due every hour goes on as if
 * nothing had happened.
 */
export function nextAfter(schedule: Schedule, after: Instant, timeZone?: string): Instant | undefined {
	if (schedule.kind === "every") return after + schedule.everyMs;
	const { fields } = schedule;
	return fields.hours.length === 24 ? nextByElapsing(fields, after, timeZone) : nextByClock(fields, after, timeZone);
}

/** Follows time itself: each stretch with one offset is searched by itself. */
function nextByElapsing(fields: CronFields, after: Instant, timeZone: string | undefined): Instant | undefined {
	let from = Math.floor(after / MINUTE) * MINUTE + MINUTE;
	for (let tries = 0; tries < TRIES_MAX; tries += 1) {
		const offset = offsetAt(from, timeZone);
		const local = nextLocal(fields, from + offset);
		if (local === undefined) return undefined;
		const found = local - offset;
		if (offsetAt(found, timeZone) === offset) return found;
		// The clock was changed on the way there: what follows is counted from then on.
		from = changeBetween(from, found, timeZone);
	}
	return undefined;
}

/** Follows the wall clock: each time on it is due once. */
function nextByClock(fields: CronFields, after: Instant, timeZone: string | undefined): Instant | undefined {
	let local = after + offsetAt(after, timeZone);
	for (let tries = 0; tries < TRIES_MAX; tries += 1) {
		const found = nextLocal(fields, Math.floor(local / MINUTE) * MINUTE + MINUTE);
		if (found === undefined) return undefined;
		const due = instantOf(found, timeZone);
		if (due > after) return due;
		local = found;
	}
	return undefined;
}

/** When the clock shows that for the first time; when it never does, when it leaps over it. */
function instantOf(local: LocalTime, timeZone: string | undefined): Instant {
	const before = offsetAt(local - DAY, timeZone);
	const afterwards = offsetAt(local + DAY, timeZone);
	const shown = [local - before, local - afterwards]
		.filter((instant) => instant + offsetAt(instant, timeZone) === local)
		.sort((one, other) => one - other);
	return shown[0] ?? changeBetween(local - afterwards - MINUTE, local - before, timeZone);
}

/** The first time of the fields that is not before `from`, on a clock without zone. */
function nextLocal(fields: CronFields, from: LocalTime): LocalTime | undefined {
	const first = Math.floor(from / DAY);
	for (let day = first; day < first + DAYS_MAX; day += 1) {
		if (!isDue(fields, day)) continue;
		const minute = minuteOfDay(fields, day === first ? (from - first * DAY) / MINUTE : 0);
		if (minute !== undefined) return day * DAY + minute * MINUTE;
	}
	return undefined;
}

function isDue({ daysOfMonth, months, daysOfWeek }: CronFields, days: number): boolean {
	const { month, day } = dayOf(days);
	if (!months.includes(month)) return false;
	const byDay = daysOfMonth?.includes(day);
	const byWeekday = daysOfWeek?.includes(weekdayOf(days));
	// As cron has it since ever: two conditions on the day are an "or".
	if (byDay !== undefined && byWeekday !== undefined) return byDay || byWeekday;
	return byDay ?? byWeekday ?? true;
}

/** The first minute of a day that is due and not before `from`. */
function minuteOfDay({ hours, minutes }: CronFields, from: number): number | undefined {
	for (const hour of hours) {
		const minute = minutes.find((one) => hour * 60 + one >= from);
		if (minute !== undefined) return hour * 60 + minute;
	}
	return undefined;
}
