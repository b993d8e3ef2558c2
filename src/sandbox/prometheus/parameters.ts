import { badData } from "./answers.ts";
import { parseGoFloat } from "./go-float.ts";
import type { Matcher } from "./matcher.ts";
import { durationMs } from "./promql/literals.ts";
import { parseQuery } from "./promql/parse.ts";
import { bare } from "./promql/syntax.ts";

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Milliseconds of a parameter that is a Unix time in seconds or a date; undefined when it is missing. */
export function momentOf(parameters: URLSearchParams, name: string): number | undefined {
	const text = parameters.get(name) ?? "";
	return text === "" ? undefined : readMoment(name, text, `Invalid time value for '${name}': `);
}

export function requiredMoment(parameters: URLSearchParams, name: string): number {
	return readMoment(name, parameters.get(name) ?? "", "");
}

function readMoment(name: string, text: string, why: string): number {
	const seconds = parseGoFloat(text);
	const isDate = seconds === undefined && rfc3339.test(text);
	const ms = isDate ? Date.parse(text) : Math.round((seconds ?? Number.NaN) * 1000);
	if (Number.isFinite(ms)) return ms;
	throw badData(`invalid parameter "${name}": ${why}cannot parse "${text}" to a valid timestamp`);
}

/** Milliseconds of a parameter that is a number of seconds or a duration; undefined when it is missing. */
export function spanOf(parameters: URLSearchParams, name: string): number | undefined {
	const text = parameters.get(name) ?? "";
	if (text === "") return undefined;
	const seconds = parseGoFloat(text);
	const ms = seconds === undefined ? durationMs(text) : Math.round(seconds * 1000);
	if (ms === undefined || !Number.isFinite(ms))
		throw badData(`invalid parameter "${name}": cannot parse "${text}" to a valid duration`);
	return ms;
}

/** How many entries an answer may have; 0 or nothing: all. */
export function limitOf(parameters: URLSearchParams): number {
	const text = parameters.get("limit") ?? "";
	if (!/^\d*$/.test(text)) throw badData(`invalid parameter "limit": cannot parse "${text}"`);
	return Number(text) || Number.POSITIVE_INFINITY;
}

/** The selectors of all `match[]`; an empty list when there is none. */
export function selectorsOf(parameters: URLSearchParams): readonly (readonly Matcher[])[] {
	return parameters.getAll("match[]").map((text) => {
		let why = "expected a vector selector";
		try {
			const expr = bare(parseQuery(text));
			if (expr.kind === "selector" && expr.offsetMs === 0 && expr.at === undefined) return expr.matchers;
		} catch (thrown) {
			why = (thrown as Error).message;
		}
		throw badData(`invalid parameter "match[]": ${why}`);
	});
}
