/** One of several, by weight; undefined when no weight is above 0. `random` returns 0 up to, never including, 1. */
export function byWeight<T extends { readonly weight: number }>(
	choices: readonly T[],
	random: () => number,
): T | undefined {
	const total = choices.reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
	let left = random() * total;
	let last: T | undefined;
	for (const choice of choices) {
		if (choice.weight <= 0) continue;
		last = choice;
		left -= choice.weight;
		if (left < 0) return choice;
	}
	// Reached only by what rounding leaves.
	return last;
}

const UNITS: Readonly<Record<string, number>> = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	"": 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
};

/** A split's weight: a number, or in v1alpha1 a quantity such as `500m`. 0 when it is none. */
export function weightOf(written: number | string | undefined): number {
	if (typeof written === "number") return Number.isFinite(written) ? Math.max(0, written) : 0;
	const [, amount, exponent = "0", unit = ""] =
		/^(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+)|([numkMG]|Ki|Mi))?$/.exec(written ?? "") ?? [];
	return amount === undefined ? 0 : Number(`${amount}e${exponent}`) * (UNITS[unit] ?? 0);
}
