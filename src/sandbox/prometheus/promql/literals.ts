import { parseGoFloat } from "../go-float.ts";

const unitMs: Readonly<Record<string, number>> = {
	y: 365 * 86_400_000,
	w: 7 * 86_400_000,
	d: 86_400_000,
	h: 3_600_000,
	m: 60_000,
	s: 1_000,
	ms: 1,
};

/** Milliseconds of `1h30m`, units from large to small and each once; undefined when it is no duration. */
export function durationMs(text: string): number | undefined {
	if (text === "0") return 0;
	const parts = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
	if (parts === null || text === "") return undefined;
	return Object.values(unitMs).reduce((sum, ms, i) => sum + ms * Number(parts[i + 1] ?? 0), 0);
}

/** A number as a query may write it: decimal, hexadecimal, octal, with `_` between digits, or a duration in seconds. */
export function numberOf(text: string): number | undefined {
	const duration = /[a-z]$/i.test(text) && !/^0x/i.test(text) ? durationMs(text) : undefined;
	if (duration !== undefined) return duration / 1000;
	const plain = text.replaceAll("_", "");
	if (/^0x[\da-f]+$/i.test(plain)) return Number(plain);
	if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
	return parseGoFloat(plain);
}

const escapes: Readonly<Record<string, string>> = {
	a: "\x07",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
	v: "\v",
	"\\": "\\",
	"'": "'",
	'"': '"',
};

/** What a string literal with its quotes means; undefined when an escape or the end is wrong. */
export function unquote(literal: string): string | undefined {
	const quote = literal[0];
	if (literal.length < 2 || literal.at(-1) !== quote) return undefined;
	const inner = literal.slice(1, -1);
	if (quote === "`") return inner;
	if (inner.includes("\n")) return undefined;
	let isWrong = false;
	const text = inner.replaceAll(
		/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.?))/g,
		(_, byte?: string, short?: string, long?: string, octal?: string, single?: string) => {
			const hex = byte ?? short ?? long;
			const code = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
			if (!Number.isNaN(code) && code <= 0x10ffff) return String.fromCodePoint(code);
			const meant = escapes[single ?? ""];
			if (meant === undefined || (meant !== quote && (meant === "'" || meant === '"'))) isWrong = true;
			return meant ?? "";
		},
	);
	return isWrong ? undefined : text;
}
