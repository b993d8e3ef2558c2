import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpositionError, parseExposition } from "../../../../src/sandbox/prometheus/exposition.ts";
import { formatBound, formatPlain, formatSample, parseGoFloat } from "../../../../src/sandbox/prometheus/go-float.ts";

const linesOf = (text: string) =>
	parseExposition(text).samples.map(
		({ labels, value, timeMs }) => `${labels} ${value}${timeMs === undefined ? "" : ` @${timeMs}`}`,
	);

describe("exposition text", () => {
	test.each([
		["a name alone", "up 1", '{__name__="up"} 1'],
		["labels", 'a{b="c",d="e"} 2.5', '{__name__="a", b="c", d="e"} 2.5'],
		["blanks and a comma at the end", '  a { b = "c" , } \t 2  ', '{__name__="a", b="c"} 2'],
		["no labels in braces", "a{} 1", '{__name__="a"} 1'],
		["an empty label, which is none", 'a{b=""} 1', '{__name__="a"} 1'],
		["escapes", String.raw`a{b="\\ \" \n \x"} 1`, String.raw`{__name__="a", b="\\ \" \n \\x"} 1`],
		["braces, commas and # in values", 'a{b="},{#"} 1', '{__name__="a", b="},{#"} 1'],
		["a colon in the name", "a:b 1", '{__name__="a:b"} 1'],
		["a time", "a 1 1700000000123", '{__name__="a"} 1 @1700000000123'],
		["a time before 1970", "a 1 -5", '{__name__="a"} 1 @-5'],
		["no number", "a NaN", '{__name__="a"} NaN'],
		["infinity", "a +Inf", '{__name__="a"} Infinity'],
		["less than everything", "a -Inf", '{__name__="a"} -Infinity'],
		["an exponent", "a 1.5E-3", '{__name__="a"} 0.0015'],
		["a quoted name", '{"a.b",c="d"} 1', '{__name__="a.b", c="d"} 1'],
		["a carriage return", "a 1\r", '{__name__="a"} 1'],
	])("reads %s", (_what, text, expected) => {
		expect(linesOf(text)).toEqual([expected]);
	});

	test("keeps what HELP and TYPE say, and passes over comments and empty lines", () => {
		const { types, helps, samples } = parseExposition(
			String.raw`# HELP a Of \\ and \n it.
# TYPE a counter
#just so
# EOF

a 1`,
		);
		expect([types.get("a"), helps.get("a"), samples.length]).toEqual(["counter", "Of \\ and \n it.", 1]);
	});

	test("writes the bounds of what is typed in one form", () => {
		const text =
			'# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\n# TYPE s summary\ns{quantile="0"} 1\n# TYPE g gauge\ng{le="1"} 1';
		expect(linesOf(text).map((line) => /"([^"]*)"\} /.exec(line)?.[1])).toEqual(["1.0", "+Inf", "0.0", "1"]);
	});

	test.each([
		["no value", "a"],
		["a value that is none", "a one"],
		["a value with underscores", "a 1_000"],
		["no closing brace", 'a{b="c" 1'],
		["a label without a value", "a{b} 1"],
		["a label without quotes", "a{b=c} 1"],
		["a value that does not end", 'a{b="c} 1'],
		["no comma", 'a{b="c"d="e"} 1'],
		["two commas", 'a{b="c",,} 1'],
		["a name that begins with a digit", "1a 1"],
		["no name", '{b="c"} 1'],
		["a label twice", 'a{b="c",b="d"} 1'],
		["a time that is none", "a 1 now"],
		["a fourth word", "a 1 2 3"],
		["an unknown type", "# TYPE a thing"],
	])("refuses %s, and says in which line", (_what, text) => {
		expect(() => parseExposition(`ok 1\n${text}\n`)).toThrow(ExpositionError);
		expect(() => parseExposition(`ok 1\n${text}\n`)).toThrow("line 2: ");
	});

	test("gives every value and every label back", () => {
		const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
		const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((value) => !value.includes("\r"));
		fc.assert(
			fc.property(text, fc.double(), (value, number) => {
				const [sample] = parseExposition(`a{b="${escaped(value)}"} ${formatPlain(number)}`).samples;
				expect(sample?.labels.get("b")).toBe(value);
				expect(sample?.value).toBe(number);
			}),
		);
	});
});

describe("numbers as Go writes them", () => {
	test.each([
		[1, "1", "1", "1.0"],
		[0.1, "0.1", "0.1", "0.1"],
		[-0, "-0", "-0", "-0.0"],
		[1e21, "1000000000000000000000", "1e+21", "1e+21"],
		[1.25e-7, "0.000000125", "1.25e-07", "1.25e-07"],
		[1e-6, "0.000001", "0.000001", "1e-06"],
		[123456789, "123456789", "123456789", "1.23456789e+08"],
		[1e100, `1${"0".repeat(100)}`, "1e+100", "1e+100"],
		[Number.NaN, "NaN", "NaN", "NaN"],
		[Number.POSITIVE_INFINITY, "+Inf", "+Inf", "+Inf"],
		[Number.NEGATIVE_INFINITY, "-Inf", "-Inf", "-Inf"],
	])("%d", (value, plain, sample, bound) => {
		expect([formatPlain(value), formatSample(value), formatBound(value)]).toEqual([plain, sample, bound]);
	});

	test.each([
		["0x1p4", 16],
		["0x1.8p-1", 0.75],
		["inf", Number.POSITIVE_INFINITY],
		["-Infinity", Number.NEGATIVE_INFINITY],
		[".5", 0.5],
		["5.", 5],
		["", undefined],
		[".", undefined],
		["1e", undefined],
		["0x1", undefined],
		["0xp1", undefined],
		[" 1", undefined],
	])("reads %s", (text, expected) => {
		expect(parseGoFloat(text)).toBe(expected);
	});

	test("no digit is lost", () => {
		fc.assert(
			fc.property(fc.double(), (value) => {
				for (const format of [formatPlain, formatSample, formatBound]) expect(parseGoFloat(format(value))).toBe(value);
			}),
		);
	});
});
