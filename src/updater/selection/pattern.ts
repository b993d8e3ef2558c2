import { type Node, parsePattern, SYMBOLS } from "./pattern-syntax.ts";

/** Parts of a match by number (`0` is the whole) and by name; those that took no part are absent. */
export type Groups = Readonly<Record<string, string>>;

/**
 * A regular expression over tags. Patterns come from whoever may annotate a workload, so they are not given to the engine
 * of the language, which takes exponential time for some: here the time is at most `INSTRUCTIONS_MAX` × the text's length.
 */
export interface Pattern {
	readonly names: readonly string[];
	readonly groupCount: number;
	/** Anywhere in the text. */
	matches(text: string): boolean;
	/** Of the first match, as RE2 and Perl choose it. */
	groups(text: string): Groups | undefined;
}

export type ReadPattern =
	| { readonly ok: true; readonly pattern: Pattern }
	/** As the end of "the pattern …". */
	| { readonly ok: false; readonly problem: string };

const PATTERN_LENGTH_MAX = 256;
const INSTRUCTIONS_MAX = 400;

/** RE2's syntax without the rare parts (word borders, Unicode classes, flags within); never throws. */
export function readPattern(source: string): ReadPattern {
	if (source.length > PATTERN_LENGTH_MAX)
		return { ok: false, problem: `is longer than ${PATTERN_LENGTH_MAX} characters` };
	const parsed = parsePattern(source);
	if (typeof parsed === "string") return { ok: false, problem: parsed };
	if (sizeOf(parsed.tree) > INSTRUCTIONS_MAX) return { ok: false, problem: "repeats too much; shorten it" };
	const instructions: Instruction[] = [];
	emit({ kind: "group", inner: parsed.tree, index: 0 }, instructions);
	instructions.push({ do: "match" });
	const program: Program = { instructions, reached: new Float64Array(instructions.length), clock: 0 };
	return {
		ok: true,
		pattern: {
			names: parsed.names.filter((name) => name !== undefined),
			groupCount: parsed.names.length,
			matches: (text) => run(program, text, false) !== undefined,
			groups: (text) => {
				const slots = run(program, text, true);
				return slots && groupsIn(slots, text, parsed.names);
			},
		},
	};
}

type Instruction =
	| { readonly do: "char"; readonly fits: Uint8Array }
	| { readonly do: "edge"; readonly edge: "begin" | "end" }
	/** Both ways, the first preferred. */
	| { readonly do: "fork"; first: number; second: number }
	| { readonly do: "jump"; to: number }
	| { readonly do: "save"; readonly slot: number }
	| { readonly do: "match" };

interface Program {
	readonly instructions: readonly Instruction[];
	/** When an instruction was last reached; whoever comes to it at the same time is less preferred. Kept from run to run. */
	readonly reached: Float64Array;
	/** Goes on by one with each character of each text. */
	clock: number;
}

/** Where groups begin (even) and end (odd). */
type Slots = readonly (number | undefined)[];

/** Instructions that `emit` makes of it. */
function sizeOf(node: Node): number {
	switch (node.kind) {
		case "char":
		case "edge":
			return 1;
		case "group":
			return sizeOf(node.inner) + (node.index === undefined ? 0 : 2);
		case "sequence":
			return node.of.reduce((sum, one) => sum + sizeOf(one), 0);
		case "choice":
			return node.of.reduce((sum, one) => sum + sizeOf(one) + 2, -2);
		case "repeat": {
			const size = sizeOf(node.inner);
			const optional = node.max === Number.POSITIVE_INFINITY ? size + 2 : (node.max - node.min) * (size + 1);
			return node.min * size + optional;
		}
	}
}

function emit(node: Node, program: Instruction[]): void {
	switch (node.kind) {
		case "char":
			program.push({ do: "char", fits: node.fits });
			return;
		case "edge":
			program.push({ do: "edge", edge: node.edge });
			return;
		case "group":
			if (node.index !== undefined) program.push({ do: "save", slot: 2 * node.index });
			emit(node.inner, program);
			if (node.index !== undefined) program.push({ do: "save", slot: 2 * node.index + 1 });
			return;
		case "sequence":
			for (const one of node.of) emit(one, program);
			return;
		case "choice":
			emitChoice(node.of, program);
			return;
		case "repeat":
			emitRepeat(node, program);
	}
}

function emitChoice([one, ...others]: readonly Node[], program: Instruction[]): void {
	if (one === undefined) return;
	if (others.length === 0) {
		emit(one, program);
		return;
	}
	const fork: Instruction & { do: "fork" } = { do: "fork", first: program.length + 1, second: 0 };
	const jump: Instruction & { do: "jump" } = { do: "jump", to: 0 };
	program.push(fork);
	emit(one, program);
	program.push(jump);
	fork.second = program.length;
	emitChoice(others, program);
	jump.to = program.length;
}

function emitRepeat(node: Node & { kind: "repeat" }, program: Instruction[]): void {
	for (let time = 0; time < node.min; time++) emit(node.inner, program);
	const isEndless = node.max === Number.POSITIVE_INFINITY;
	const forks: (Instruction & { do: "fork" })[] = [];
	for (let time = node.min; time < (isEndless ? node.min + 1 : node.max); time++) {
		const fork: Instruction & { do: "fork" } = { do: "fork", first: program.length + 1, second: program.length + 1 };
		forks.push(fork);
		program.push(fork);
		const start = program.length - 1;
		emit(node.inner, program);
		if (isEndless) program.push({ do: "jump", to: start });
	}
	for (const fork of forks) fork[node.isLazy ? "first" : "second"] = program.length;
}

interface Thread {
	readonly at: number;
	readonly slots: Slots;
}

const NO_SLOTS: Slots = [];

/** All ways through the program side by side, one character after the other: each instruction is visited once a character. */
function run(program: Program, text: string, keepsSlots: boolean): Slots | undefined {
	const { instructions, reached } = program;
	const start = program.clock + 1;
	program.clock += text.length + 2;
	const first = instructions[1];
	const beginsAtBegin = first?.do === "edge" && first.edge === "begin";
	let threads: Thread[] = [];
	let found: Slots | undefined;
	for (let place = 0; place <= text.length; place++) {
		if (found === undefined) follow(0, NO_SLOTS, place, threads);
		if (threads.length === 0 && (found !== undefined || beginsAtBegin)) break;
		const code = Math.min(text.charCodeAt(place), SYMBOLS - 1);
		const next: Thread[] = [];
		for (const { at, slots } of threads) {
			const instruction = instructions[at];
			if (instruction?.do === "match") {
				found = slots;
				break;
			}
			if (instruction?.do === "char" && instruction.fits[code] === 1) follow(at + 1, slots, place + 1, next);
		}
		if (found !== undefined && !keepsSlots) break;
		threads = next;
	}
	return found;

	/** Everything that can be reached without reading a character, the preferred first. */
	function follow(at: number, slots: Slots, place: number, into: Thread[]): void {
		if (reached[at] === start + place) return;
		reached[at] = start + place;
		const instruction = instructions[at];
		switch (instruction?.do) {
			case "fork":
				follow(instruction.first, slots, place, into);
				follow(instruction.second, slots, place, into);
				return;
			case "jump":
				follow(instruction.to, slots, place, into);
				return;
			case "save":
				follow(at + 1, keepsSlots ? saved(slots, instruction.slot, place) : slots, place, into);
				return;
			case "edge":
				if (place === (instruction.edge === "begin" ? 0 : text.length)) follow(at + 1, slots, place, into);
				return;
			default:
				into.push({ at, slots });
		}
	}
}

function saved(slots: Slots, slot: number, place: number): Slots {
	const copy = [...slots];
	copy[slot] = place;
	return copy;
}

function groupsIn(slots: Slots, text: string, names: readonly (string | undefined)[]): Groups {
	const groups: Record<string, string> = {};
	for (const [index, name] of [undefined, ...names].entries()) {
		const [from, to] = [slots[2 * index], slots[2 * index + 1]];
		if (from === undefined || to === undefined) continue;
		groups[index] = text.slice(from, to);
		if (name !== undefined) groups[name] = text.slice(from, to);
	}
	return groups;
}
