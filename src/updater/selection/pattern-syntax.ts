/** A place in a pattern's tree. Sets say for each of `SYMBOLS` characters whether it fits. */
export type Node =
	| { readonly kind: "char"; readonly fits: Uint8Array }
	| { readonly kind: "edge"; readonly edge: "begin" | "end" }
	| { readonly kind: "group"; readonly inner: Node; readonly index: number | undefined }
	| { readonly kind: "sequence" | "choice"; readonly of: readonly Node[] }
	| {
			readonly kind: "repeat";
			readonly inner: Node;
			readonly min: number;
			readonly max: number;
			readonly isLazy: boolean;
	  };

export interface ParsedPattern {
	readonly tree: Node;
	/** Of group 1, 2, …; undefined where a group has no name. */
	readonly names: readonly (string | undefined)[];
}

/** ASCII, and one for everything else. */
export const SYMBOLS = 129;
const REPEAT_MAX = 200;
const CLASSES: Readonly<Record<string, RegExp>> = { d: /[0-9]/, w: /[0-9A-Za-z_]/, s: /[\t\n\f\r ]/ };
const POSIX: Readonly<Record<string, RegExp>> = {
	alpha: /[A-Za-z]/,
	digit: /[0-9]/,
	alnum: /[0-9A-Za-z]/,
	upper: /[A-Z]/,
	lower: /[a-z]/,
	xdigit: /[0-9A-Fa-f]/,
	word: /[0-9A-Za-z_]/,
	punct: /[!-/:-@[-`{-~]/,
};

/** Reads a regular expression as RE2 writes it, as far as tags need it; what is wrong is a text, the end of "the pattern …". */
export function parsePattern(source: string): ParsedPattern | string {
	const reader = new Reader(source);
	const tree = reader.choice();
	return reader.problem ?? (reader.rest === "" ? { tree, names: reader.names } : "has a ) without its (");
}

/** Goes through the text once; after a problem it reads on without harm, and only the first is told. */
class Reader {
	readonly names: (string | undefined)[] = [];
	problem: string | undefined;
	rest: string;
	private readonly ignoresCase: boolean;

	constructor(source: string) {
		const flags = /^\(\?([is]+)\)/.exec(source);
		this.ignoresCase = flags?.[1]?.includes("i") ?? false;
		this.rest = source.slice(flags?.[0].length ?? 0);
	}

	choice(): Node {
		const of = [this.sequence()];
		while (this.take("|")) of.push(this.sequence());
		return of.length === 1 && of[0] !== undefined ? of[0] : { kind: "choice", of };
	}

	private sequence(): Node {
		const of: Node[] = [];
		while (this.rest !== "" && !/^[|)]/.test(this.rest)) of.push(this.repeated(this.atom()));
		return { kind: "sequence", of };
	}

	private repeated(inner: Node): Node {
		const found = this.match(/^(?:([*+?])|\{([0-9]{1,4})(,?)([0-9]{0,4})\})(\?)?/);
		if (found === undefined) return inner;
		const [, sign, from, comma, to, lazy] = found;
		const min = sign === undefined ? Number(from) : Number(sign === "+");
		const max =
			sign === undefined ? (comma === "" ? min : Number(to || Infinity)) : sign === "?" ? 1 : Number.POSITIVE_INFINITY;
		if (max < min || min > REPEAT_MAX || (max > REPEAT_MAX && max !== Infinity))
			this.fails(`repeats something ${found[0]} times; at most ${REPEAT_MAX} are understood`);
		if (/^[*+?]/.test(this.rest) || inner.kind === "edge") this.fails("repeats what cannot be repeated");
		return { kind: "repeat", inner, min, max, isLazy: lazy !== undefined };
	}

	private atom(): Node {
		if (this.take("(")) return this.group();
		if (this.take("[")) return this.set();
		if (this.take("^")) return { kind: "edge", edge: "begin" };
		if (this.take("$")) return { kind: "edge", edge: "end" };
		if (this.take(".")) return charNode((char) => char !== "\n");
		if (this.take("\\")) return this.escape();
		const char = this.next();
		if (/[*+?]/.test(char)) this.fails(`has a ${char} with nothing before it`);
		return this.literal(char);
	}

	private group(): Node {
		const named = this.match(/^\?P?<([A-Za-z_][A-Za-z0-9_]*)>/);
		const isPlain = named === undefined && this.match(/^\?:/) !== undefined;
		if (named === undefined && !isPlain && this.rest.startsWith("?"))
			this.fails("looks ahead or behind, or sets flags in the middle, which is not understood");
		const index = isPlain ? undefined : this.names.push(named?.[1]);
		const inner = this.choice();
		if (!this.take(")")) this.fails("has a ( without its )");
		return { kind: "group", inner, index };
	}

	private set(): Node {
		const isNegated = this.take("^");
		const fits: ((char: string) => boolean)[] = [];
		let isFirst = true;
		while (this.rest !== "" && (isFirst || !this.rest.startsWith("]"))) {
			isFirst = false;
			fits.push(this.member());
		}
		if (!this.take("]")) this.fails("has a [ without its ]");
		return this.folded((char) => fits.some((one) => one(char)) !== isNegated, isNegated);
	}

	private member(): (char: string) => boolean {
		const posix = this.match(/^\[:(\^?)([a-z]+):\]/);
		if (posix !== undefined) {
			const named = POSIX[posix[2] ?? ""];
			if (named === undefined) this.fails(`names the unknown class ${posix[0]}`);
			return (char) => (named?.test(char) ?? false) !== (posix[1] === "^");
		}
		const named = this.match(/^\\([dwsDWS])/)?.[1];
		if (named !== undefined) return classed(named);
		const from = this.member1();
		if (!/^-[^\]]/.test(this.rest)) return (char) => char === from;
		this.next();
		const to = this.member1();
		if (to < from) this.fails(`has the range ${from}-${to} the wrong way round`);
		return (char) => char.length === 1 && char >= from && char <= to;
	}

	private member1(): string {
		this.take("\\");
		return this.next();
	}

	private escape(): Node {
		if (this.take("A")) return { kind: "edge", edge: "begin" };
		if (this.take("z")) return { kind: "edge", edge: "end" };
		const char = this.next();
		if (/[dwsDWS]/.test(char)) return charNode(classed(char));
		if (/[0-9A-Za-z]/.test(char) || char === "") this.fails(`has \\${char}, which is not understood`);
		return this.literal(char);
	}

	private literal(char: string): Node {
		return this.folded((one) => one === char, false);
	}

	private folded(fits: (char: string) => boolean, isNegated: boolean): Node {
		if (!this.ignoresCase) return charNode(fits);
		return charNode((char) =>
			isNegated
				? fits(char.toLowerCase()) && fits(char.toUpperCase())
				: fits(char.toLowerCase()) || fits(char.toUpperCase()),
		);
	}

	private take(text: string): boolean {
		if (!this.rest.startsWith(text)) return false;
		this.rest = this.rest.slice(text.length);
		return true;
	}

	private match(what: RegExp): RegExpExecArray | undefined {
		const found = what.exec(this.rest);
		if (found === null) return undefined;
		this.rest = this.rest.slice(found[0].length);
		return found;
	}

	private next(): string {
		const char = this.rest.slice(0, 1);
		this.rest = this.rest.slice(1);
		return char;
	}

	private fails(problem: string): void {
		this.problem ??= problem;
	}
}

function classed(name: string): (char: string) => boolean {
	const members = CLASSES[name.toLowerCase()];
	return (char) => (members?.test(char) ?? false) === (name === name.toLowerCase());
}

/** The empty text stands for whatever is not ASCII. */
function charNode(fits: (char: string) => boolean): Node {
	return {
		kind: "char",
		fits: Uint8Array.from({ length: SYMBOLS }, (_, code) =>
			Number(fits(code === SYMBOLS - 1 ? "" : String.fromCharCode(code))),
		),
	};
}
