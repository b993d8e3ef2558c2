const HEADER_LENGTH_MAX = 8_192;
const PARAMETER = /\s*;\s*([!#$&+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s;,"]*)))?/y;

/** Where the next page is, if there is one; `elsewhere` when it is on another host or scheme, where nobody may send us. */
export type NextPage =
	| { readonly kind: "next"; readonly url: string }
	| { readonly kind: "none" }
	| { readonly kind: "elsewhere" };

/** Reads a `Link` header (RFC 8288): the first target of relation `next`, resolved against the page that named it. */
export function nextPage(header: string | undefined, page: string): NextPage {
	const target = targetOf("next", header);
	if (target === undefined) return { kind: "none" };
	const from = new URL(page);
	const next = URL.parse(target, from);
	if (next === null || next.origin !== from.origin) return { kind: "elsewhere" };
	if (next.username !== "" || next.password !== "") return { kind: "elsewhere" };
	next.hash = "";
	return { kind: "next", url: next.href };
}

function targetOf(relation: string, header: string | undefined): string | undefined {
	if (header === undefined || header.length > HEADER_LENGTH_MAX) return undefined;
	let at = 0;
	while (at < header.length) {
		const start = header.indexOf("<", at);
		const end = header.indexOf(">", start);
		if (start < 0 || end < 0) return undefined;
		at = end + 1;
		const target = header.slice(start + 1, end);
		let relations: string | undefined;
		for (;;) {
			PARAMETER.lastIndex = at;
			const found = PARAMETER.exec(header);
			if (found === null) break;
			at = PARAMETER.lastIndex;
			const [, name = "", quoted, bare] = found;
			// Of two the first counts, as the RFC has it.
			if (name.toLowerCase() === "rel") relations ??= quoted ?? bare ?? "";
		}
		if (relations?.toLowerCase().split(/\s+/).includes(relation)) return target.trim();
	}
	return undefined;
}
