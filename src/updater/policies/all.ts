import { compareVersionRanks, judgeVersion, type VersionRank } from "../selection/judge-version.ts";
import { versionProblems } from "../selection/version-problems.ts";
import type { TagPolicy } from "./tag-policy.ts";

/** Prereleases count always, as in keel; the variant stays, which in keel it does not. */
export const all = {
	describe: "any newer version, prereleases included, of the same variant",
	problems: versionProblems,
	judge: (candidate, current, settings) =>
		judgeVersion(candidate, current, settings, { beyond: () => undefined, prereleases: "any" }),
	compare: compareVersionRanks,
} satisfies TagPolicy<VersionRank>;
