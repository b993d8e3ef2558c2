import { expect, test } from "vitest";
import { ageOf, humanDuration } from "../../../../../src/sandbox/discovery/tables/ages.ts";

const [minute, hour, day, year] = [60, 3600, 86_400, 365 * 86_400];

test.each([
	[-5, "<invalid>"],
	[-1, "0s"],
	[5, "5s"],
	[119, "119s"],
	[150, "2m30s"],
	[2 * minute, "2m"],
	[10 * minute + 59, "10m"],
	[179 * minute, "179m"],
	[3 * hour + 5 * minute, "3h5m"],
	[9 * hour + 5 * minute, "9h"],
	[47 * hour, "47h"],
	[4 * day + 2 * hour, "4d2h"],
	[8 * day + 2 * hour, "8d"],
	[year + 3 * day, "368d"],
	[2 * year + 3 * day, "2y3d"],
	[9 * year + 3 * day, "9y"],
])("%d seconds are %s", (seconds, said) => {
	expect(humanDuration(seconds * 1000)).toBe(said);
});

test.each([
	["an age", "2026-01-01T00:00:00Z", "60s"],
	["no time", undefined, "<unknown>"],
	["a time that is empty", "", "<unknown>"],
	["a time yet to come", "2026-01-01T01:00:00Z", "<invalid>"],
	["what is no time", "soon", "<invalid>"],
])("%s", (_name, timestamp, said) => {
	expect(ageOf(timestamp, Date.parse("2026-01-01T00:01:00Z"))).toBe(said);
});
