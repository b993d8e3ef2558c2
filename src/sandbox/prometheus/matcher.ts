import type { Labels } from "./labels.ts";

export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** One condition on a label; a label that is not there has the empty value. */
export interface Matcher {
	readonly name: string;
	readonly operator: MatchOperator;
	readonly value: string;
	matches(value: string): boolean;
}

/** Throws an Error that says what is wrong with the pattern. */
export function matcherOf(name: string, operator: MatchOperator, value: string): Matcher {
	const wanted = operator === "=" || operator === "=~";
	if (operator === "=" || operator === "!=")
		return { name, operator, value, matches: (actual) => (actual === value) === wanted };
	const pattern = anchored(value);
	return { name, operator, value, matches: (actual) => pattern.test(actual) === wanted };
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
	return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}

/**
 * A pattern of RE2's syntax that must fit the whole text; `.` also fits the end of a line, as it does since Prometheus 3.
 * Refused are what RE2 refuses, and of what JavaScript would read otherwise: classes by name, and escapes beyond those of
 * classes, words and control characters. Flags may only stand in front. Unlike RE2 this can take exponential time: it is
 * for the patterns of the one person whose sandbox it is.
 */
export function anchored(pattern: string): RegExp {
	const unknown = /\\(?![dDwWsSbBfnrtv]|x[\da-fA-F]{2}|[^a-zA-Z0-9])./s.exec(pattern.replaceAll("\\\\", ""))?.[0];
	if (unknown !== undefined) throw wrong(pattern, `invalid escape sequence ${unknown}`);
	if (/\(\?(=|!|<=|<!)/.test(unescaped(pattern))) throw wrong(pattern, "invalid or unsupported Perl syntax");
	if (pattern.includes("[[:")) throw wrong(pattern, "the sandbox's Prometheus does not know named classes");
	const flags = /^\(\?([is]+)\)/.exec(pattern);
	const body = pattern.slice(flags?.[0].length ?? 0).replaceAll("(?P<", "(?<");
	try {
		return new RegExp(`^(?:${body})$`, flags?.[1]?.includes("i") ? "is" : "s");
	} catch (thrown) {
		throw wrong(pattern, (thrown as Error).message);
	}
}

function unescaped(pattern: string): string {
	return pattern.replaceAll(/\\./gs, "").replaceAll(/\[\^?\]?[^\]]*\]/g, "");
}

function wrong(pattern: string, why: string): Error {
	return new Error(`error parsing regexp: ${why}: \`${pattern}\``);
}
