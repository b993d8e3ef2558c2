import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { TOKEN_HEADER } from "./wire.ts";

const CONTENT_SECURITY_POLICY = [
	"default-src 'self'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"object-src 'none'",
].join("; ");

/** No other page may frame this one, guess its types, or learn where it leads; and no script runs that is not ours. */
export const shutHeaders: MiddlewareHandler = async (context, next) => {
	await next();
	context.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
	context.header("X-Frame-Options", "DENY");
	context.header("X-Content-Type-Options", "nosniff");
	context.header("Referrer-Policy", "no-referrer");
	context.header("Cross-Origin-Resource-Policy", "same-origin");
	context.header("Cross-Origin-Opener-Policy", "same-origin");
	context.header("Cache-Control", "no-store");
};

/** Names that a browser cannot be made to resolve to us by somebody else's DNS. */
const hostNames = ["127.0.0.1", "localhost", "[::1]"];

/** Answers 421 to whoever calls us by another name: a page whose name was rebound to our address. */
export function ownHost(port: () => number): MiddlewareHandler {
	return async ({ req, json }, next) => {
		const host = req.header("host") ?? new URL(req.url).host;
		const ours = hostNames.flatMap((name) => [`${name}:${port()}`, ...(port() === 80 ? [name] : [])]);
		if (ours.includes(host)) return next();
		return json(
			{ error: `This dashboard answers to ${hostNames[0]}:${port()} only; open the address that was printed` },
			421,
		);
	};
}

/** Answers 401 without the token, and 403 to a page of another origin, whatever it knows. */
export function ownPage(token: string): MiddlewareHandler {
	return async ({ req, json }, next) => {
		if (!same(req.header(TOKEN_HEADER) ?? "", token)) {
			return json({ error: "The token is missing or old; open the whole address that haldane dashboard printed" }, 401);
		}
		const host = req.header("host") ?? new URL(req.url).host;
		const origin = req.header("origin");
		const isWrite = req.method !== "GET" && req.method !== "HEAD";
		if (origin === undefined ? isWrite : origin !== `http://${host}`) {
			return json({ error: "Another site's page may not act here; use the dashboard's own page" }, 403);
		}
		return next();
	};
}

/** Without telling by the time it takes how much of it was right. */
function same(given: string, expected: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(given), digest(expected));
}
