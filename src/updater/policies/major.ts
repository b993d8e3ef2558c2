import { compareVersionRanks, judgeVersion, type VersionRank } from "../selection/judge-version.ts";
import { versionProblems } from "../selection/version-problems.ts";
import type { TagPolicy } from "./tag-policy.ts";

export const major = {
	describe: "any newer version",
	problems: versionProblems,
	judge: (candidate, current, settings) =>
		judgeVersion(candidate, current, settings, {
			beyond: () => undefined,
			prereleases: settings.prereleases ?? "same",
		}),
	compare: compareVersionRanks,
} satisfies TagPolicy<VersionRank>;
