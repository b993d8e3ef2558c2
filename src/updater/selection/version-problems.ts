import type { PolicySettings } from "../policies/tag-policy.ts";

/** What is wrong with what policies of versions are told about prereleases. */
export function versionProblems({ prereleases }: PolicySettings): readonly string[] {
	if (prereleases === undefined || /^[A-Za-z]{1,32}$/.test(prereleases)) return [];
	return ["prereleases is 'same', 'none', 'any', or one word such as 'rc'"];
}
