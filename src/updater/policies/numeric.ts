import { compareDigits, isDigits } from "../selection/natural-order.ts";
import type { TagPolicy } from "./tag-policy.ts";

/** The number's parts, as digits. */
export type NumericRank = readonly string[];

/** Meant to have a filter before it that extracts the number. 1.10 comes after 1.9: parts are counted, not fractions. */
export const numeric = {
	describe: "the highest number, of one part or of several with dots between them",
	problems: () => [],
	judge: (candidate, current, { allowDowngrade }) => {
		const rank = partsOf(candidate.text);
		if (rank === undefined) return { kind: "passedOver", why: "is not a number" };
		const now = current && partsOf(current.text);
		if (allowDowngrade === true || now === undefined || compareParts(rank, now) > 0) return { kind: "eligible", rank };
		return { kind: "passedOver", why: `is not higher than ${current?.text}` };
	},
	compare: compareParts,
} satisfies TagPolicy<NumericRank>;

function partsOf(text: string): NumericRank | undefined {
	const parts = text.replace(/^v/, "").split(".");
	return parts.every(isDigits) ? parts : undefined;
}

function compareParts(one: NumericRank, other: NumericRank): number {
	for (let at = 0; at < Math.max(one.length, other.length); at++) {
		const order = compareDigits(one[at] ?? "0", other[at] ?? "0");
		if (order !== 0) return order;
	}
	return 0;
}
