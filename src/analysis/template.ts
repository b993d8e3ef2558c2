/** What a MetricTemplate's query can say, beside `variables.x`. */
export const templateWords = ["name", "namespace", "target", "service", "ingress", "route", "interval"] as const;
export type TemplateWord = (typeof templateWords)[number];

/** A query in pieces: text as it is, words of the Canary, and variables of its metric. */
export type Piece =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "word"; readonly word: TemplateWord }
	| { readonly kind: "variable"; readonly name: string };

/** What the words of a template stand for. A word that is undefined has no value here. */
export interface TemplateValues {
	readonly words: Readonly<Record<TemplateWord, string | undefined>>;
	readonly variables: Readonly<Record<string, string>>;
}

export type ParsedTemplate =
	| { readonly ok: true; readonly pieces: readonly Piece[] }
	| { readonly ok: false; readonly problem: string };

export type RenderedTemplate =
	| { readonly ok: true; readonly text: string }
	| { readonly ok: false; readonly problem: string };

const KNOWN = `use one of ${templateWords.map((word) => `{{ ${word} }}`).join(", ")} and {{ variables.x }}`;
const ACTION_LENGTH_SHOWN = 40;

/**
 * Reads the language of Flagger's MetricTemplates: Go's text/template with words and variables only. `{{-` and `-}}`
 * eat the white space beside them, comments vanish. All else that Go allows is refused, with the list of what is known.
 */
export function parseTemplate(source: string): ParsedTemplate {
	const pieces: Piece[] = [];
	let rest = source;
	let eatsSpace = false;
	for (;;) {
		const start = rest.indexOf("{{");
		const text = start < 0 ? rest : rest.slice(0, start);
		const afterOpen = start < 0 ? "" : rest.slice(start + 2);
		// Go wants white space after the dash, else it is the sign of a number.
		const opensEating = /^-\s/.test(afterOpen);
		pushText(pieces, trimmed(text, { start: eatsSpace, end: opensEating }));
		if (start < 0) return { ok: true, pieces };

		const inside = opensEating ? afterOpen.slice(1) : afterOpen;
		// A comment may hold braces, so its own end comes first.
		const comment = /^\s*\/\*[\s\S]*?\*\/\s*(?=-?\}\})/.exec(inside);
		const end = comment === null ? inside.indexOf("}}") : inside.indexOf("}}", comment[0].length);
		if (end < 0) return { ok: false, problem: `'{{${shown(afterOpen)}' has no end; close it with }}` };
		const whole = inside.slice(0, end);
		eatsSpace = comment === null ? /\s-$/.test(whole) : whole.endsWith("-");
		if (comment === null) {
			const piece = pieceOf((eatsSpace ? whole.slice(0, -1) : whole).trim());
			if (piece === undefined) {
				return { ok: false, problem: `'{{ ${shown(whole.trim())} }}' is not known; ${KNOWN}` };
			}
			pieces.push(piece);
		}
		rest = inside.slice(end + 2);
	}
}

/** The text with every word and variable in its place, or the first one that has no value. */
export function renderTemplate(pieces: readonly Piece[], { words, variables }: TemplateValues): RenderedTemplate {
	let text = "";
	for (const piece of pieces) {
		const value = fillingOf(piece, words, variables);
		if (value === undefined) return { ok: false, problem: missing(piece, variables) };
		text += value;
	}
	return { ok: true, text };
}

function fillingOf(
	piece: Piece,
	words: TemplateValues["words"],
	variables: TemplateValues["variables"],
): string | undefined {
	switch (piece.kind) {
		case "text":
			return piece.text;
		case "word":
			return words[piece.word];
		case "variable":
			return Object.hasOwn(variables, piece.name) ? variables[piece.name] : undefined;
	}
}

function missing(piece: Piece, variables: TemplateValues["variables"]): string {
	if (piece.kind !== "variable") return `{{ ${piece.kind === "word" ? piece.word : ""} }} has no value in this Canary`;
	const given = Object.keys(variables);
	const known = given.length === 0 ? "the metric gives no templateVariables" : `the metric gives ${given.join(", ")}`;
	return `{{ variables.${piece.name} }} has no value; ${known}`;
}

function pieceOf(action: string): Piece | undefined {
	const word = templateWords.find((known) => known === action);
	if (word !== undefined) return { kind: "word", word };
	const [, field, key] = /^(?:variables\.(\w+)|index\s+variables\s+"([^"\\]+)")$/.exec(action) ?? [];
	const name = field ?? key;
	return name === undefined ? undefined : { kind: "variable", name };
}

function trimmed(text: string, { start, end }: { readonly start: boolean; readonly end: boolean }): string {
	const left = start ? text.replace(/^\s+/, "") : text;
	return end ? left.trimEnd() : left;
}

function pushText(pieces: Piece[], text: string): void {
	if (text !== "") pieces.push({ kind: "text", text });
}

function shown(action: string): string {
	const line = action.replaceAll(/\s+/g, " ");
	return line.length <= ACTION_LENGTH_SHOWN ? line : `${line.slice(0, ACTION_LENGTH_SHOWN)}…`;
}
