import { compareDigits } from "../selection/natural-order.ts";
import type { PolicySettings, TagPolicy } from "./tag-policy.ts";

/** The parts of a date, as digits, in the order in which the format has them. */
export type CalverRank = readonly string[];

const FORMAT_LENGTH_MAX = 64;
/** What each token matches, after calver.org; hh, mm and ss are ours. */
const TOKENS: Readonly<Record<string, string>> = {
	YYYY: "([0-9]{4})",
	"0Y": "([0-9]{2,3})",
	YY: "([1-9][0-9]{0,2}|0)",
	"0M": "(0[1-9]|1[0-2])",
	MM: "([1-9]|1[0-2])",
	"0W": "(0[1-9]|[1-4][0-9]|5[0-3])",
	WW: "([1-9]|[1-4][0-9]|5[0-3])",
	"0D": "(0[1-9]|[12][0-9]|3[01])",
	DD: "([1-9]|[12][0-9]|3[01])",
	hh: "([01][0-9]|2[0-3])",
	mm: "([0-5][0-9])",
	ss: "([0-5][0-9])",
	MAJOR: "([0-9]+)",
	MINOR: "([0-9]+)",
	MICRO: "([0-9]+)",
};
const ANY_TOKEN = new RegExp(Object.keys(TOKENS).join("|"), "g");
const DATE_TOKENS = /YYYY|0Y|YY|0M|MM|0W|WW|0D|DD/;

/** Formats that were read, for as long as their settings are in use. */
const known = new WeakMap<PolicySettings, RegExp>();

export const calver = {
	describe: "the latest date, in a format of calver.org",
	problems: ({ format }) => {
		if (format === undefined) return ["calver needs a format, such as 'YYYY.0M.0D'"];
		if (format.length > FORMAT_LENGTH_MAX)
			return [`the format is longer than ${FORMAT_LENGTH_MAX} characters; shorten it`];
		return DATE_TOKENS.test(format)
			? []
			: ["the format has no part of a date; write it like 'YYYY.0M.0D' or 'YY.MM.MICRO'"];
	},
	judge: (candidate, current, settings) => {
		const rank = partsOf(candidate.text, settings);
		if (rank === undefined) return { kind: "passedOver", why: `is not a date like ${settings.format}` };
		const now = current && partsOf(current.text, settings);
		if (settings.allowDowngrade === true || now === undefined || compareParts(rank, now) > 0)
			return { kind: "eligible", rank };
		return { kind: "passedOver", why: `is not later than ${current?.text}` };
	},
	compare: compareParts,
} satisfies TagPolicy<CalverRank>;

function partsOf(text: string, settings: PolicySettings): CalverRank | undefined {
	return formatOf(settings).exec(text)?.slice(1);
}

function formatOf(settings: PolicySettings): RegExp {
	const format = known.get(settings) ?? read(settings.format ?? "");
	known.set(settings, format);
	return format;
}

/** What is between tokens stands for itself. */
function read(format: string): RegExp {
	const tokens = format.match(ANY_TOKEN) ?? [];
	const between = format.split(ANY_TOKEN).map((text) => text.replaceAll(/[^0-9A-Za-z]/g, "\\$&"));
	const pattern = between.map((text, at) => text + (TOKENS[tokens[at] ?? ""] ?? "")).join("");
	return new RegExp(`^${pattern}$`);
}

function compareParts(one: CalverRank, other: CalverRank): number {
	for (let at = 0; at < one.length; at++) {
		const order = compareDigits(one[at] ?? "0", other[at] ?? "0");
		if (order !== 0) return order;
	}
	return 0;
}
