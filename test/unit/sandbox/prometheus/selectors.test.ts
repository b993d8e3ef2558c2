import { describe, expect, test } from "vitest";
import { anchored } from "../../../../src/sandbox/prometheus/matcher.ts";
import { ask, over, stored } from "./stored.ts";

describe("an instant selector", () => {
	const store = stored('up{job="a"} 1', 'up{job="b"} 2 gone', 'up{job="c"} 3 gone 5');

	test("looks back for less than five minutes", () => {
		expect(ask(store, 'up{job="a"}', 309.999)).toEqual(['{__name__="up", job="a"} 1']);
		expect(ask(store, 'up{job="a"}', 310)).toEqual([]);
		expect(ask(store, "up", 9.999)).toEqual([]);
	});

	test("no longer sees a series that is gone, until it is back", () => {
		expect(ask(store, "up", 19)).toHaveLength(3);
		expect(ask(store, "up", 20)).toEqual(['{__name__="up", job="a"} 1']);
		expect(ask(store, "up", 30)).toEqual(['{__name__="up", job="a"} 1', '{__name__="up", job="c"} 5']);
	});

	test("of a range does not see the marks", () => {
		expect(ask(store, "up[1m]", 60)).toEqual([
			'{__name__="up", job="a"} 1',
			'{__name__="up", job="b"} 2',
			'{__name__="up", job="c"} 3 5',
		]);
	});

	test.each([
		['up{job="a"}', "a"],
		['up{job!="a"}', "bc"],
		['up{job=~"a|b"}', "ab"],
		['up{job!~"a|b"}', "c"],
		// The whole value has to fit, and a label that is missing is empty.
		['up{job=~"."}', "abc"],
		['up{job=~"x?"}', ""],
		['up{other=""}', "abc"],
		['up{other!=""}', ""],
		['{__name__=~"u.", job="b"}', "b"],
		['{"up", "job"="c"}', "c"],
	])("%s", (query, jobs) => {
		expect(
			ask(store, query, 15)
				.map((line) => /job="(.)"/.exec(line)?.[1])
				.join(""),
		).toBe(jobs);
	});
});

describe("when a selector looks", () => {
	const store = stored("n 1 2 3 4 5 6 7 8 9 10");

	test.each([
		["n offset 20s", "4"],
		["n offset -20s", "8"],
		["n @ 30", "3"],
		["n @ 30 offset 10s", "2"],
		["n offset 10s @ 30", "2"],
		["n @ start()", "6"],
		["n @ end()", "6"],
		["sum_over_time(n[20s] offset 10s)", "9"],
		["sum_over_time(n[30s:10s])", "15"],
		["sum_over_time(n[30s:20s] offset 10s)", "4"],
		["sum_over_time(n[25s:10s] @ 30)", "6"],
		["1 + n offset 20s * 2", "9"],
		["-n offset 20s", "-4"],
		["-n ^ 2", "-36"],
	])("%s", (query, value) => {
		expect(ask(store, query, 60).map((line) => line.split(" ").at(-1))).toEqual([value]);
	});

	test("a range of time has the same answer at each of its moments, but for its ends", () => {
		expect(over(store, "n @ end() - n @ start() + n", 30, 50, 10)).toEqual(["{} 5@30 6@40 7@50"]);
		expect(over(store, "time()", 1, 2, 0.5)).toEqual(["{} 1@1 1.5@1.5 2@2"]);
		expect(over(store, "n > 5", 50, 70, 10)).toEqual(['{__name__="n"} 6@60 7@70']);
	});
});

describe("patterns", () => {
	test.each([
		["a.c", "a\nc", true],
		["a|bc", "abc", false],
		["(?i)AbC", "aBc", true],
		["(?P<x>a)+", "aaa", true],
		["a\\.b\\-c", "a.b-c", true],
		["\\d{2,}", "7", false],
		["[^/]+/.*", "a/b/c", true],
		["\\x41", "A", true],
		["", "", true],
	])("%s and %j", (pattern, text, fits) => {
		expect(anchored(pattern).test(text)).toBe(fits);
	});

	test.each([
		"(",
		"a**",
		"(?=a)",
		"(?!a)",
		"(?<=a)b",
		"(a)\\1",
		"\\pL",
		"\\Qa",
		"\\A",
		"\\u0041",
		"[[:alpha:]]",
		"[b-a]",
		"a\\",
	])("%s is refused", (pattern) => {
		expect(() => anchored(pattern)).toThrow("error parsing regexp: ");
	});

	test.each(["\\\\pL", "[(?=]", "\\(\\?="])("%s is not what it looks like", (pattern) => {
		expect(() => anchored(pattern)).not.toThrow();
	});
});
