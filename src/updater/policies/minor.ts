import { beyondNumbers, compareVersionRanks, judgeVersion, type VersionRank } from "../selection/judge-version.ts";
import { versionProblems } from "../selection/version-problems.ts";
import type { TagPolicy } from "./tag-policy.ts";

export const minor = {
	describe: "newer versions of the current major version",
	problems: versionProblems,
	judge: (candidate, current, settings) =>
		judgeVersion(candidate, current, settings, {
			beyond: beyondNumbers(1),
			prereleases: settings.prereleases ?? "same",
		}),
	compare: compareVersionRanks,
} satisfies TagPolicy<VersionRank>;
