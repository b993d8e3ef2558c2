import { describe, expect, test } from "vitest";
import { policyOf } from "../../../../src/updater/policies/registry.ts";
import type { PolicySettings } from "../../../../src/updater/policies/tag-policy.ts";
import type { PolicyType } from "../../../../src/updater/rule.ts";
import { chooseAmong } from "../../../../src/updater/select.ts";

const named = (tag: string) => ({ tag, text: tag });

describe("settings", () => {
	test.each<[PolicyType, PolicySettings, string]>([
		["semver", {}, "semver needs a range, such as '>=1.4 <2'"],
		["semver", { range: " " }, "the range cannot be read; write it like '>=1.4 <2' or '^1.4'"],
		["semver", { range: `>=1${" ".repeat(256)}` }, "the range cannot be read; write it like '>=1.4 <2' or '^1.4'"],
		["minor", { prereleases: "rc.1" }, "prereleases is 'same', 'none', 'any', or one word such as 'rc'"],
		["semver", { range: "^1", prereleases: "" }, "prereleases is 'same', 'none', 'any', or one word such as 'rc'"],
		["glob", {}, "glob needs a pattern, such as 'release-*'"],
		["glob", { pattern: "*".repeat(129) }, "the glob is longer than 128 characters; shorten it"],
		["regexp", {}, "regexp needs a pattern, such as '^build-(?P<compare>[0-9]+)$'"],
		["regexp", { pattern: "(" }, "the regular expression has a ( without its )"],
		["calver", {}, "calver needs a format, such as 'YYYY.0M.0D'"],
		["calver", { format: `YYYY${".".repeat(64)}` }, "the format is longer than 64 characters; shorten it"],
		[
			"calver",
			{ format: "MAJOR.MINOR" },
			"the format has no part of a date; write it like 'YYYY.0M.0D' or 'YY.MM.MICRO'",
		],
	])("of %s, being %j, are refused", (type, settings, problem) => {
		expect(policyOf(type).problems(settings)).toEqual([problem]);
		expect(chooseAmong(type, settings, "1.2.0", ["1.3.0"])).toEqual({ why: problem, passedOver: [] });
	});

	test("say each time anew what a prerelease is", () => {
		const [candidate, current] = [named("1.2.0-hotfix.2"), named("1.2.0-hotfix.1")];
		const kind = (prereleases: string) => policyOf("major").judge(candidate, current, { prereleases }).kind;
		expect([kind("any"), kind("hotfix"), kind("any")]).toEqual(["passedOver", "eligible", "passedOver"]);
	});
});

describe("a choice by names", () => {
	test("says what it passed over, ten at most", () => {
		const tags = Array.from({ length: 40 }, (_, major) => `${major + 2}.0.0`);
		const { passedOver, ...choice } = chooseAmong("minor", {}, "1.2.0", ["1.3.0", ...tags]);
		expect(choice).toEqual({ tag: "1.3.0", why: "minor chooses 1.3.0 after 1.2.0" });
		expect(passedOver).toHaveLength(10);
		expect(passedOver[0]).toEqual({ tag: "41.0.0", why: "is another major version" });
	});

	test.each<[PolicyType, string | undefined, readonly string[], string]>([
		["newest", "a", ["b"], "newest needs more than names to choose"],
		["minor", "1.2.0", ["1.1.0"], "minor finds nothing after 1.2.0"],
		["minor", undefined, ["dev"], "minor finds no tag"],
		["never", "1.2.0", ["1.3.0"], "the policy is never"],
	])("of %s after %s among %j is none, and says why", (type, current, tags, why) => {
		expect(chooseAmong(type, {}, current, tags)).toMatchObject({ why });
	});
});
