import { formatBound, parseGoFloat } from "./go-float.ts";
import { Labels, NAME } from "./labels.ts";

export interface ExposedSample {
	readonly labels: Labels;
	readonly value: number;
	/** Milliseconds, when the text says a time. */
	readonly timeMs: number | undefined;
}

export interface Exposition {
	readonly samples: readonly ExposedSample[];
	/** By the name of the metric. */
	readonly types: ReadonlyMap<string, string>;
	readonly helps: ReadonlyMap<string, string>;
}

/** A line that is none of the format; its message says which and why. */
export class ExpositionError extends Error {
	override readonly name = "ExpositionError";
}

const types = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);

/**
 * Reads Prometheus' text format, version 0.0.4, with the quoted names of version 1. As Prometheus 3 does, it writes the
 * bounds of buckets (`le`) and quantiles of what is typed so in one form: `1` becomes `1.0`. Throws ExpositionError.
 */
export function parseExposition(text: string): Exposition {
	const samples: ExposedSample[] = [];
	const typeOf = new Map<string, string>();
	const helps = new Map<string, string>();
	let lastType = "untyped";
	for (const [index, line] of text.split("\n").entries()) {
		const fail = (why: string) => new ExpositionError(`line ${index + 1}: ${why}: ${line.slice(0, 200)}`);
		const comment = /^[ \t]*#[ \t]*(?:(HELP|TYPE)[ \t]+("(?:[^"\\]|\\.)*"|\S+)[ \t]*(.*))?/.exec(line);
		if (comment) {
			const [, keyword, quoted = "", rest = ""] = comment;
			const name = quoted.startsWith('"') ? unescaped(quoted.slice(1, -1)) : quoted;
			if (keyword === "HELP") helps.set(name, unescaped(rest));
			if (keyword !== "TYPE") continue;
			const type = rest.trim();
			if (!types.has(type)) throw fail(`invalid metric type "${type}"`);
			typeOf.set(name, type);
			lastType = type;
		} else if (line.trim() !== "") samples.push(new LineReader(line.trim(), fail).sample(lastType));
	}
	return { samples, types: typeOf, helps };
}

class LineReader {
	readonly #line: string;
	readonly #fail: (why: string) => ExpositionError;
	#at = 0;

	constructor(line: string, fail: (why: string) => ExpositionError) {
		this.#line = line;
		this.#fail = fail;
	}

	sample(type: string): ExposedSample {
		const entries: [string, string][] = [];
		const name = this.#take(/[a-zA-Z_:][\w:]*/y);
		if (name !== undefined) entries.push([NAME, name]);
		this.#skipBlanks();
		if (this.#take(/\{/y) !== undefined) this.#readLabels(entries, type);
		if (!entries.some(([label]) => label === NAME)) throw this.#fail("there is no metric name");
		if (new Set(entries.map(([label]) => label)).size < entries.length) throw this.#fail("a label stands there twice");
		this.#skipBlanks();
		const valueText = this.#take(/[^\s]+/y) ?? "";
		const value = parseGoFloat(valueText);
		if (value === undefined) throw this.#fail(`"${valueText}" is not a value`);
		this.#skipBlanks();
		const timeText = this.#take(/-?\d+(?=$|\s)/y);
		this.#skipBlanks();
		if (this.#at < this.#line.length) throw this.#fail("there is something behind the sample");
		return { labels: Labels.of(entries), value, timeMs: timeText === undefined ? undefined : Number(timeText) };
	}

	#readLabels(entries: [string, string][], type: string): void {
		for (;;) {
			this.#skipBlanks();
			if (this.#take(/\}/y) !== undefined) return;
			const quoted = this.#take(/"(?:[^"\\]|\\.)*"/y);
			const label = quoted === undefined ? this.#take(/[a-zA-Z_]\w*/y) : unescaped(quoted.slice(1, -1));
			if (label === undefined) throw this.#fail("a label's name was expected");
			this.#skipBlanks();
			if (quoted !== undefined && this.#peek(/[,}]/y)) entries.push([NAME, label]);
			else {
				if (this.#take(/=/y) === undefined) throw this.#fail(`"=" was expected after ${label}`);
				this.#skipBlanks();
				const value = this.#take(/"(?:[^"\\]|\\.)*"/y);
				if (value === undefined) throw this.#fail(`the value of ${label} was expected`);
				entries.push([label, oneForm(type, label, unescaped(value.slice(1, -1)))]);
			}
			this.#skipBlanks();
			if (this.#take(/,/y) === undefined && !this.#peek(/\}/y)) throw this.#fail('"," or "}" was expected');
		}
	}

	#skipBlanks(): void {
		this.#take(/[ \t]*/y);
	}

	#peek(pattern: RegExp): boolean {
		pattern.lastIndex = this.#at;
		return pattern.test(this.#line);
	}

	#take(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#line)?.[0];
		this.#at += found?.length ?? 0;
		return found;
	}
}

function oneForm(type: string, label: string, value: string): string {
	if (!(type === "histogram" && label === "le") && !(type === "summary" && label === "quantile")) return value;
	const bound = parseGoFloat(value);
	return bound === undefined ? value : formatBound(bound);
}

function unescaped(text: string): string {
	return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
