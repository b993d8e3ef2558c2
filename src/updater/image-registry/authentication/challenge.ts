/** How a registry wants to be shown who asks: an entry of `WWW-Authenticate`. */
export type Challenge =
	| { readonly kind: "basic" }
	| {
			readonly kind: "bearer";
			/** Where tokens are given out. */
			readonly realm: URL;
			readonly service: string | undefined;
			/** Of one token; several stand side by side. */
			readonly scopes: readonly string[];
	  };

const HEADER_LENGTH_MAX = 8_192;
const SCOPES_MAX = 16;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y;

/**
 * The challenge that we can meet: Bearer before Basic, undefined when there is neither. Quoted strings may hold commas, equal
 * signs and escapes; names and schemes are of any case (RFC 9110, 11.6.1).
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
	if (header === undefined || header.length > HEADER_LENGTH_MAX) return undefined;
	const all = challengesIn(header);
	const bearer = all.find(({ scheme }) => scheme === "bearer");
	const realm = URL.parse(bearer?.parameters.get("realm") ?? "");
	if (bearer !== undefined && realm !== null && /^https?:$/.test(realm.protocol)) {
		const scopes = (bearer.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
		return { kind: "bearer", realm, service: bearer.parameters.get("service"), scopes: scopes.slice(0, SCOPES_MAX) };
	}
	return all.some(({ scheme }) => scheme === "basic") ? { kind: "basic" } : undefined;
}

interface Entry {
	readonly scheme: string;
	readonly parameters: Map<string, string>;
}

/** Every entry up to the first that is none. */
function challengesIn(header: string): readonly Entry[] {
	const entries: Entry[] = [];
	let at = 0;
	const take = (pattern: RegExp): RegExpExecArray | null => {
		pattern.lastIndex = at;
		const found = pattern.exec(header);
		if (found !== null) at = pattern.lastIndex;
		return found;
	};
	for (;;) {
		take(/[\s,]*/y);
		if (at >= header.length) return entries;
		const word = take(TOKEN)?.[0];
		if (word === undefined) return entries;
		const isParameter = take(/\s*=\s*/y) !== null;
		const entry = entries.at(-1);
		if (!isParameter) {
			entries.push({ scheme: word.toLowerCase(), parameters: new Map() });
			take(/\s+/y);
			// What some schemes have instead of parameters: skipped.
			take(TOKEN68);
			continue;
		}
		const quoted = take(QUOTED)?.[1];
		const value = quoted?.replaceAll(/\\([\s\S])/g, "$1") ?? take(TOKEN)?.[0];
		if (value === undefined || entry === undefined) return entries;
		const name = word.toLowerCase();
		// The first of two wins: what a proxy adds behind it changes nothing.
		if (!entry.parameters.has(name)) entry.parameters.set(name, value);
	}
}
