import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPattern } from "../../../../src/updater/selection/pattern.ts";

const groups = (source: string, text: string) => {
	const read = readPattern(source);
	return read.ok ? read.pattern.groups(text) : read.problem;
};

describe("a pattern", () => {
	test.each<[string, string, string, Readonly<Record<string, string>> | undefined]>([
		["matches anywhere", "b+", "abbc", { 0: "bb" }],
		["can be held to the ends", "^b+$", "abb", undefined],
		["has Go's edges too", "\\Aab\\z", "ab", { 0: "ab" }],
		["prefers the first choice", "a|ab", "ab", { 0: "a" }],
		["takes as much as it can", "a*", "aaa", { 0: "aaa" }],
		["takes as little as it can", "a+?", "aaa", { 0: "a" }],
		["counts", "^(\\d{2,3})(\\d*)$", "12345", { 0: "12345", 1: "123", 2: "45" }],
		["counts to exactly", "^(?:\\.\\d){2}$", ".1.2", { 0: ".1.2" }],
		["has Go's named groups", "(?P<n>\\d+)", "v12", { 0: "12", 1: "12", n: "12" }],
		["has the other named groups", "(?<n>\\d+)", "v12", { 0: "12", 1: "12", n: "12" }],
		["leaves out what took no part", "(a)|(b)", "b", { 0: "b", 2: "b" }],
		["has sets", "[a-c_.-]+", "xa.b-c_d", { 0: "a.b-c_" }],
		["has sets of everything else", "[^0-9]+", "12ab", { 0: "ab" }],
		["has sets with a bracket", "[]x]+", "a]x", { 0: "]x" }],
		["has classes in sets", "[\\d[:upper:]]+", "a1B", { 0: "1B" }],
		["has classes of everything else", "\\D\\W", "1a-", { 0: "a-" }],
		["ignores case when told", "(?i)^RC[a-c]$", "rcB", { 0: "rcB" }],
		["has escaped signs", "\\.\\$\\-", "x.$-", { 0: ".$-" }],
		["takes a brace for itself", "a{b", "a{b", { 0: "a{b" }],
		["keeps the last round of a group", "(?:(a)|b)*", "ab", { 0: "ab", 1: "a" }],
		["may be empty", "", "x", { 0: "" }],
	])("%s", (_what, source, text, expected) => {
		expect(groups(source, text)).toEqual(expected);
	});

	test.each([
		["(a", "has a ( without its )"],
		["a)", "has a ) without its ("],
		["[a", "has a [ without its ]"],
		["*a", "has a * with nothing before it"],
		["a**", "repeats what cannot be repeated"],
		["a{3,1}", "repeats something {3,1} times; at most 200 are understood"],
		["a{999}", "repeats something {999} times; at most 200 are understood"],
		["(a{100}){100}", "repeats too much; shorten it"],
		["[z-a]", "has the range z-a the wrong way round"],
		["[[:vowel:]]", "names the unknown class [:vowel:]"],
		["(?=a)", "looks ahead or behind, or sets flags in the middle, which is not understood"],
		["(?<!a)b", "looks ahead or behind, or sets flags in the middle, which is not understood"],
		["(a)\\1", "has \\1, which is not understood"],
		["\\bx", "has \\b, which is not understood"],
		["a\\", "has \\, which is not understood"],
		["a".repeat(257), "is longer than 256 characters"],
	])("that reads %s is refused", (source, problem) => {
		expect(groups(source, "x")).toBe(problem);
	});

	test("takes time by the text's length, where others take for ever", () => {
		const text = `${"a".repeat(127)}!`;
		for (const source of ["^(a+)+$", "^(a|aa)*$", "^(a*)*b$", "^a*a*a*a*a*a*a*b$", "^(?:a?){100}a{100}$"])
			expect(groups(source, text)).toBeUndefined();
	});

	test("understands what JavaScript understands, wherever both read it", () => {
		const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\d", "(a)", "(?:b)", "(a|b)", "(?:ab|a)", "(b?)");
		const counted = fc
			.tuple(atom, fc.constantFrom("", "", "?", "*", "+", "{2}", "{1,2}", "*?", "+?", "??"))
			.map((both) => both.join(""));
		const source = fc
			.tuple(
				fc.constantFrom("", "^"),
				fc.array(fc.oneof(counted, fc.constant("|")), { maxLength: 5 }),
				fc.constantFrom("", "$"),
			)
			.map(([from, parts, to]) => `${from}${parts.join("")}${to}`);
		const text = fc.string({ unit: fc.constantFrom("a", "b", "1", "-"), maxLength: 8 });
		fc.assert(
			fc.property(source, text, (pattern, of) => {
				const found = new RegExp(pattern).exec(of);
				expect(groups(pattern, of)).toEqual(found === null ? undefined : expect.objectContaining({ 0: found[0] }));
				const read = readPattern(pattern);
				expect(read.ok && read.pattern.matches(of)).toBe(new RegExp(pattern).test(of));
			}),
			{ numRuns: 1_000 },
		);
	});

	test("never throws, whatever it is", () => {
		const sign = fc.constantFrom(..."()[]{}*+?|^$\\.-:<>P=!ad09,");
		const source = fc.oneof(fc.string({ unit: sign, maxLength: 20 }), fc.string({ unit: "binary" }));
		fc.assert(
			fc.property(source, fc.string(), (pattern, of) => void groups(pattern, of)),
			{ numRuns: 1_000 },
		);
	});
});
