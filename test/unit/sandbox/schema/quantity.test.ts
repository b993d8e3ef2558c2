import { describe, expect, test } from "vitest";
import { canonicalQuantity, nanosOf } from "../../../../src/sandbox/schema/quantity.ts";

describe("an amount", () => {
	test.each([
		["1000m", "1"],
		["1500m", "1500m"],
		[0.5, "500m"],
		["0.1", "100m"],
		[2, "2"],
		["1024Mi", "1Gi"],
		["1536Mi", "1536Mi"],
		["512", "512"],
		["1000", "1k"],
		["1e3", "1e3"],
		["0", "0"],
		["0.5Gi", "512Mi"],
		["-1", "-1"],
		["100n", "100n"],
	])("%s is written as %s", (given, written) => {
		expect(canonicalQuantity(given)).toBe(written);
		expect(nanosOf(written)).toBe(nanosOf(given));
	});

	test.each(["", "x", "1 Gi", "1gi", "--1", ".", null, true])("%j is none", (given) => {
		expect(canonicalQuantity(given)).toBeUndefined();
	});
});
