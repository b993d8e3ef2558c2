import type { Instant } from "../../domain/instant.ts";
import { compareDates, judgeContent, judgeDate } from "../selection/judge-date.ts";
import { compareVersions, readVersion, type Version } from "../version.ts";
import type { TagPolicy } from "./tag-policy.ts";

/**
 * Any tag, whatever its name; yet from a version only to a higher one. By way of a tag that is none, a lower one would be
 * reached in two steps.
 */
export const force = {
	describe: "the image that was built last, whatever its tag; with sameTag, new content under the current tag",
	problems: () => [],
	judge: (candidate, current, settings) => {
		if (settings.sameTag === true) return judgeContent(candidate, current);
		const now = current && dottedVersion(current.text);
		if (settings.allowDowngrade !== true && now !== undefined && candidate.tag !== current?.tag) {
			const version = dottedVersion(candidate.text);
			if (version === undefined || compareVersions(version, now) <= 0)
				return { kind: "passedOver", why: `is not a newer version than ${current?.text}` };
		}
		return judgeDate(candidate, current, settings);
	},
	compare: compareDates,
} satisfies TagPolicy<Instant>;

/** Some hashes of commits are all digits, and no versions. */
function dottedVersion(text: string): Version | undefined {
	const version = readVersion(text);
	return version !== undefined && version.numbers.length > 1 ? version : undefined;
}
