import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, type Cost, clip, jsonBytes, printable, units } from "../../../src/notify/notifiers/text.ts";

const costs: readonly (readonly [string, Cost, (text: string) => number])[] = [
	["units", units, (text) => text.length],
	["bytes", bytes, (text) => Buffer.byteLength(text)],
	["JSON bytes", jsonBytes, (text) => Buffer.byteLength(JSON.stringify(text)) - 2],
];

describe.each(costs)("a text clipped by %s", (_name, cost, measure) => {
	const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "binary", minLength: 50 }));

	test("keeps within the limit, stays well-formed, and begins as it did", () => {
		fc.assert(
			fc.property(anyText, fc.integer({ min: 0, max: 60 }), (text, max) => {
				const clipped = clip(text, max, cost);
				expect(measure(clipped)).toBeLessThanOrEqual(max);
				expect(clipped.isWellFormed()).toBe(true);
				expect(text.toWellFormed().startsWith(clipped.replace(/…$/, ""))).toBe(true);
			}),
		);
	});

	test("is whole when it fits", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				const wellFormed = text.toWellFormed();
				expect(clip(wellFormed, measure(wellFormed), cost)).toBe(wellFormed);
			}),
		);
	});
});

test("a clipped text does not cut a character in two", () => {
	expect(clip("ab🎉cd", 4)).toBe("ab…");
	expect(clip("ab\ud83d", 10)).toBe("ab\ufffd");
});

test.each([
	["a bell and a null", "a\u0007b\u0000c", "a b c"],
	["lines and tabs stay", "a\n\tb", "a\n\tb"],
	["nothing", "", "–"],
	["blanks", " \n ", "–"],
])("what is printed of %s", (_name, text, printed) => {
	expect(printable(text)).toBe(printed);
});
