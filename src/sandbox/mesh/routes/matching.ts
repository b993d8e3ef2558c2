import type { RouteMatch, ValueMatch } from "./shapes.ts";

/** What a rule may look at in a request. */
export interface RequestLine {
	readonly method: string;
	/** Without query. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** Lower-case names; several values of one name are joined by a comma. */
	readonly header: (name: string) => string | undefined;
}

/** One match of a rule, ready to be asked. */
export interface Matcher {
	readonly matches: (request: RequestLine) => boolean;
	/** What Gateway API ranks matches by, most significant first; greater goes first. */
	readonly rank: readonly number[];
	/** What a ReplacePrefixMatch replaces: the prefix without a slash at its end. */
	readonly prefix: string;
}

/** A match, or what in it cannot be obeyed. */
export type Compiled =
	| { readonly ok: true; readonly matcher: Matcher }
	| { readonly ok: false; readonly problem: string };

/** Ranks of path types: an exact path goes before any prefix; regular expressions go between, as most gateways have it. */
const PATH_RANK = { Exact: 2, RegularExpression: 1, PathPrefix: 0 } as const;

export function compileMatch({ path = {}, headers = [], queryParams = [], method }: RouteMatch): Compiled {
	const type = path.type ?? "PathPrefix";
	const value = path.value ?? "/";
	if (!Object.hasOwn(PATH_RANK, type)) return { ok: false, problem: `a path match of type ${type} is not known` };
	try {
		const pathMatches = pathTest(type as keyof typeof PATH_RANK, value);
		// Of several matches of one name the first counts, as the API says.
		const headerTests = firstByName(headers, (name) => name.toLowerCase()).map((match) => valueTest(match));
		const queryTests = firstByName(queryParams, (name) => name).map((match) => valueTest(match));
		return {
			ok: true,
			matcher: {
				matches: (request) =>
					(method === undefined || method === request.method) &&
					pathMatches(request.path) &&
					headerTests.every(({ name, test }) => test(request.header(name.toLowerCase()))) &&
					queryTests.every(({ name, test }) => test(request.query.get(name) ?? undefined)),
				rank: [
					PATH_RANK[type as keyof typeof PATH_RANK],
					value.length,
					method === undefined ? 0 : 1,
					headerTests.length,
					queryTests.length,
				],
				prefix: type === "PathPrefix" ? value.replace(/\/+$/, "") : "",
			},
		};
	} catch (error) {
		if (error instanceof SyntaxError) return { ok: false, problem: error.message };
		throw error;
	}
}

/** Below 0 when `one` goes before `other`; 0 when the ranks say nothing. */
export function compareRanks(one: readonly number[], other: readonly number[]): number {
	for (const [index, rank] of one.entries()) {
		const difference = (other[index] ?? 0) - rank;
		if (difference !== 0) return difference;
	}
	return 0;
}

function pathTest(type: keyof typeof PATH_RANK, value: string): (path: string) => boolean {
	if (type === "Exact") return (path) => path === value;
	if (type === "RegularExpression") {
		const pattern = whole(value);
		return (path) => pattern.test(path);
	}
	const prefix = value.replace(/\/+$/, "");
	// Element by element: /ab is not below /a.
	return (path) => path === prefix || path.startsWith(`${prefix}/`);
}

function valueTest({ type = "Exact", name, value }: ValueMatch) {
	if (type === "Exact") return { name, test: (found: string | undefined) => found === value };
	if (type !== "RegularExpression") throw new SyntaxError(`a match of type ${type} is not known`);
	const pattern = whole(value);
	return { name, test: (found: string | undefined) => found !== undefined && pattern.test(found) };
}

/** Anchored at both ends, as Envoy and Linkerd do. Throws SyntaxError. */
export function whole(pattern: string): RegExp {
	return new RegExp(`^(?:${pattern})$`);
}

function firstByName(matches: readonly ValueMatch[], key: (name: string) => string): readonly ValueMatch[] {
	const seen = new Set<string>();
	return matches.filter(({ name }) => !seen.has(key(name)) && seen.add(key(name)));
}
