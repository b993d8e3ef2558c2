import type { CanaryStatus } from "../../api/canary-status.ts";
import { timestamp } from "../../domain/instant.ts";
import { enter, tell } from "./record.ts";
import type { Situation } from "./situation.ts";

/** The Canary is being deleted: the target is made to answer by itself again before anything is let go. */
export function terminate(situation: Situation): CanaryStatus {
	const { status, seen, now } = situation;
	if (status.phase !== "Terminating") {
		return tell(enter(situation, "Terminating"), "Released", "deleted: the target takes its requests back", now);
	}
	const isReleased = seen.target === undefined || (seen.apex !== "primary" && seen.routeReleased);
	if (!isReleased || status.releasedAt !== undefined) return status;
	return { ...status, releasedAt: timestamp(now) };
}
