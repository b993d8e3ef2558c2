import type { Instant } from "../../domain/instant.ts";
import { compareDates, judgeContent } from "../selection/judge-date.ts";
import type { TagPolicy } from "./tag-policy.ts";

export const digest = {
	describe: "new content under the current tag",
	problems: () => [],
	judge: judgeContent,
	compare: compareDates,
} satisfies TagPolicy<Instant>;
