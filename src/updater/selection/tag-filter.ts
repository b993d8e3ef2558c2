import type { Candidate } from "../policies/tag-policy.ts";
import type { TagFilter } from "../rule.ts";
import { type Groups, readPattern } from "./pattern.ts";

/** What of a tag a policy reads; undefined when the filter does not let it through. */
export type Extract = (tag: string) => string | undefined;

export type ReadFilter =
	| { readonly ok: true; readonly extract: Extract }
	/** A sentence that names the mend. */
	| { readonly ok: false; readonly problem: string };

const EXTRACT_LENGTH_MAX = 256;
const PLACEHOLDER = /\$(?:\{(\w+)\}|(\w+))/g;

/** Reads pattern and extract once, for any number of tags. No filter lets everything through as it is. */
export function readFilter(filter: TagFilter | undefined): ReadFilter {
	if (filter === undefined) return { ok: true, extract: (tag) => tag };
	const read = readPattern(filter.pattern);
	if (!read.ok) return { ok: false, problem: `the filter's pattern ${read.problem}` };
	const { pattern } = read;
	const { extract } = filter;
	if (extract === undefined) return { ok: true, extract: (tag) => (pattern.matches(tag) ? tag : undefined) };
	if (extract.length > EXTRACT_LENGTH_MAX)
		return { ok: false, problem: `the filter's extract is longer than ${EXTRACT_LENGTH_MAX} characters` };
	const unknown = [...extract.matchAll(PLACEHOLDER)]
		.map(([, braced, bare]) => braced ?? bare ?? "")
		.find((name) => !pattern.names.includes(name) && !(Number(name) <= pattern.groupCount));
	if (unknown !== undefined)
		return { ok: false, problem: `the filter extracts $${unknown}, and its pattern has no such group` };
	return {
		ok: true,
		extract: (tag) => {
			const groups = pattern.groups(tag);
			return groups && filled(extract, groups);
		},
	};
}

/** A tag that serves, as policies read it: extracted, or the whole where the filter does not let it through. */
export function currentCandidate(tag: string, extract: Extract): Candidate {
	return { tag, text: extract(tag) ?? tag };
}

/** Whether a glob of literal text and `*` matches the whole tag. */
export function globMatches(glob: string, text: string): boolean {
	return globPart(glob, text) !== undefined;
}

/**
 * What of the text the stars of the glob stand for, with what is between them; undefined when it does not match. Each piece
 * between stars is found as early as possible, which is enough.
 */
export function globPart(glob: string, text: string): string | undefined {
	const [first = "", ...pieces] = glob.split("*");
	const last = pieces.pop();
	if (last === undefined) return glob === text ? text : undefined;
	if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
	const part = text.slice(first.length, text.length - last.length);
	let at = 0;
	for (const piece of pieces) {
		const found = part.indexOf(piece, at);
		if (found < 0) return undefined;
		at = found + piece.length;
	}
	return part;
}

function filled(template: string, groups: Groups): string {
	return template.replaceAll(PLACEHOLDER, (_, braced?: string, bare?: string) => groups[braced ?? bare ?? ""] ?? "");
}
