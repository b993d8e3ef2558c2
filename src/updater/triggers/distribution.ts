import { readDistributionEvents } from "./distribution-events.ts";
import type { Trigger } from "./trigger.ts";

/** Notifications of Docker Distribution: the `registry` image, and GitLab's own registry. */
export const distribution = {
	read: (body) => readDistributionEvents(body),
} satisfies Trigger;
