import { split, type Traffic } from "../domain/traffic.ts";

/** The traffic of two weights that count relative to each other; undefined when their shares are no whole percentages. */
export function sharesOf(primary: number, candidate: number): Traffic | undefined {
	const percent = (candidate * 100) / (primary + candidate);
	const whole = Math.round(percent);
	if (!(primary >= 0 && candidate >= 0) || !(Math.abs(percent - whole) < 1e-9)) return undefined;
	return split(whole);
}
