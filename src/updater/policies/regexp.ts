import { compareTextRanks, judgeText, type TextRank } from "../selection/judge-text.ts";
import { type ReadPattern, readPattern } from "../selection/pattern.ts";
import type { PolicySettings, TagPolicy } from "./tag-policy.ts";

/** Patterns that were read, for as long as their settings are in use. */
const known = new WeakMap<PolicySettings, ReadPattern>();

/** The group named `compare` is compared when the pattern has one, and the whole tag otherwise. */
export const regexp = {
	describe: "the last of the tags that match a regular expression, as people and versions count",
	problems: (settings) => {
		if (settings.pattern === undefined) return ["regexp needs a pattern, such as '^build-(?P<compare>[0-9]+)$'"];
		const read = patternOf(settings);
		return read.ok ? [] : [`the regular expression ${read.problem}`];
	},
	judge: (candidate, current, settings) => {
		const text = compared(candidate.text, settings);
		if (text === undefined) return { kind: "passedOver", why: "does not match the regular expression" };
		return judgeText(text, current && compared(current.text, settings), settings.allowDowngrade);
	},
	compare: compareTextRanks,
} satisfies TagPolicy<TextRank>;

function compared(text: string, settings: PolicySettings): string | undefined {
	const read = patternOf(settings);
	if (!read.ok) return undefined;
	if (!read.pattern.names.includes("compare")) return read.pattern.matches(text) ? text : undefined;
	const groups = read.pattern.groups(text);
	return groups && (groups.compare ?? "");
}

function patternOf(settings: PolicySettings): ReadPattern {
	const read = known.get(settings) ?? readPattern(settings.pattern ?? "");
	known.set(settings, read);
	return read;
}
