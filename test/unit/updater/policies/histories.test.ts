import { describe, expect, test } from "vitest";
import { instantOf } from "../../../../src/domain/instant.ts";
import type { PolicyType, UpdateRule } from "../../../../src/updater/rule.ts";
import { select } from "../../../../src/updater/select.ts";
import { digestOf, ruleOf } from "../rule-of.ts";
import { otherHistories } from "./other-histories.ts";
import { versionHistories } from "./version-histories.ts";

const rows = [versionHistories, otherHistories]
	.flatMap((table) => table.trim().split("\n"))
	.map((line) => line.split(" | ").map((cell) => cell.trim()));

/** `semver range=^1 prereleases=any` */
function read(text: string): UpdateRule {
	const [policy = "", ...pairs] = text.split(" ");
	const settings = Object.fromEntries(
		pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
	);
	const { filter, extract, ignore, allowDowngrade, sameTag, ...texts } = settings;
	return ruleOf({
		policy: policy as PolicyType,
		settings: { ...texts, allowDowngrade: allowDowngrade === "true", sameTag: sameTag === "true" },
		filter: filter === undefined ? undefined : { pattern: filter, extract },
		ignoreTags: ignore?.split(",") ?? [],
	});
}

/** Everything is known from the start; `one@2024-01-05` was built on that day, and a tag without a day does not say. */
function chosen(rule: UpdateRule, current: string, tags: string): string {
	const known = tags
		.split(" ")
		.filter((text) => text !== "")
		.map((text) => text.split("@"))
		.map(([tag = "", day]) => ({ tag, createdAt: instantOf(day) }));
	const selection = select({
		rule,
		current: current === "–" ? { tag: undefined, digest: undefined } : { tag: current, digest: digestOf("what runs") },
		tags: known.map(({ tag }) => tag),
		facts: new Map(known.map(({ tag, createdAt }) => [tag, { digest: digestOf(tag), createdAt, platforms: [] }])),
		barred: [],
		nodePlatforms: [],
		now: 0,
	});
	return selection.kind === "update" ? selection.tag : selection.kind === "keep" ? "–" : "asks";
}

describe("tags as people name them", () => {
	test.each(rows)("%s: %s of %s among %s is %s", (_what, rule = "", current = "", tags = "", expected = "") => {
		expect(chosen(read(rule), current, tags)).toBe(expected);
	});

	test("are a hundred histories and more, each told once", () => {
		expect(rows.length).toBeGreaterThan(100);
		expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
		expect(rows.filter((row) => row.length !== 5)).toEqual([]);
	});
});
