import { compareVersionRanks, judgeVersion, type VersionRank } from "../selection/judge-version.ts";
import { versionProblems } from "../selection/version-problems.ts";
import { namesPrerelease, rangeOf, within } from "../selection/version-range.ts";
import type { PolicySettings, TagPolicy } from "./tag-policy.ts";

/** A current tag that is no version is replaced: the range says what is wanted, whatever runs now. */
export const semver = {
	describe: "the newest version within a range",
	problems: (settings) => [...rangeProblems(settings), ...versionProblems(settings)],
	judge: (candidate, current, settings) => {
		const range = rangeOf(settings);
		if (range === undefined) return { kind: "passedOver", why: "has no range to be in" };
		const prereleases = settings.prereleases ?? (namesPrerelease(range) ? "any" : "same");
		return judgeVersion(candidate, current, settings, {
			beyond: (version) => (within(version, range) ? undefined : `is not within ${settings.range}`),
			prereleases,
			adopts: true,
		});
	},
	compare: compareVersionRanks,
} satisfies TagPolicy<VersionRank>;

function rangeProblems(settings: PolicySettings): readonly string[] {
	if (settings.range === undefined) return ["semver needs a range, such as '>=1.4 <2'"];
	return rangeOf(settings) === undefined ? ["the range cannot be read; write it like '>=1.4 <2' or '^1.4'"] : [];
}
