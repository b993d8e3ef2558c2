import type { Instant } from "../../domain/instant.ts";

/** Wall-clock time as milliseconds since 1970-01-01 of that wall clock: what a UTC clock would have to show to read the same. */
export type LocalTime = number;

const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 1_440 * MINUTE;

/** Formatters are dear to make. There are some 600 zones, but their names may be written in any case. */
const FORMATS_MAX = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
	try {
		formatOf(name);
		return true;
	} catch {
		// RangeError is how Intl says that it knows no such zone.
		return false;
	}
}

/** How far the zone's wall clock is ahead of UTC at that instant, in milliseconds. UTC when no zone is given. */
export function offsetAt(instant: Instant, timeZone: string | undefined): number {
	if (timeZone === undefined) return 0;
	const whole = Math.floor(instant / SECOND) * SECOND;
	const part: Record<string, number> = {};
	for (const { type, value } of formatOf(timeZone).formatToParts(whole)) part[type] = Number(value);
	const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
	return daysOf({ year, month, day }) * DAY + ((hour * 60 + minute) * 60 + second) * SECOND - whole;
}

/** The first instant after `from` and up to `to` at which the zone's offset is another; `to` when a second apart. */
export function changeBetween(from: Instant, to: Instant, timeZone: string | undefined): Instant {
	const before = offsetAt(from, timeZone);
	let [low, high] = [Math.floor(from / SECOND), Math.ceil(to / SECOND)];
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		if (offsetAt(middle * SECOND, timeZone) === before) low = middle;
		else high = middle;
	}
	return high * SECOND;
}

/** A day of the Gregorian calendar; months and days count from 1. */
export interface CalendarDay {
	readonly year: number;
	readonly month: number;
	readonly day: number;
}

/** The calendar's day of a number of days since 1970-01-01. Years begin in March here, so that leap days come last. */
export function dayOf(days: number): CalendarDay {
	const shifted = days + 719_468;
	const era = Math.floor(shifted / 146_097);
	const dayOfEra = shifted - era * 146_097;
	const yearOfEra = Math.floor(
		(dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
	);
	const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
	const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
	return {
		year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
		month,
		day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
	};
}

/** Days since 1970-01-01; the inverse of `dayOf`. */
export function daysOf({ year, month, day }: CalendarDay): number {
	const marchYear = month <= 2 ? year - 1 : year;
	const era = Math.floor(marchYear / 400);
	const yearOfEra = marchYear - era * 400;
	const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
	const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
	return era * 146_097 + dayOfEra - 719_468;
}

/** 0 is Sunday, as in cron. */
export function weekdayOf(days: number): number {
	return (((days + 4) % 7) + 7) % 7;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
	const known = formats.get(timeZone);
	if (known !== undefined) return known;
	const made = new Intl.DateTimeFormat("en-US", {
		...{ timeZone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
		...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
	});
	if (formats.size >= FORMATS_MAX) formats.clear();
	formats.set(timeZone, made);
	return made;
}
