import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contains, covers, equal } from "../../../src/domain/contains.ts";

describe("what an object says", () => {
	test.each([
		["nothing is asked", { a: 1 }, {}, true, true],
		["others wrote beside it", { a: 1, b: 2 }, { a: 1 }, true, true],
		["others wrote beside it, further in", { m: { a: 1, b: 2 } }, { m: { a: 1 } }, true, true],
		["a key is missing", { a: 1 }, { b: 1 }, false, false],
		["a key without a value asks for nothing", { a: 1 }, { b: undefined }, true, true],
		["null is a value", { a: 1 }, { b: null }, false, false],
		["a value differs", { a: 1 }, { a: "1" }, false, false],
		["the object is missing", undefined, { a: 1 }, false, false],
		["a map is wanted where a list is", { a: [] }, { a: {} }, false, false],
		["a list is wanted where a map is", { a: {} }, { a: [] }, false, false],
		["a list is longer", { a: [1, 2] }, { a: [1] }, false, false],
		["a list is shorter", { a: [1] }, { a: [1, 2] }, false, false],
		["a list has another order", { a: [1, 2] }, { a: [2, 1] }, false, false],
		["an item has more in it", { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, false, true],
		["an item has its keys in another order", { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, true, true],
		["a name is that of a method", {}, { toString: "x" }, false, false],
	])("%s", (_name, actual, wanted, contained, covered) => {
		expect(contains(actual, wanted)).toBe(contained);
		expect(covers(actual, wanted)).toBe(covered);
	});

	test("is all of itself", () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect([contains(value, value), covers(value, value), equal(value, structuredClone(value))]).toEqual([
					true,
					true,
					true,
				]);
			}),
		);
	});

	test("is equal when each contains the other", () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
				expect(equal(one, other)).toBe(contains(one, other) && contains(other, one));
			}),
		);
	});
});
