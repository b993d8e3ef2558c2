import type { Instant } from "../../domain/instant.ts";
import { compareDates, judgeContent, judgeDate } from "../selection/judge-date.ts";
import { compareVersions, readVersion } from "../version.ts";
import type { TagPolicy } from "./tag-policy.ts";

/** Any tag, whatever its name; yet of two versions, as in keel, only the higher one. */
export const force = {
	describe: "the image that was built last, whatever its tag; with sameTag, new content under the current tag",
	problems: () => [],
	judge: (candidate, current, settings) => {
		if (settings.sameTag === true) return judgeContent(candidate, current);
		const version = readVersion(candidate.text);
		const now = current && readVersion(current.text);
		if (
			settings.allowDowngrade !== true &&
			version !== undefined &&
			now !== undefined &&
			candidate.tag !== current?.tag
		)
			if (compareVersions(version, now) <= 0) return { kind: "passedOver", why: `is not newer than ${current?.text}` };
		return judgeDate(candidate, current, settings);
	},
	compare: compareDates,
} satisfies TagPolicy<Instant>;
