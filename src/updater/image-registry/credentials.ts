import type { Credentials } from "./image-registry.ts";

/**
 * The credentials whose scope fits the name best: the longest path, then a host written out before one with wildcards, then the
 * first of the list. A scope's path covers whole components: `ghcr.io/acme` is not for `ghcr.io/acme-labs/shop`.
 */
export function bestCredentials<T extends Credentials>(
	name: { readonly host: string; readonly path: string },
	all: readonly T[],
): T | undefined {
	let best: T | undefined;
	for (const candidate of all) {
		if (!covers(candidate.scope, name)) continue;
		if (best === undefined || weight(candidate.scope) > weight(best.scope)) best = candidate;
	}
	return best;
}

/** Whether the scope (`docker.io`, `ghcr.io/acme`, `*.example.com:5000`) covers the name. */
export function covers(scope: string, { host, path }: { readonly host: string; readonly path: string }): boolean {
	const [scopeHost, scopePath] = halves(scope);
	if (scopePath !== "" && path !== scopePath && !path.startsWith(`${scopePath}/`)) return false;
	const [wanted = [], asked = []] = [scopeHost, host].map((text) => text.split("."));
	return wanted.length === asked.length && wanted.every((part, i) => fits(part, asked[i] ?? ""));
}

/** A wildcard stands for any letters within its own part of the host, as kubelet has it, and never reaches across a port. */
function fits(pattern: string, part: string): boolean {
	if (!pattern.includes("*")) return pattern === part;
	const [patternName = "", patternPort] = pattern.split(":");
	const [name = "", port] = part.split(":");
	if (patternPort !== port) return false;
	const pieces = patternName.split("*");
	const [first = "", last = ""] = [pieces[0], pieces.at(-1)];
	if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
	let at = first.length;
	for (const piece of pieces.slice(1, -1)) {
		const found = name.indexOf(piece, at);
		if (found < 0) return false;
		at = found + piece.length;
	}
	return at <= name.length - last.length;
}

function weight(scope: string): number {
	const [host, path] = halves(scope);
	return path.length * 2 + (host.includes("*") ? 0 : 1);
}

function halves(scope: string): [host: string, path: string] {
	const slash = scope.indexOf("/");
	return slash < 0 ? [scope, ""] : [scope.slice(0, slash), scope.slice(slash + 1)];
}

/** Shorter words are no secret, and hiding them would make messages unreadable. */
const SECRET_LENGTH_MIN = 4;

/** The text without anything that proves who we are, even where a registry's own words echoed it: hosts do so in lower case. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
	let clean = text;
	for (const secret of secrets) {
		if (secret.length < SECRET_LENGTH_MIN) continue;
		clean = clean.replaceAll(new RegExp(secret.replaceAll(/[^A-Za-z0-9]/g, "\\$&"), "gi"), "[hidden]");
	}
	return clean;
}
