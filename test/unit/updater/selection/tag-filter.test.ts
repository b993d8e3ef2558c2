import { describe, expect, test } from "vitest";
import { currentCandidate, globPart, readFilter } from "../../../../src/updater/selection/tag-filter.ts";

describe("a glob", () => {
	test.each<[string, string, string, string | undefined]>([
		["is the whole tag without a star", "latest", "latest", "latest"],
		["is no part of the tag", "latest", "latest-2", undefined],
		["stands for what the star stands for", "release-*", "release-1.2.0", "1.2.0"],
		["may stand for nothing", "release-*", "release-", ""],
		["has an end", "*-alpine", "1.2.0-alpine", "1.2.0"],
		["does not use a letter twice", "ab*ba", "aba", undefined],
		["stands for all between its first and last star", "v*-x-*", "v1-x-2", "1-x-2"],
		["has its pieces in order", "*a*b*", "ba", undefined],
		["takes dots for dots", "1.*", "1x2", undefined],
		["matches everything", "*", "anything", "anything"],
	])("%s", (_what, glob, tag, expected) => {
		expect(globPart(glob, tag)).toBe(expected);
	});
});

describe("a filter", () => {
	test.each<[string, string, string | undefined, string, string | undefined]>([
		["lets a tag through as it is", "^v", undefined, "v1", "v1"],
		["keeps a tag away", "^v", undefined, "1", undefined],
		["extracts by name", "^v(?P<n>.*)$", "$n", "v1.2", "1.2"],
		["extracts by number", "^(.)(.)", "$2$1", "ab", "ba"],
		["extracts the whole match", "[0-9]+", "$0", "v12-x", "12"],
		["extracts in braces", "^(.)(.)", ["$", "{1}0"].join(""), "ab", "a0"],
		["extracts nothing of what took no part", "^(a)?b", "<$1>", "b", "<>"],
	])("%s", (_what, pattern, extract, tag, expected) => {
		const filter = readFilter({ pattern, extract });
		expect(filter.ok && filter.extract(tag)).toBe(expected);
	});

	test.each([
		[{ pattern: "a", extract: "$1" }, "the filter extracts $1, and its pattern has no such group"],
		[{ pattern: "(?P<a>.)", extract: "$ab" }, "the filter extracts $ab, and its pattern has no such group"],
		[{ pattern: "a", extract: "x".repeat(257) }, "the filter's extract is longer than 256 characters"],
	])("%j is refused", (filter, problem) => {
		expect(readFilter(filter)).toEqual({ ok: false, problem });
	});

	test("takes the current tag whole where it does not let it through", () => {
		const filter = readFilter({ pattern: "^main-(.*)$", extract: "$1" });
		expect(filter.ok && currentCandidate("main-7", filter.extract)).toEqual({ tag: "main-7", text: "7" });
		expect(filter.ok && currentCandidate("latest", filter.extract)).toEqual({ tag: "latest", text: "latest" });
	});
});
