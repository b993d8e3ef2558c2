import type { ServedKind } from "../../contract.ts";
import type { Kinds } from "../kinds.ts";
import { badRequest, noSuchPath } from "../refusals.ts";

/** What a path names. */
export interface Route {
	readonly kind: ServedKind;
	readonly namespace: string | undefined;
	/** Undefined: all of them. */
	readonly name: string | undefined;
	readonly subresource: string;
}

export interface Segments {
	/** `v1` or `group/version`. */
	readonly apiVersion: string;
	/** What comes after it, decoded. */
	readonly rest: readonly string[];
}

/** The parts of a path below a version of a group; undefined for all other paths. */
export function segmentsOf(path: string): Segments | undefined {
	const [root, ...parts] = path
		.split("/")
		.filter((part) => part !== "")
		.map(decoded);
	const length = root === "api" ? 1 : root === "apis" ? 2 : 0;
	if (length === 0 || parts.length <= length) return undefined;
	return { apiVersion: parts.slice(0, length).join("/"), rest: parts.slice(length) };
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		throw badRequest(`the path has a part that is not encoded as it must be: ${part}`);
	}
}

/** Throws the refusal of a path that leads nowhere. */
export function routeOf(kinds: Kinds, { apiVersion, rest }: Segments): Route {
	const [first, second, third] = rest;
	if (first === "namespaces" && second !== undefined && third !== undefined) {
		const kind = kinds.at(apiVersion, third);
		if (kind?.namespaced === true) return routeIn(kind, second, rest.slice(3));
	}
	const kind = kinds.at(apiVersion, first ?? "");
	if (!kind) throw noSuchPath();
	// Of what lives in namespaces only the whole list is served without one.
	if (kind.namespaced && rest.length > 1) throw noSuchPath();
	return routeIn(kind, undefined, rest.slice(1));
}

function routeIn(kind: ServedKind, namespace: string | undefined, rest: readonly string[]): Route {
	const [name, subresource = ""] = rest;
	if (rest.length > 2 || (subresource !== "" && !serves(kind, subresource))) throw noSuchPath();
	return { kind, namespace, name, subresource };
}

function serves(kind: ServedKind, subresource: string): boolean {
	return kind.subresources.includes(subresource) || (kind.kind === "Namespace" && subresource === "finalize");
}
