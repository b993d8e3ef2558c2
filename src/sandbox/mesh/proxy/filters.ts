import type { Filter, HeaderChange, PathChange } from "../routes/shapes.ts";

/** Headers in lower case, as Node has them. */
export type Headers = Record<string, string | string[] | undefined>;

/** Those that are for one connection only, and never handed on. */
const HOP_BY_HOP = [
	...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
	...["te", "trailer", "transfer-encoding", "upgrade"],
];

export function withoutHopByHop(headers: Headers): Headers {
	const named = String(headers.connection ?? "")
		.split(",")
		.map((name) => name.trim().toLowerCase());
	const dropped = new Set([...HOP_BY_HOP, ...named]);
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

export function changeHeaders(headers: Headers, { set = [], add = [], remove = [] }: HeaderChange): Headers {
	const changed = { ...headers };
	for (const { name, value } of set) changed[name.toLowerCase()] = value;
	for (const { name, value } of add) {
		const present = changed[name.toLowerCase()];
		changed[name.toLowerCase()] = present === undefined ? value : [present, value].flat().join(",");
	}
	for (const name of remove) delete changed[name.toLowerCase()];
	return changed;
}

/** What is sent to a backend: path and query as in a request line. */
export interface Outgoing {
	readonly path: string;
	readonly headers: Headers;
}

export function rewriteRequest(outgoing: Outgoing, filters: readonly Filter[], prefix: string): Outgoing {
	let { path, headers } = outgoing;
	for (const { requestHeaderModifier, urlRewrite } of filters) {
		if (requestHeaderModifier !== undefined) headers = changeHeaders(headers, requestHeaderModifier);
		if (urlRewrite?.hostname !== undefined) headers = { ...headers, host: urlRewrite.hostname };
		if (urlRewrite?.path !== undefined) path = changePath(path, urlRewrite.path, prefix);
	}
	return { path, headers };
}

export function rewriteAnswer(headers: Headers, filters: readonly Filter[]): Headers {
	let changed = headers;
	for (const { responseHeaderModifier } of filters) {
		if (responseHeaderModifier !== undefined) changed = changeHeaders(changed, responseHeaderModifier);
	}
	return changed;
}

/** The path with its query; `prefix` is what the rule matched, without a slash at its end. */
export function changePath(url: string, change: PathChange, prefix: string): string {
	const [, path = "", query = ""] = /^([^?]*)(.*)$/s.exec(url) ?? [];
	if (change.type === "ReplaceFullPath") return `${rooted(change.replaceFullPath ?? "/")}${query}`;
	if (change.type !== "ReplacePrefixMatch" || !path.startsWith(prefix)) return url;
	const replacement = (change.replacePrefixMatch ?? "/").replace(/\/+$/, "");
	return `${rooted(`${replacement}${path.slice(prefix.length)}`)}${query}`;
}

function rooted(path: string): string {
	return path.startsWith("/") ? path : `/${path}`;
}

/** Where a rule sends the client instead; undefined when it doesn't. */
export function redirectOf(
	filters: readonly Filter[],
	asked: { readonly hostname: string; readonly port: number | undefined; readonly url: string },
	prefix: string,
): { readonly code: number; readonly location: string } | undefined {
	const redirect = filters.find(({ requestRedirect }) => requestRedirect !== undefined)?.requestRedirect;
	if (redirect === undefined) return undefined;
	const { scheme = "http", hostname = asked.hostname, path, statusCode = 302 } = redirect;
	// A scheme of its own means that scheme's port, unless one is named.
	const port = redirect.port ?? (redirect.scheme === undefined ? asked.port : undefined);
	const isUsual = port === undefined || port === (scheme === "https" ? 443 : 80);
	const target = path === undefined ? asked.url : changePath(asked.url, path, prefix);
	return { code: statusCode, location: `${scheme}://${hostname}${isUsual ? "" : `:${port}`}${target}` };
}

/** What a rule's CORS filter adds to the answer to that origin; undefined without such a filter, or when it isn't allowed. */
export function corsHeaders(filters: readonly Filter[], origin: string | undefined): Headers | undefined {
	const cors = filters.find((filter) => filter.cors !== undefined)?.cors;
	if (cors === undefined || origin === undefined) return undefined;
	const { allowOrigins = [], allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = cors;
	if (!allowOrigins.some((allowed) => allowed === "*" || matchesOrigin(allowed, origin))) return undefined;
	const joined = (values: readonly string[] | undefined) => (values?.length ? values.join(", ") : undefined);
	const headers: Headers = {
		"access-control-allow-origin": origin,
		vary: "origin",
		"access-control-allow-methods": joined(allowMethods),
		"access-control-allow-headers": joined(allowHeaders),
		"access-control-expose-headers": joined(exposeHeaders),
		"access-control-allow-credentials": allowCredentials ? "true" : undefined,
		"access-control-max-age": maxAge === undefined ? undefined : String(maxAge),
	};
	return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

function matchesOrigin(allowed: string, origin: string): boolean {
	const [before = "", after] = allowed.split("*", 2);
	if (after === undefined) return before.toLowerCase() === origin.toLowerCase();
	const longEnough = origin.length >= before.length + after.length;
	return longEnough && origin.startsWith(before) && origin.endsWith(after);
}
