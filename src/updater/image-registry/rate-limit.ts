import type { Instant } from "../../domain/instant.ts";
import { retryAfterMs } from "../../http/retry-after.ts";

/** No registry may silence us for longer, whatever it writes. */
const PUT_OFF_MS_MAX = 24 * 3_600_000;
/** How long nothing is left when the registry does not say. */
const WINDOW_MS = 60_000;

type Headers = Readonly<Record<string, string>>;

/** When `Retry-After` lets us ask again; undefined when it does not say. */
export function retryAfter(headers: Headers, now: Instant): Instant | undefined {
	const waitMs = retryAfterMs(headers, now);
	return waitMs === undefined ? undefined : now + Math.min(waitMs, PUT_OFF_MS_MAX);
}

/**
 * When there is something left again of what the registry grants, if it says that nothing is: `RateLimit-Remaining: 0;w=21600`
 * as Docker Hub has it, with `RateLimit-Reset` in seconds where it is sent. A window slides, so that its length is the most there
 * is to wait.
 */
export function spentUntil(headers: Headers, now: Instant): Instant | undefined {
	const [remaining = "", ...parameters] = (headers["ratelimit-remaining"] ?? "").split(";").map((part) => part.trim());
	if (!/^0+$/.test(remaining)) return undefined;
	const window = parameters.find((parameter) => /^w=\d{1,9}$/.test(parameter))?.slice(2);
	const reset = /^\d{1,9}$/.exec(headers["ratelimit-reset"]?.trim() ?? "")?.[0];
	const waitMs =
		reset !== undefined ? Number(reset) * 1_000 : window !== undefined ? Number(window) * 1_000 : WINDOW_MS;
	return now + Math.min(waitMs, PUT_OFF_MS_MAX);
}
