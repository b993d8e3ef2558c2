import { type Instant, instantOf } from "../domain/instant.ts";

/** For how long `Retry-After` wants us to wait: seconds or a date (RFC 9110, 10.2.3); undefined when it says neither. Names of headers are in lower case. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: Instant): number | undefined {
	const text = headers["retry-after"]?.trim();
	if (text === undefined) return undefined;
	if (/^\d{1,15}$/.test(text)) return Number(text) * 1_000;
	// What is no date of HTTP but that parsers guess something from, `-5` for one, is none.
	const at = /^[A-Z][a-z]{2,8},? /.test(text) ? instantOf(text) : undefined;
	return at === undefined ? undefined : Math.max(0, at - now);
}
