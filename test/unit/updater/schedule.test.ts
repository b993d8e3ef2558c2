import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantOf, timestamp } from "../../../src/domain/instant.ts";
import type { ChangeWindow } from "../../../src/updater/rule.ts";
import { dayOf, daysOf, offsetAt, weekdayOf } from "../../../src/updater/schedule/local-time.ts";
import { isOpen, isTimeZone, mayChange, nextAfter, parseSchedule } from "../../../src/updater/schedule.ts";

const at = (text: string): number => instantOf(text) as number;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function scheduleOf(text: string) {
	const parsed = parseSchedule(text, "standard");
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.schedule;
}

describe("a schedule is read", () => {
	test.each([
		["@every 90s", "standard", "@every 1m30s"],
		["  @every  5m ", "keel", "@every 5m"],
		["@hourly", "standard", "0 * * * *"],
		["@daily", "keel", "0 0 * * *"],
		["@Weekly", "keel", "0 0 * * 0"],
		["@monthly", "keel", "0 0 1 * *"],
		["@yearly", "keel", "0 0 1 1 *"],
		["*/5 * * * *", "standard", "*/5 * * * *"],
		["0 */5 * * * *", "keel", "*/5 * * * *"],
		["30 0 9 * * MON-FRI", "keel", "0 9 * * MON-FRI"],
	] as const)("%s (%s) as %s", (text, dialect, standard) => {
		expect(parseSchedule(text, dialect)).toMatchObject({ ok: true, standard });
		expect(parseSchedule(text, dialect)).not.toHaveProperty("note");
		expect(parseSchedule(standard, "standard")).toMatchObject({ ok: true, standard });
	});

	test.each([
		["*/5 * * * *", "keel", "@every 10s"],
		["*/20 * * * *", "keel", "@every 20s"],
		["0 * * * *", "keel", "* * * * *"],
		["0 0 9 * *", "keel", "0 9 * * *"],
		["*/10 0 9 * * *", "keel", "0 9 * * *"],
		["@every 1s", "standard", "@every 10s"],
	] as const)("%s (%s) as %s, and it is said so", (text, dialect, standard) => {
		const parsed = parseSchedule(text, dialect);
		expect(parsed).toMatchObject({ ok: true, standard });
		expect(parsed.ok && parsed.note).toContain(`'${text}' `);
	});

	test.each([
		["", "standard", "is empty; write five fields"],
		["  ", "keel", "is empty; write five fields"],
		["@every", "standard", "'@every' is not known; write five fields"],
		["@every 5", "standard", "'5' is not a duration; write it like @every 90s"],
		["@every 99999h", "standard", "'99999h' is too long; the most is 8760h"],
		["@often", "keel", "'@often' is not known"],
		["5m", "standard", "'5m' has 1 fields; write five fields"],
		["0 0 9 * * 1-5", "standard", "'0 0 9 * * 1-5' has 6 fields, and there is none for seconds"],
		["* * *", "keel", "'* * *' has 3 fields; write six, seconds first"],
		["60 * * * *", "standard", "'60 * * * *' is no schedule: "],
		["60 * * * *", "keel", "'60 * * * *' is no schedule: "],
		["0 9 31 2 *", "standard", "is no schedule: "],
		["0 9 L * *", "standard", "'0 9 L * *' says L; days can only be numbers, names, ranges and steps"],
		["0 9 * * 5#2", "standard", "says 5#2"],
		["x".repeat(300), "standard", "is longer than 256 characters"],
	] as const)("never from %j (%s)", (text, dialect, problem) => {
		const parsed = parseSchedule(text, dialect);
		expect(parsed.ok ? parsed : parsed.problem).toContain(problem);
	});

	test("without throwing, whatever it is", () => {
		const field = fc.constantFrom("*", "*/5", "1-3", "MON", "L", "?", "x", "-", "1,2", "59", "*/0", "5-1", ",");
		const text = fc.oneof(
			fc.string({ maxLength: 40 }),
			fc.array(field, { minLength: 4, maxLength: 7 }).map((fields) => fields.join(" ")),
		);
		fc.assert(
			fc.property(text, fc.constantFrom("standard", "keel"), (given, dialect) => {
				const parsed = parseSchedule(given, dialect as "standard" | "keel");
				if (parsed.ok) expect(parseSchedule(parsed.standard, "standard").ok).toBe(true);
				else expect(parsed.problem.length).toBeLessThan(500);
			}),
		);
	});
});

describe("the next time", () => {
	test.each([
		["of @every is counted", "@every 90s", undefined, "2026-01-01T00:00:07Z", "2026-01-01T00:01:37Z"],
		["is a whole minute", "* * * * *", undefined, "2026-01-01T00:00:07Z", "2026-01-01T00:01:00Z"],
		["is never now", "* * * * *", undefined, "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"],
		["is today", "0 9 * * *", undefined, "2026-01-01T08:59:59Z", "2026-01-01T09:00:00Z"],
		["is tomorrow", "0 9 * * *", undefined, "2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"],
		["is on a weekday", "0 9 * * 1-5", undefined, "2026-11-20T10:00:00Z", "2026-11-23T09:00:00Z"],
		["is on a Sunday, which is 0 or 7", "0 9 * * 7", undefined, "2026-11-20T10:00:00Z", "2026-11-22T09:00:00Z"],
		[
			"is by day or weekday when both are given",
			"0 0 13 * 5",
			undefined,
			"2026-11-21T00:00:00Z",
			"2026-11-27T00:00:00Z",
		],
		["is in a leap year", "0 12 29 2 *", undefined, "2026-03-01T00:00:00Z", "2028-02-29T12:00:00Z"],
		["is in the zone's time", "0 9 * * *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-01-01T08:00:00Z"],
		["is in the zone's summer time", "0 9 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z"],
		["is months away", "0 9 1 7 *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-07-01T07:00:00Z"],
		["of any hour is months away", "0 * 1 7 *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-06-30T22:00:00Z"],
		[
			"of any hour is after many changes",
			"0 * 29 2 *",
			"Africa/Casablanca",
			"2024-03-01T00:00:00Z",
			"2028-02-29T00:00:00Z",
		],
		["is by half an hour", "0 9 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", "2026-01-01T03:30:00Z"],
		// The clock of Berlin goes from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October, both at 1:00 UTC.
		["left out is right after", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"],
		[
			"left out is not made up for twice",
			"30 2 * * *",
			"Europe/Berlin",
			"2026-03-29T01:00:00Z",
			"2026-03-30T00:30:00Z",
		],
		[
			"of every half hour leaves nothing out",
			"*/30 * * * *",
			"Europe/Berlin",
			"2026-03-29T00:30:00Z",
			"2026-03-29T01:00:00Z",
		],
		[
			"at a half hour is not made up for",
			"30 * * * *",
			"Europe/Berlin",
			"2026-03-29T00:30:00Z",
			"2026-03-29T01:30:00Z",
		],
		["shown twice is the first", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"],
		["shown twice is not the second", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
		["of every hour is each of both", "30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
		["goes on after both", "30 * * * *", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
		[
			"left out by half an hour is right after",
			"15 2 * * *",
			"Australia/Lord_Howe",
			"2026-10-03T00:00:00Z",
			"2026-10-03T15:30:00Z",
		],
	])("%s", (_claim, text, timeZone, after, expected) => {
		expect(timestamp(nextAfter(scheduleOf(text), at(after), timeZone) ?? 0)).toBe(timestamp(at(expected)));
	});

	test("is none when the day never comes within sight", () => {
		// The days of the week are left open, so only the 29th of February counts; 2100 is no leap year.
		expect(nextAfter(scheduleOf("0 0 29 2 *"), at("2096-03-01T00:00:00Z"))).toBe(at("2104-02-29T00:00:00Z"));
	});

	const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"];
	const hours = fc.constantFrom("*", "2", "1,2,3", "0", "23", "*/6", "0-23");
	const minutes = fc.constantFrom("0", "30", "*/15", "59", "5,45");
	/** Around changes of the clock more often than not. */
	const when = fc.oneof(
		fc
			.constantFrom(
				"2026-03-29T01:00Z",
				"2026-10-25T01:00Z",
				"2026-03-08T07:00Z",
				"2026-11-01T06:00Z",
				"2026-10-03T15:30Z",
			)
			.chain((text) => fc.integer({ min: -300, max: 300 }).map((by) => at(text) + by * 60_000 + 7)),
		fc.integer({ min: at("2020-01-01T00:00Z"), max: at("2030-01-01T00:00Z") }),
	);

	test("is the first minute at which the wall clock shows what is wanted", () => {
		fc.assert(
			fc.property(hours, minutes, fc.constantFrom(...zones), when, (hour, minute, zone, after) => {
				const schedule = scheduleOf(`${minute} ${hour} * * *`);
				if (schedule.kind !== "cron") throw new Error("no cron");
				const { fields } = schedule;
				const isShown = (instant: number) => {
					const local = Math.floor((instant + offsetAt(instant, zone)) / 60_000) % 1_440;
					return fields.hours.includes(Math.floor(local / 60)) && fields.minutes.includes(local % 60);
				};
				const offset = (instant: number) => offsetAt(instant, zone);
				const next = nextAfter(schedule, after, zone) as number;
				expect(next).toBeGreaterThan(after);
				expect(next - after).toBeLessThan(2 * DAY + 2 * HOUR);
				// What the clock leaps over is due where it lands.
				if (!isShown(next)) expect(offset(next)).toBeGreaterThan(offset(next - 60_000));
				for (let one = Math.floor(after / 60_000) * 60_000 + 60_000; one < next; one += 60_000) {
					// Passed over is only what the clock shows for the second time, and then only when certain hours are wanted.
					if (isShown(one)) {
						expect(offset(one)).toBeLessThan(offset(one - 2 * HOUR));
						expect(fields.hours.length).toBeLessThan(24);
					}
				}
			}),
			{ numRuns: 150 },
		);
	});
});

describe("the calendar", () => {
	test("is the same both ways", () => {
		fc.assert(
			fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
				expect(daysOf(dayOf(days))).toBe(days);
				const [year, month, day] = timestamp(days * DAY)
					.split(/(?<=\d)-|T/)
					.map(Number);
				expect(dayOf(days)).toEqual({ year, month, day });
			}),
		);
	});

	test("has its weekdays", () => {
		expect([-1, 0, 3, 4].map(weekdayOf)).toEqual([3, 4, 0, 1]);
	});

	test("knows zones, and what is none", () => {
		expect(["Europe/Berlin", "UTC", "Middle/Earth", ""].map(isTimeZone)).toEqual([true, true, false, false]);
	});
});

const office: ChangeWindow = { cron: "0 9 * * 1-5", durationMs: 8 * HOUR, timeZone: "Europe/Berlin" };
const yearsEnd: ChangeWindow = { cron: "0 0 20 12 *", durationMs: 14 * DAY };

describe("a change window", () => {
	test.each([
		["is open from its cron on", office, "2026-11-20T08:00:00Z", true, "2026-11-20T16:00:00Z"],
		["is open until its end", office, "2026-11-20T15:59:59Z", true, "2026-11-20T16:00:00Z"],
		["is closed at its end", office, "2026-11-20T16:00:00Z", false, "2026-11-23T08:00:00Z"],
		["is closed before", office, "2026-11-20T07:59:59Z", false, "2026-11-20T08:00:00Z"],
		["lasts for days", yearsEnd, "2027-01-01T12:00:00Z", true, "2027-01-03T00:00:00Z"],
	] as const)("%s", (_claim, window, now, open, changes) => {
		expect(isOpen(window, at(now))).toEqual({ open, changesAt: at(changes) });
	});

	test("that begins again before it ends goes on", () => {
		const window = { cron: "0 8-10 * * *", durationMs: HOUR };
		expect(isOpen(window, at("2026-01-01T08:30Z"))).toEqual({ open: true, changesAt: at("2026-01-01T11:00Z") });
	});

	test("that never ends has no end", () => {
		expect(isOpen({ cron: "0 0 * * *", durationMs: DAY }, at("2026-01-01T08:30Z"))).toEqual({ open: true });
	});

	test("must have been read before", () => {
		expect(() => isOpen({ cron: "often", durationMs: DAY }, 0)).toThrow("'often' is no cron of a change window");
	});
});

describe("a change", () => {
	test("may be made any time where nothing is said", () => {
		expect(mayChange([], [], 0)).toEqual({ now: true });
	});

	test("may be made in any of the windows", () => {
		const night = { cron: "0 22 * * *", durationMs: HOUR };
		expect(mayChange([office, night], [], at("2026-11-20T10:00Z"))).toEqual({ now: true });
		expect(mayChange([office, night], [], at("2026-11-20T22:30Z"))).toEqual({ now: true });
	});

	test("waits for the first of the windows", () => {
		expect(mayChange([office], [], at("2026-11-20T18:00Z"))).toEqual({
			now: false,
			at: at("2026-11-23T08:00Z"),
			why: "no change window is open until 2026-11-23T08:00:00.000Z",
		});
	});

	test("waits for the end of a freeze, and for the window after it", () => {
		// The freeze ends on Sunday, 3 January 2027, at 0:00 UTC.
		expect(mayChange([office], [yearsEnd], at("2026-12-22T10:00Z"))).toEqual({
			now: false,
			at: at("2027-01-04T08:00Z"),
			why: "changes are frozen until 2027-01-04T08:00:00.000Z",
		});
	});

	test("never comes in a freeze without end, and it is said so", () => {
		const always = { cron: "0 0 * * *", durationMs: DAY };
		expect(mayChange([], [always], at("2026-12-22T10:00Z"))).toEqual({
			now: false,
			why: "changes are frozen, and no end of that is in sight",
		});
	});

	test("is asked about again where a freeze begins so often that its end is not counted to", () => {
		const days = { cron: "* 8-18 * * *", durationMs: 5 * 60_000 };
		const from = at("2026-11-20T12:00Z");
		const answer = mayChange([], [days], from);
		expect(answer).toEqual({
			now: false,
			at: at("2026-11-20T13:41Z"),
			orLater: true,
			why: "changes are frozen until 2026-11-20T13:41:00.000Z at least",
		});
		let asked: number | undefined = from;
		for (let times = 0; times < 10 && asked !== undefined; times++) {
			const next = mayChange([], [days], asked);
			if (next.now) break;
			asked = next.at;
		}
		expect(asked).toBe(at("2026-11-20T19:04Z"));
	});

	test("may be made when it was said that it may", () => {
		const window = fc.record({
			cron: fc.constantFrom("0 9 * * *", "30 2 * * 0", "0 */4 * * *", "0 0 1 * *"),
			durationMs: fc.constantFrom(HOUR, 5 * HOUR, 2 * DAY),
			timeZone: fc.constantFrom(undefined, "Europe/Berlin", "America/New_York"),
		});
		const windows = fc.array(window, { maxLength: 2 });
		const now = fc.integer({ min: at("2026-01-01T00:00Z"), max: at("2027-01-01T00:00Z") });
		fc.assert(
			fc.property(windows, windows, now, (open, frozen, instant) => {
				const answer = mayChange(open, frozen, instant);
				if (answer.now || answer.at === undefined) return;
				expect(answer.at).toBeGreaterThan(instant);
				if (answer.orLater) return;
				expect(mayChange(open, frozen, answer.at)).toEqual({ now: true });
				expect(mayChange(open, frozen, answer.at - 1).now).toBe(false);
			}),
		);
	});
});
