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

/** A reset of so many digits is not how long to wait but the second of the clock, as GitLab and others write it. */
const EPOCH_DIGITS = 10;

/**
 * When there is something left again of what the registry grants, if it says that nothing is: `RateLimit-Remaining: 0;w=21600`
 * as Docker Hub has it, with `RateLimit-Reset` in seconds where it is sent; or the same with `X-` before. A window slides, so
 * that its length is the most there is to wait.
 */
export function spentUntil(headers: Headers, now: Instant): Instant | undefined {
	const of = (name: string) => (headers[`ratelimit-${name}`] ?? headers[`x-ratelimit-${name}`] ?? "").trim();
	const [remaining = "", ...parameters] = of("remaining")
		.split(";")
		.map((part) => part.trim());
	if (!/^0+$/.test(remaining)) return undefined;
	const window = parameters.find((parameter) => /^w=\d{1,9}$/.test(parameter))?.slice(2);
	const reset = /^\d{1,10}$/.exec(of("reset"))?.[0];
	const windowMs = window === undefined ? WINDOW_MS : Number(window) * 1_000;
	return now + Math.min(reset === undefined ? windowMs : waitOf(reset, now), PUT_OFF_MS_MAX);
}

function waitOf(reset: string, now: Instant): number {
	const ms = Number(reset) * 1_000;
	return reset.length === EPOCH_DIGITS ? Math.max(0, ms - now) : ms;
}
