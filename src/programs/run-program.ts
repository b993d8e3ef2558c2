import { execFile } from "node:child_process";

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
	/** Of its standard output, and as many of its standard error. */
	readonly outputBytesMax: number;
}

/** How it went. What it said may be secret. */
export type ProgramEnd =
	| { readonly kind: "ended"; readonly code: number; readonly output: string }
	/** It could not be started, was stopped, or said too much; the detail quotes nothing of what it said. */
	| { readonly kind: "failed"; readonly detail: string };

export type RunProgram = (program: Program, signal: AbortSignal) => Promise<ProgramEnd>;

/** Runs it to its end, or stops it at its deadline, at its limit or when the signal aborts. Never rejects. */
export const runProgram: RunProgram = (
	{ name, args, environment, input, deadlineMs, outputBytesMax },
	signal,
): Promise<ProgramEnd> =>
	new Promise((resolve) => {
		const failed = (why: string) => resolve({ kind: "failed", detail: `program ${name}: ${why}` });
		const child = execFile(
			name,
			[...args],
			{
				env: environment,
				timeout: deadlineMs,
				maxBuffer: outputBytesMax,
				killSignal: "SIGKILL",
				encoding: "utf8",
				signal,
			},
			(error, output) => {
				if (error === null) return resolve({ kind: "ended", code: 0, output });
				if (typeof error.code === "number") return resolve({ kind: "ended", code: error.code, output });
				const { code } = error as { readonly code?: string | null };
				if (code === "ENOENT") return failed("there is no such program");
				if (code === "ABORT_ERR") return failed("was given up");
				if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return failed(`said more than ${outputBytesMax} bytes`);
				if (error.killed === true) return failed(`did not end within ${deadlineMs / 1_000} s`);
				return failed(error.signal ? `was ended by ${error.signal}` : `could not be started (${code})`);
			},
		);
		// One that reads nothing and ends breaks the pipe: how it ended says enough.
		child.stdin?.on("error", () => {});
		child.stdin?.end(input);
	});
