import { describe, expect, test } from "vitest";
import { compareVersions, readDotted, readVersion } from "../../../src/updater/version.ts";

describe("a version", () => {
	test.each<[string, string, string, string, readonly string[]]>([
		["1.2.0", "", "", "", []],
		["1.2.0-alpine", "", "", "alpine", []],
		["1.2.0-rc.1", "rc.1", "rc", "", []],
		["1.2.0-RC1", "RC1", "rc", "", []],
		["1.2.0-rc-1", "rc-1", "rc", "", []],
		["1.2.0-rc.1-alpine3.20", "rc.1", "rc", "alpine3.20", []],
		["1.2.0-b2", "b2", "b", "", []],
		["1.2.0-b", "", "", "b", []],
		["1.2.0-release", "", "", "release", []],
		["1.2.0-debian-12-r5", "", "", "debian-12-r#", ["5"]],
		["1.2.0-ls12", "", "", "ls#", ["12"]],
		["1.2.0-3", "", "", "#", ["3"]],
		["1.2.0-20240105", "", "", "#", ["20240105"]],
		["1.2.0-alpine-20240105", "", "", "alpine-#", ["20240105"]],
		["1.2.0-5-g1a2b3c4", "", "", "#-commit", ["5"]],
		["1.2.0-1a2b3c4-1699999999", "", "", "commit-#", ["1699999999"]],
		["1.2.0-SNAPSHOT-20240105", "SNAPSHOT-20240105", "snapshot", "", []],
		["1.2.0+build.5", "", "", "", []],
	])("%s is taken apart", (text, prerelease, channel, variant, counters) => {
		expect(readVersion(text)).toMatchObject({ prerelease, channel, variant, counters });
	});

	test("has words of one's own for prereleases", () => {
		expect(readVersion("1.2.0-hotfix.1")).toMatchObject({ prerelease: "", variant: "hotfix.1" });
		expect(readVersion("1.2.0-hotfix.1", "Hotfix")).toMatchObject({ prerelease: "hotfix.1", variant: "" });
	});

	test.each(["", "v", "V1.2", "1.2.", ".1", "1..2", "1.2.0-", "1.2.0_1", "latest", "1.2.0-é", "1.2.3.4"])(
		"is not '%s'",
		(text) => {
			expect(readVersion(text)).toBeUndefined();
		},
	);

	test("of four numbers is read where any count will do", () => {
		expect(readDotted("v1.02.3.4-x")).toMatchObject({ numbers: ["1", "2", "3", "4"], prefixed: true, variant: "x" });
	});

	test("comes in this order", () => {
		const order = [
			...["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"],
			...["1.0.0-rc.1", "1.0.0-rc2", "1.0.0-rc10", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0", "1.0.0.1", "1.0.1-rc1"],
			...["1.0.1", "1.2", "1.10", "2"],
		];
		const read = (text: string) => readDotted(text) ?? expect.fail(text);
		const sorted = order.map(read).reverse().sort(compareVersions);
		expect(sorted).toEqual(order.map(read));
		for (const [at, text] of order.slice(1).entries())
			expect(compareVersions(read(text), read(order[at] ?? ""))).toBeGreaterThan(0);
	});

	test.each([
		["1.2", "1.2.0"],
		["v1.2.0", "1.2"],
		["2024.01.05", "2024.1.5"],
		["1.2.0-rc1", "1.2.0-RC.1"],
		["1.2.0+a", "1.2.0+b"],
		["1.2.0-1a2b3c4", "1.2.0-9f8e7d6"],
	])("%s is %s", (one, other) => {
		const [a, b] = [readVersion(one), readVersion(other)];
		expect(a !== undefined && b !== undefined && compareVersions(a, b)).toBe(0);
	});
});
