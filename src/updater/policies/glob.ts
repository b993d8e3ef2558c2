import { compareTextRanks, judgeText, type TextRank } from "../selection/judge-text.ts";
import { globPart } from "../selection/tag-filter.ts";
import type { TagPolicy } from "./tag-policy.ts";

const PATTERN_LENGTH_MAX = 128;

/** What the stars stand for is compared, not the text around them: with `release-*`, release-1.0.0-rc.1 is before release-1.0.0. */
export const glob = {
	describe: "the last of the tags that match a glob, as people and versions count",
	problems: ({ pattern }) => {
		if (pattern === undefined || pattern === "") return ["glob needs a pattern, such as 'release-*'"];
		return pattern.length > PATTERN_LENGTH_MAX
			? [`the glob is longer than ${PATTERN_LENGTH_MAX} characters; shorten it`]
			: [];
	},
	judge: (candidate, current, { pattern = "", allowDowngrade }) => {
		const part = globPart(pattern, candidate.text);
		if (part === undefined) return { kind: "passedOver", why: `does not match ${pattern}` };
		return judgeText(part, current && globPart(pattern, current.text), allowDowngrade);
	},
	compare: compareTextRanks,
} satisfies TagPolicy<TextRank>;
