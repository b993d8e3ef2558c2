import {
	Composer,
	type Document,
	type DocumentOptions,
	isAlias,
	isMap,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type ParseOptions,
	Parser,
	parseDocument,
	visit,
} from "yaml";

/** Longer files are not edited: the parser takes about a second for a MiB, and nothing else is done meanwhile. */
export const YAML_LENGTH_MAX = 256 * 1_024;

/** The text with its values changed, or why it was left alone: a sentence that names the file and the place. */
export type Edited =
	| { readonly ok: true; readonly text: string; readonly changed: boolean }
	| { readonly ok: false; readonly problem: string };

/** A value within a file: which of its documents, and the keys and indexes that lead there. */
export interface Place {
	readonly document: number;
	readonly path: readonly (string | number)[];
}

export interface ValueChange {
	readonly place: Place;
	readonly value: string;
}

/** A file that was read. Nodes know where their characters are, so that all others can stay. */
export interface YamlText {
	readonly file: string;
	readonly text: string;
	readonly documents: readonly Document.Parsed[];
}

export type ReadYaml =
	| { readonly ok: true; readonly yaml: YamlText }
	| { readonly ok: false; readonly problem: string };

export function readYaml(file: string, text: string): ReadYaml {
	if (text.length > YAML_LENGTH_MAX)
		return { ok: false, problem: `${file} is longer than ${YAML_LENGTH_MAX} characters; split it` };
	if (isTooDeep(text)) return { ok: false, problem: `${file} is nested too deeply` };
	const lines = new LineCounter();
	try {
		// Whether keys are unique matters where we change something; to look everywhere takes a long time in a long file.
		const parsed = parsedUntilWrong(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
		if (parsed.ok) return { ok: true, yaml: { file, text, documents: parsed.documents } };
		const { at, message } = parsed;
		if (TOO_DEEP.test(message)) return { ok: false, problem: `${file} is nested too deeply` };
		return { ok: false, problem: `${file} is not YAML, line ${lines.linePos(at).line}: ${message}` };
	} catch (thrown) {
		// The parser calls itself for whatever is nested: a RangeError means too deep.
		if (thrown instanceof RangeError) return { ok: false, problem: `${file} is nested too deeply` };
		throw thrown;
	}
}

type Parsed =
	| { readonly ok: true; readonly documents: readonly Document.Parsed[] }
	| { readonly ok: false; readonly at: number; readonly message: string };

/** All documents, or the first thing that is wrong: what is no YAML at all has as many errors as characters. */
function parsedUntilWrong(text: string, options: ParseOptions & DocumentOptions): Parsed {
	const documents: Document.Parsed[] = [];
	const composer = new Composer(options);
	for (const token of new Parser(options.lineCounter?.addNewLine).parse(text)) {
		if (token.type === "error") return { ok: false, at: token.offset, message: token.message };
		documents.push(...composer.next(token));
		const error = documents.at(-1)?.errors[0];
		if (error !== undefined) return { ok: false, at: error.pos[0], message: error.message };
	}
	documents.push(...composer.end());
	const error = documents.at(-1)?.errors[0];
	return error === undefined ? { ok: true, documents } : { ok: false, at: error.pos[0], message: error.message };
}

/** What is opened in brackets and not closed again, and items of items on one line: nobody writes that many, and the parser takes long over them. */
const BRACKETS_MAX = 500;
const ITEMS_ON_A_LINE = /^[ \t]*(?:[-?:][ \t]+){500}/m;

/** How the parser puts it where it catches its own RangeError. */
const TOO_DEEP = /call stack/i;

function isTooDeep(text: string): boolean {
	let depth = 0;
	for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
		depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
		if (depth > BRACKETS_MAX) return true;
	}
	return ITEMS_ON_A_LINE.test(text);
}

/** What is at the place: a node, nothing, or why it can't be looked at or changed there. */
export type Found =
	| { readonly kind: "node"; readonly node: Node }
	| { readonly kind: "none" }
	| { readonly kind: "problem"; readonly problem: string };

/** What is there by itself: what an alias or a merge key brings is elsewhere, and changing it would change other places too. */
export function find({ file, documents }: YamlText, { document, path }: Place): Found {
	const root = documents[document];
	const problem = (text: string): Found => ({
		kind: "problem",
		problem: `${placeText({ file, documents }, { document, path })} ${text}`,
	});
	let node: unknown = root?.contents;
	for (let depth = 0; ; depth++) {
		if (isAlias(node)) return problem(`is *${node.source}, which is written elsewhere; write it out here`);
		if (root !== undefined && isShared(root, node))
			return problem("is used by an alias elsewhere, which would change with it; write that out");
		const key = path[depth];
		if (key === undefined) break;
		const named = isMap(node) ? pairsNamed(node, key) : [];
		if (named.length > 1) return problem(`has the key ${key} more than once`);
		const next: unknown = isMap(node) ? named[0]?.value : isSeq(node) ? node.items[Number(key)] : undefined;
		if (next === undefined || next === null) {
			const isMerged = isMap(node) && pairsNamed(node, "<<").length > 0;
			return isMerged ? problem("may come by the merge key <<; write it out here") : { kind: "none" };
		}
		node = next;
	}
	return isMap(node) || isSeq(node) || isScalar(node) ? { kind: "node", node } : { kind: "none" };
}

/** The scalar at the place as text; undefined when there is none, or something else. */
export function textAt(yaml: YamlText, place: Place): string | undefined {
	const found = find(yaml, place);
	if (found.kind !== "node" || !isScalar(found.node) || found.node.value === null) return undefined;
	// A number as it is written: 1.10 is a tag, and 1.1 another.
	return typeof found.node.value === "string" ? found.node.value : (found.node.source ?? String(found.node.value));
}

/** How many items the list there has; 0 when it is none. */
export function lengthAt(yaml: YamlText, place: Place): number {
	const found = find(yaml, place);
	return found.kind === "node" && isSeq(found.node) ? found.node.items.length : 0;
}

/** Changes the characters of these values and no others. What was quoted stays so, and what would not be read as text becomes so. */
export function replaceValues(yaml: YamlText, changes: readonly ValueChange[]): Edited {
	const splices: Splice[] = [];
	for (const { place, value } of changes) {
		const where = placeText(yaml, place);
		const found = find(yaml, place);
		if (found.kind === "problem") return { ok: false, problem: found.problem };
		if (found.kind === "none") return { ok: false, problem: `${where} is not there; add it once by hand` };
		const { node } = found;
		if (!isScalar(node) || !node.range) return { ok: false, problem: `${where} is not a single value` };
		if (node.tag !== undefined && node.tag !== TEXT_TAG)
			return { ok: false, problem: `${where} is said to be ${node.tag}; write it without the tag` };
		if (node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL")
			return { ok: false, problem: `${where} is written as a block; write it on one line` };
		if (textAt(yaml, place) === value) continue;
		const [start, end] = node.range;
		splices.push({ start, end, text: apart(yaml.text, { start, end, text: written(value, node.type) }) });
	}
	if (splices.length === 0) return { ok: true, text: yaml.text, changed: false };
	const text = spliced(yaml.text, splices);
	// Other people's files: what was written is read before anybody else does.
	const after = readYaml(yaml.file, text);
	if (!after.ok) return { ok: false, problem: `${after.problem} (with the new values)` };
	const missed = changes.find(({ place, value }) => textAt(after.yaml, place) !== value);
	if (missed !== undefined)
		return {
			ok: false,
			problem: `${placeText(yaml, missed.place)} would not be read as ${missed.value}; write it as text in quotes`,
		};
	return { ok: true, text, changed: true };
}

/** `!!str`, the one tag that a value may have and still be any text. */
const TEXT_TAG = "tag:yaml.org,2002:str";

interface Splice {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/** The value where there was none yet, with space around it. */
function apart(whole: string, { start, end, text }: Splice): string {
	if (start < end) return text;
	const before = /\S/.test(whole[start - 1] ?? " ") ? " " : "";
	const after = whole[end] === "#" ? " " : "";
	return `${before}${text}${after}`;
}

function spliced(text: string, splices: readonly Splice[]): string {
	const fromTheEnd = [...splices].sort((one, other) => other.start - one.start);
	return fromTheEnd.reduce(
		(whole, { start, end, text: value }) => whole.slice(0, start) + value + whole.slice(end),
		text,
	);
}

function written(value: string, type: string | undefined): string {
	if (type === "QUOTE_SINGLE") return `'${value.replaceAll("'", "''")}'`;
	if (type === "QUOTE_DOUBLE" || !isTextPlain(value)) return JSON.stringify(value);
	return value;
}

/** Whether everybody reads it as text without quotes: to many programs 1.10 is a number, 2027-01-04 a date and no a boolean. */
function isTextPlain(value: string): boolean {
	return (["1.1", "1.2"] as const).every((version) => {
		const { contents, errors } = parseDocument(value, { version, logLevel: "silent" });
		return errors.length === 0 && isScalar(contents) && contents.value === value;
	});
}

/** `apps/cart.yaml, document 2, spec.template`: the document where there are several. */
export function placeText(
	{ file, documents }: Pick<YamlText, "file" | "documents">,
	{ document, path }: Place,
): string {
	const where = path.reduce<string>(
		(text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
		"",
	);
	const which = documents.length > 1 ? [`document ${document + 1}`] : [];
	return [file, ...which, ...(where === "" ? [] : [where])].join(", ");
}

interface KeyAndValue {
	readonly key: unknown;
	readonly value: unknown;
}

/** What was looked through once is known: a file of many keys is looked into once for each of many items. */
const pairsByName = new WeakMap<object, ReadonlyMap<string, readonly KeyAndValue[]>>();
const aliasesIn = new WeakMap<Document.Parsed, ReadonlySet<string>>();

function pairsNamed(map: { readonly items: readonly KeyAndValue[] }, name: string | number): readonly KeyAndValue[] {
	const known =
		pairsByName.get(map) ?? Map.groupBy(map.items, ({ key }) => (isScalar(key) ? String(key.value) : NO_TEXT));
	pairsByName.set(map, known);
	return known.get(String(name)) ?? [];
}

/** The name of keys that are no scalars; no path has it. */
const NO_TEXT = "\0";

/** So many of the names that a file has are told. */
const NAMES_MAX = 10;

/** The names that there are instead of the one that was looked for, for people. */
export function namesText(names: readonly string[]): string {
	if (names.length === 0) return "none";
	const more = names.length - NAMES_MAX;
	return `${names.slice(0, NAMES_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Whether an alias of the document means this node. */
function isShared(document: Document.Parsed, node: unknown): boolean {
	const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
	if (anchor === undefined) return false;
	const known = aliasesIn.get(document) ?? aliasesOf(document);
	aliasesIn.set(document, known);
	return known.has(anchor);
}

function aliasesOf(document: Document.Parsed): ReadonlySet<string> {
	const sources = new Set<string>();
	visit(document, { Alias: (_key, { source }) => void sources.add(source) });
	return sources;
}
