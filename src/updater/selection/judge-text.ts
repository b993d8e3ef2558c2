import type { Judgement } from "../policies/tag-policy.ts";
import { compareVersions, isCommit, readDotted, type Version } from "../version.ts";
import { compareNaturally } from "./natural-order.ts";

/** A text, and the version it may be. */
export interface TextRank {
	readonly text: string;
	readonly version: Version | undefined;
}

/** Versions after other texts, and by their order among each other; the others as people count: build-3 before build-10. */
export function compareTextRanks(one: TextRank, other: TextRank): number {
	if (one.version !== undefined && other.version !== undefined)
		return compareVersions(one.version, other.version) || compareNaturally(one.text, other.text);
	const classes = Number(one.version !== undefined) - Number(other.version !== undefined);
	return classes || compareNaturally(one.text, other.text);
}

/** Whatever comes after the current text, or after nothing when there is none that can be compared. */
export function judgeText(
	text: string,
	current: string | undefined,
	allowDowngrade: boolean | undefined,
): Judgement<TextRank> {
	if (isCommit(text))
		return { kind: "passedOver", why: "is the hash of a commit, which has no order; the policy newest goes by date" };
	const rank = textRank(text);
	if (current === undefined || allowDowngrade === true) return { kind: "eligible", rank };
	if (compareTextRanks(rank, textRank(current)) > 0) return { kind: "eligible", rank };
	return { kind: "passedOver", why: `does not come after ${current}` };
}

/** How the text compares. */
export function textRank(text: string): TextRank {
	return { text, version: readDotted(text) };
}
