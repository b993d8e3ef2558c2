import { spawn } from "node:child_process";

/** What a program is run with. It sees this environment and no other. */
export interface Run {
	readonly args: readonly string[];
	/** Where it is run; where we are unless set. */
	readonly folder?: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly input?: string | Uint8Array | undefined;
	readonly deadlineMs: number;
	/** Of what it writes to standard output. */
	readonly outputBytesMax: number;
	/** Calls once after `delayMs`, unless the returned function is called before. */
	readonly after: (delayMs: number, call: () => void) => () => void;
}

/** How it ended. Only `exited` has an output that is whole. */
export type Ended =
	| { readonly kind: "exited"; readonly code: number; readonly output: Buffer; readonly words: string }
	/** By a signal of somebody else's. */
	| { readonly kind: "killed"; readonly by: string }
	| { readonly kind: "late" }
	| { readonly kind: "aborted" }
	| { readonly kind: "tooMuch" }
	| { readonly kind: "notStarted"; readonly isMissing: boolean; readonly detail: string };

const WORDS_BYTES_MAX = 16_384;
/** How long a program that was asked to end may take before it is ended. */
const GRACE_MS = 2_000;

/** Runs the program without a shell, and ends it with all that it started when it is late, says too much, or the signal aborts. Never rejects. */
export function run(program: string, { args, folder, environment, input, ...bounds }: Run, signal: AbortSignal) {
	return new Promise<Ended>((resolve) => {
		if (signal.aborted) return resolve({ kind: "aborted" });
		let verdict: Exclude<Ended, { kind: "exited" }> | undefined;
		let output: Buffer[] = [];
		let outputBytes = 0;
		let words = "";
		// A group of its own: what it starts must not outlive it.
		const child = spawn(program, args, { cwd: folder, env: environment, stdio: "pipe", detached: true });
		let cancelGrace = () => {};
		const end = (why: typeof verdict) => {
			if (verdict !== undefined) return;
			verdict = why;
			output = [];
			kill(child.pid, "SIGTERM");
			cancelGrace = bounds.after(GRACE_MS, () => kill(child.pid, "SIGKILL"));
		};
		const abort = () => end({ kind: "aborted" });
		const cancelDeadline = bounds.after(bounds.deadlineMs, () => end({ kind: "late" }));
		signal.addEventListener("abort", abort, { once: true });
		child.stdout.on("data", (chunk: Buffer) => {
			outputBytes += chunk.length;
			if (outputBytes > bounds.outputBytesMax) end({ kind: "tooMuch" });
			if (verdict === undefined) output.push(chunk);
		});
		child.stderr.on("data", (chunk: Buffer) => {
			if (words.length < WORDS_BYTES_MAX) words += chunk.toString("utf8");
		});
		// A program that ended before it had read all: its exit code says the rest.
		child.stdin.on("error", () => {});
		child.stdin.end(input);
		const settle = (ended: Ended) => {
			cancelDeadline();
			cancelGrace();
			signal.removeEventListener("abort", abort);
			resolve(ended);
		};
		child.on("error", ({ message, code }: NodeJS.ErrnoException) =>
			settle({ kind: "notStarted", isMissing: code === "ENOENT", detail: message }),
		);
		child.on("close", (code, by) => {
			if (verdict !== undefined) settle(verdict);
			else if (code === null) settle({ kind: "killed", by: by ?? "no signal" });
			else settle({ kind: "exited", code, output: Buffer.concat(output), words });
		});
	});
}

function kill(pid: number | undefined, how: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, how);
	} catch {
		// It has ended already.
	}
}
