import { describe, expect, test } from "vitest";
import { differencesFor, keelDifferences } from "../../../src/updater/keel-differences.ts";
import type { PolicySettings } from "../../../src/updater/policies/tag-policy.ts";
import type { PolicyType } from "../../../src/updater/rule.ts";
import { chooseAmong } from "../../../src/updater/select.ts";

type Row = readonly [
	what: string,
	policy: PolicyType,
	settings: PolicySettings,
	current: string,
	tags: string,
	/** What keel chooses; `–` for nothing. */
	keel: string,
	/** What we choose, when it is something else, and the difference that says why. */
	ours?: string,
	difference?: string,
];

const SAME = { prereleases: "same" };
const ANY = { prereleases: "any" };

const rows: readonly Row[] = [
	["a lower-case v is part of a version", "major", SAME, "v1.2.0", "v1.3.0", "v1.3.0"],
	["an upper-case V is not", "major", SAME, "1.2.0", "V1.3.0", "–"],
	["missing numbers are 0", "major", SAME, "1.2", "1.2.1", "1.2.1"],
	["four numbers are no version", "major", SAME, "1.2.3", "1.2.3.4", "–"],
	["leading zeros are accepted", "major", SAME, "2024.01.05", "2024.02.01", "2024.02.01"],
	["leading zeros say nothing", "major", SAME, "2024.01.05", "2024.1.5", "–"],
	["a bare number is not picked over a version", "major", SAME, "1.2.0", "2", "–"],
	["a bare number is not picked over one", "major", SAME, "15", "16", "–", "16", "bare-number"],
	["the tag is written as it was published", "major", SAME, "1.2.0", "v1.3.0", "v1.3.0"],
	["1.2 and 1.2.0 are one version", "all", SAME, "1.2", "1.2.0", "–"],
	["1.2.0 and v1.2.0 are one version", "all", SAME, "1.2.0", "v1.2.0", "–"],
	["1.2.0 and v1.2 are one version", "all", SAME, "1.2.0", "v1.2", "–"],
	["the same suffix is kept", "major", SAME, "1.2.0-alpine", "1.3.0-alpine", "1.3.0-alpine"],
	["another suffix is refused", "major", SAME, "1.2.0-alpine", "1.3.0-debian", "–"],
	["rc.1 is not followed by rc.2", "major", SAME, "1.0.0-rc.1", "1.0.0-rc.2", "–"],
	["rc.1 is not followed by the release", "major", SAME, "1.0.0-rc.1", "1.0.0", "–"],
	["a release is not followed by a prerelease", "major", SAME, "1.2.0", "1.3.0-rc1", "–"],
	["without matchPreRelease it is", "major", ANY, "1.2.0", "1.3.0-rc1", "1.3.0-rc1"],
	["numbers of their own count", "major", ANY, "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0-rc.10"],
	["rc2 sorts above rc10", "major", ANY, "1.0.0-rc2", "1.0.0-rc10", "–", "1.0.0-rc10", "prerelease-numbers"],
	["rc10 is followed by rc2", "all", SAME, "1.0.0-rc10", "1.0.0-rc2", "1.0.0-rc2", "–", "prerelease-numbers"],
	["all takes prereleases", "all", SAME, "1.2.0", "1.3.0-rc.1", "1.3.0-rc.1"],
	["all takes the release after its candidate", "all", SAME, "1.3.0-rc.1", "1.3.0", "1.3.0"],
	["all takes another variant", "all", SAME, "1.2.0-alpine", "1.2.0-debian", "1.2.0-debian", "–", "variant"],
	["all takes an image for Windows", "all", SAME, "1.2.0", "1.3.0-windows", "1.3.0-windows", "–", "variant"],
	["without matchPreRelease a variant is taken", "major", ANY, "1.2.0", "1.3.0-alpine", "1.3.0-alpine", "–", "variant"],
	["latest takes any text", "major", SAME, "latest", "dev", "dev", "–", "latest"],
	["latest takes any version", "patch", SAME, "latest", "1.0.0 2.0.0 dev", "dev", "2.0.0", "latest"],
	["another text is followed by nothing", "major", SAME, "dev", "1.0.0", "–"],
	["minor stays within the major version", "minor", SAME, "1.2.0", "1.9.0 2.0.0", "1.9.0"],
	["patch stays within the minor version", "patch", SAME, "1.2.0", "1.2.9 1.3.0", "1.2.9"],
	["major takes the newest", "major", SAME, "1.2.0", "1.9.0 2.0.0 10.0.0", "10.0.0"],
	["a glob matches by stars", "glob", { pattern: "dev-*" }, "dev-1", "dev-2 rel-3", "dev-2"],
	["a glob refuses v10 after v9", "glob", { pattern: "v*" }, "v9", "v10", "–", "v10", "glob-order"],
	["a glob takes v1-old after v1", "glob", { pattern: "v*" }, "v1", "v1-old", "v1-old", "–", "glob-order"],
	[
		"a glob takes commits",
		"glob",
		{ pattern: "main-*" },
		"main-1a2b3c4",
		"main-9f8e7d6",
		"main-9f8e7d6",
		"–",
		"commit-hash",
	],
	["regexp takes what matches", "regexp", { pattern: "^rel-" }, "rel-1", "rel-2 x-3", "rel-2"],
	[
		"regexp sorts build-9 above build-10",
		"regexp",
		{ pattern: "^build-" },
		"build-8",
		"build-9 build-10",
		"build-9",
		"build-10",
		"regexp-order",
	],
	["regexp goes back", "regexp", { pattern: "^build-" }, "build-9", "build-8", "build-8", "–", "regexp-downgrade"],
	[
		"regexp compares the named group",
		"regexp",
		{ pattern: "^[a-z]+-(?P<compare>[0-9]{3})$" },
		"a-001",
		"b-002 a-003",
		"a-003",
	],
	["force refuses the lower version", "force", {}, "1.2.0", "1.1.0", "–"],
	["force takes any text", "force", {}, "one", "two", "two", "–", "force-order"],
	["never takes nothing", "never", {}, "1.2.0", "1.3.0", "–"],
];

describe("beside keel", () => {
	test.each(rows.map((row) => [row[0], row] as const))("%s", (_what, row) => {
		const [, policy, settings, current, tags, keel, ours = keel, difference] = row;
		const { tag = "–" } = chooseAmong(policy, settings, current, tags.split(" "));
		expect(tag).toBe(ours);
		expect(difference === undefined).toBe(ours === keel);
		const known = differencesFor({ policy, settings }, current).map(({ id }) => id);
		if (difference !== undefined) expect(known).toContain(difference);
	});

	test("every difference has a row, but for syntax", () => {
		const shown = new Set(rows.map((row) => row[7]));
		const without = keelDifferences.map(({ id }) => id).filter((id) => !shown.has(id));
		expect(without).toEqual(["regexp-syntax"]);
	});

	test.each<[string, PolicyType, PolicySettings, string | undefined, readonly string[]]>([
		["a plain version under minor", "minor", SAME, "1.2.0", []],
		["a version under all", "all", SAME, "1.2.0", ["variant", "prerelease-numbers"]],
		["no tag under patch", "patch", SAME, undefined, ["latest"]],
		["a range, which keel does not have", "semver", { range: "^1", prereleases: "any" }, "latest", []],
		["a word border", "regexp", { pattern: "\\bx" }, "x", ["regexp-order", "regexp-downgrade", "regexp-syntax"]],
		["the same tag by force", "force", { sameTag: true }, "latest", []],
	])("%s", (_what, policy, settings, current, expected) => {
		expect(differencesFor({ policy, settings }, current).map(({ id }) => id)).toEqual(expected);
	});
});
