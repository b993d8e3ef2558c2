import type { MiddlewareHandler } from "hono";
import type { Door } from "./door.ts";

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

/** Answers 421 to whoever calls us by another name: a page whose name was rebound to our address. */
export function ownHost(door: Door): MiddlewareHandler {
	return async ({ req, json }, next) => {
		if (door.isOurs(hostIn(req))) return next();
		return json({ error: `This dashboard answers to ${door.names}` }, 421);
	};
}

/** Answers 403 to a page of another origin, whatever it knows. */
export function ownPage(door: Door): MiddlewareHandler {
	return async ({ req, json }, next) => {
		const origin = req.header("origin");
		const isWrite = req.method !== "GET" && req.method !== "HEAD";
		if (origin === undefined ? isWrite : !door.origins(hostIn(req)).includes(origin)) {
			return json({ error: "Another site's page may not act here; use the dashboard's own page" }, 403);
		}
		return next();
	};
}

function hostIn(req: { readonly url: string; header(name: string): string | undefined }): string {
	return req.header("host") ?? new URL(req.url).host;
}
