import { expect, test } from "vitest";
import { quantity } from "../../../src/mesh-adapters/quantity.ts";

test.each([
	[50, 50],
	["50", 50],
	["10m", 0.01],
	["1500m", 1.5],
	["0.5", 0.5],
	[".5", 0.5],
	["5.", 5],
	["1e3", 1000],
	["1E-2", 0.01],
	["2k", 2000],
	["1Ki", 1024],
	["-1", -1],
	["", undefined],
	["m", undefined],
	["1x", undefined],
	["1e", undefined],
	["1 000", undefined],
	["0x10", undefined],
	[Number.NaN, undefined],
	[null, undefined],
	[undefined, undefined],
	[{}, undefined],
])("the quantity %j is %j", (text, number) => {
	const read = quantity(text);
	if (number === undefined) expect(read).toBeUndefined();
	else expect(read).toBeCloseTo(number, 12);
});
