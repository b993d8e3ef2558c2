const SYNTAX = /^([+-]?)(\d+\.?\d*|\.\d+)(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,2})?$/;
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** Powers of ten, in thousands; the last are parts. */
const DECIMAL: Readonly<Record<string, number>> = { n: -3, u: -2, m: -1, "": 0, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
const NANO = 1_000_000_000n;

/** What a real API server answers to an amount that it cannot read. */
export const QUANTITY_SYNTAX =
	"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** An amount in billionths, such as of `100m` or `1Gi`; undefined for what is none. */
export function nanosOf(quantity: unknown): bigint | undefined {
	return parse(quantity)?.nanos;
}

/** The one way to write an amount: `1000m` as `1`, `1024Mi` as `1Gi`; undefined for what is none. */
export function canonicalQuantity(quantity: unknown): string | undefined {
	const parsed = parse(quantity);
	if (parsed === undefined) return undefined;
	const { nanos, isBinary } = parsed;
	if (nanos === 0n) return "0";
	const whole = nanos % NANO === 0n ? nanos / NANO : undefined;
	if (isBinary && whole !== undefined && (whole >= 1024n || whole <= -1024n))
		return withSuffix(whole, 1024n, ["", ...BINARY]);
	if (parsed.exponent && whole !== undefined) return withExponent(whole);
	if (whole !== undefined) return withSuffix(whole, 1000n, ["", "k", "M", "G", "T", "P", "E"]);
	return withSuffix(nanos, 1000n, ["n", "u", "m", ""]);
}

function parse(quantity: unknown) {
	const found = SYNTAX.exec(
		typeof quantity === "number" ? String(quantity) : typeof quantity === "string" ? quantity : "",
	);
	if (found === null) return undefined;
	const [, sign, digits = "0", suffix = ""] = found;
	const [whole = "0", part = ""] = digits.split(".");
	const binary = BINARY.indexOf(suffix) + 1;
	const exponent = /^[eE][+-]?\d+$/.test(suffix);
	const tens = exponent ? Number(suffix.slice(1)) : (DECIMAL[suffix] ?? 0) * 3;
	const scale = 9 + tens - part.length;
	let nanos = BigInt(`${whole}${part}` || "0") * 1024n ** BigInt(binary);
	// What is finer than a billionth is rounded away from zero.
	if (scale >= 0) nanos *= 10n ** BigInt(scale);
	else nanos = (nanos + 10n ** BigInt(-scale) - 1n) / 10n ** BigInt(-scale);
	return { nanos: sign === "-" ? -nanos : nanos, isBinary: binary > 0, exponent };
}

function withSuffix(amount: bigint, step: bigint, suffixes: readonly string[]): string {
	let rest = amount;
	let at = 0;
	while (rest % step === 0n && at < suffixes.length - 1) {
		rest /= step;
		at += 1;
	}
	return `${rest}${suffixes[at]}`;
}

function withExponent(amount: bigint): string {
	let rest = amount;
	let exponent = 0;
	while (rest % 1000n === 0n) {
		rest /= 1000n;
		exponent += 3;
	}
	return exponent === 0 ? String(rest) : `${rest}e${exponent}`;
}
