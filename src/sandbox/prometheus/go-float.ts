/** Reads a number as Go's strconv.ParseFloat does; undefined when it is none. */
export function parseGoFloat(text: string): number | undefined {
	if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
	if (/^nan$/i.test(text)) return Number.NaN;
	const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
	if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
	const hex = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i.exec(text);
	if (hex === null || `${hex[2]}${hex[3]}` === "") return undefined;
	const [, sign, whole = "", fraction = "", exponent] = hex;
	const mantissa = Number(`0x${whole}${fraction}`);
	return (sign === "-" ? -1 : 1) * mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
}

function special(value: number): string | undefined {
	if (Number.isNaN(value)) return "NaN";
	if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
	return Object.is(value, -0) ? "-0" : undefined;
}

/** As strconv.FormatFloat(value, 'f', -1, 64) writes it: the shortest digits, never an exponent. */
export function formatPlain(value: number): string {
	const named = special(value);
	if (named !== undefined) return named;
	const text = String(value);
	const scientific = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
	if (scientific === null) return text;
	const [, sign, first = "", rest = "", exponent] = scientific;
	const shift = Number(exponent);
	if (shift < 0) return `${sign}0.${"0".repeat(-shift - 1)}${first}${rest}`;
	return `${sign}${first}${rest.padEnd(shift, "0")}`;
}

/** As the HTTP API writes the samples of vectors and matrices: plain, but very small and very large ones with an exponent. */
export function formatSample(value: number): string {
	return special(value) ?? withGoExponent(String(value));
}

/** As Prometheus 3 writes the bounds of buckets and quantiles when it takes them in: never like a whole number. */
export function formatBound(value: number): string {
	const named = special(value);
	if (named !== undefined && named !== "-0") return named;
	const magnitude = Math.abs(value);
	const needsExponent = magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6);
	const text = needsExponent ? withGoExponent(value.toExponential()) : formatPlain(value);
	return /[.e]/.test(text) ? text : `${text}.0`;
}

function withGoExponent(text: string): string {
	return text.replace(/e([+-])(\d)$/, "e$10$2");
}
