import type { OutboundRequest } from "./request.ts";

/** Header values that say nothing worth hiding, and that would blot out ordinary words. */
const PLAIN_HEADERS = new Set([
	"accept",
	"accept-encoding",
	"connection",
	"content-length",
	"content-type",
	"host",
	"user-agent",
]);
/** Shorter words are no secret, and hiding them would make messages unreadable. */
const SECRET_LENGTH_MIN = 4;
const HIDDEN = "[hidden]";

/** `POST https://hooks.example.com`: all that a message may say of where a request went. */
export function describeTarget({ method, url }: Pick<OutboundRequest, "method" | "url">): string {
	const parsed = URL.parse(url);
	return parsed === null ? method : `${method} ${parsed.protocol}//${parsed.host}`;
}

/** `text` without any header value, password or query value of the request, even where the other side echoed them. */
export function redact(text: string, request: OutboundRequest): string {
	// Longest first: of a header and a word within it, the whole header goes.
	const secrets = [...secretsOf(request)]
		.filter((secret) => secret.length >= SECRET_LENGTH_MIN)
		.sort((one, other) => other.length - one.length);
	return secrets.reduce((clean, secret) => clean.replaceAll(secret, HIDDEN), text);
}

function secretsOf({ url, headers, proxy }: OutboundRequest): Set<string> {
	const secrets = new Set<string>();
	for (const [name, value] of Object.entries(headers)) {
		if (PLAIN_HEADERS.has(name.toLowerCase())) continue;
		secrets.add(value.trim());
		const [scheme = "", ...credentials] = value.trim().split(" ");
		const token = credentials.join(" ");
		secrets.add(token);
		// A Basic header hides a user and a password, which an answer may quote decoded.
		if (scheme.toLowerCase() === "basic") for (const part of decoded(token).split(":")) secrets.add(part);
	}
	for (const address of [url, proxy ?? ""]) {
		const parsed = URL.parse(address);
		if (parsed === null) continue;
		for (const text of [parsed.username, parsed.password, parsed.search.slice(1), ...parsed.searchParams.values()]) {
			secrets.add(text);
			secrets.add(percentDecoded(text));
		}
	}
	return secrets;
}

function decoded(base64: string): string {
	return Buffer.from(base64, "base64").toString("utf8");
}

function percentDecoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
