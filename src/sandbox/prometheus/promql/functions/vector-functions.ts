/** A value from a value of a vector, and from the scalars that come with it. */
export type ValueFunction = (value: number, first: number, second: number) => number;

const degrees = 180 / Math.PI;

/** Functions of each value of a vector; the name of the metric goes. */
export const valueFunctions: Readonly<Record<string, ValueFunction>> = {
	abs: Math.abs,
	ceil: Math.ceil,
	floor: Math.floor,
	exp: Math.exp,
	ln: Math.log,
	log2: Math.log2,
	log10: Math.log10,
	sqrt: Math.sqrt,
	sin: Math.sin,
	cos: Math.cos,
	tan: Math.tan,
	asin: Math.asin,
	acos: Math.acos,
	atan: Math.atan,
	sinh: Math.sinh,
	cosh: Math.cosh,
	tanh: Math.tanh,
	asinh: Math.asinh,
	acosh: Math.acosh,
	atanh: Math.atanh,
	deg: (value) => value * degrees,
	rad: (value) => value / degrees,
	sgn: (value) => (value < 0 ? -1 : value > 0 ? 1 : value),
	// Halves go up; the inverse is what keeps 0.1 and its like exact.
	round: (value, to) => Math.floor(value * (1 / to) + 0.5) / (1 / to),
	clamp: (value, low, high) => Math.max(low, Math.min(high, value)),
	clamp_min: (value, low) => Math.max(low, value),
	clamp_max: (value, high) => Math.min(high, value),
};

/** Parts of a date, in UTC, of a Unix time in seconds. */
export const dateFunctions: Readonly<Record<string, (seconds: number) => number>> = {
	minute: (seconds) => dateOf(seconds).getUTCMinutes(),
	hour: (seconds) => dateOf(seconds).getUTCHours(),
	day_of_week: (seconds) => dateOf(seconds).getUTCDay(),
	day_of_month: (seconds) => dateOf(seconds).getUTCDate(),
	day_of_year: (seconds) => {
		const date = dateOf(seconds);
		return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
	},
	days_in_month: (seconds) => {
		const date = dateOf(seconds);
		return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
	},
	month: (seconds) => dateOf(seconds).getUTCMonth() + 1,
	year: (seconds) => dateOf(seconds).getUTCFullYear(),
};

function dateOf(seconds: number): Date {
	return new Date(Math.trunc(seconds) * 1000);
}
