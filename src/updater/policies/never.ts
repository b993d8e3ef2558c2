import type { TagPolicy } from "./tag-policy.ts";

export const never = {
	describe: "nothing",
	problems: () => [],
	judge: () => ({ kind: "passedOver", why: "is not asked for: the policy is never" }),
	compare: () => 0,
} satisfies TagPolicy<never>;
