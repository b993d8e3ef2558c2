import { type Ended, run } from "./run.ts";

/** A program, and all that it gets to see. */
export interface Program {
	/** Looked for in the `PATH` of its environment; a shell never sees it. */
	readonly name: string;
	readonly args: readonly string[];
	/** Nothing of our own environment is added. */
	readonly environment: Readonly<Record<string, string>>;
	/** What it reads from its standard input, which is then closed. */
	readonly input: string;
	readonly deadlineMs: number;
	/** Of its standard output. */
	readonly outputBytesMax: number;
}

/** How it went. What it said may be secret. */
export type ProgramEnd =
	| { readonly kind: "ended"; readonly code: number; readonly output: string }
	/** It could not be started, was stopped, or said too much; the detail quotes nothing of what it said. */
	| { readonly kind: "failed"; readonly detail: string };

export type RunProgram = (program: Program, signal: AbortSignal) => Promise<ProgramEnd>;

/** Runs it to its end, or stops it at its deadline, at its limit or when the signal aborts. Never rejects. */
export const runProgram: RunProgram = async ({ name, ...program }, signal) => {
	const ended = await run(name, { ...program, after }, signal);
	if (ended.kind === "exited") return { kind: "ended", code: ended.code, output: ended.output.toString("utf8") };
	return { kind: "failed", detail: `program ${name}: ${why(ended, program)}` };
};

function why(
	ended: Exclude<Ended, { readonly kind: "exited" }>,
	{ deadlineMs, outputBytesMax }: Pick<Program, "deadlineMs" | "outputBytesMax">,
): string {
	switch (ended.kind) {
		case "late":
			return `did not end within ${deadlineMs / 1_000} s`;
		case "aborted":
			return "was given up";
		case "tooMuch":
			return `said more than ${outputBytesMax} bytes`;
		case "killed":
			return `was ended by ${ended.by}`;
		case "notStarted":
			return ended.isMissing ? "there is no such program" : "could not be started";
	}
}

function after(delayMs: number, call: () => void): () => void {
	const timer = setTimeout(call, delayMs);
	return () => clearTimeout(timer);
}
