import type { Instant } from "../../domain/instant.ts";
import { compareDates, judgeDate } from "../selection/judge-date.ts";
import type { TagPolicy } from "./tag-policy.ts";

/** Needs a question to the registry for each tag: meant to have a filter before it. */
export const newest = {
	describe: "the image that was built last",
	problems: () => [],
	judge: judgeDate,
	compare: compareDates,
} satisfies TagPolicy<Instant>;
