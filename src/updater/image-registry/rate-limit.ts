import { type Instant, instantOf } from "../../domain/instant.ts";

/** No registry may silence us for longer, whatever it writes. */
const PUT_OFF_MS_MAX = 24 * 3_600_000;
/** How long nothing is left when the registry does not say. */
const WINDOW_MS = 60_000;

type Headers = Readonly<Record<string, string>>;

/** When `Retry-After` lets us ask again: seconds or a date (RFC 9110, 10.2.3); undefined when it says neither. */
export function retryAfter(headers: Headers, now: Instant): Instant | undefined {
	const text = headers["retry-after"]?.trim();
	if (text === undefined) return undefined;
	const at = /^\d{1,15}$/.test(text) ? now + Number(text) * 1_000 : dateOf(text);
	return at === undefined ? undefined : Math.min(Math.max(at, now), now + PUT_OFF_MS_MAX);
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

function dateOf(text: string): Instant | undefined {
	// What is no date of HTTP but that parsers guess something from, `-5` for one, is none.
	if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
	return instantOf(text);
}
