import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { OperatorOptions } from "../../../src/cli/options.ts";
import { runOperator } from "../../../src/cli/run.ts";
import { operatorOptions } from "./options.ts";

/** An operator within the test's own process. */
export interface InProcessOperator {
	/** As on SIGTERM; resolves with its exit code. */
	stop(): Promise<number>;
}

/** Returns at once; the operator works as soon as its caches are filled. */
export function startOperator(change: Partial<OperatorOptions>): InProcessOperator {
	const stopping = new AbortController();
	const ended = runOperator(operatorOptions(change), stopping.signal);
	return {
		stop() {
			stopping.abort();
			return ended;
		},
	};
}

/** An operator as a process of its own. */
export interface OperatorProcess {
	/** SIGTERM; resolves with the exit code, null when a signal ended it. */
	terminate(): Promise<number | null>;
	/** kill -9. */
	kill(): Promise<void>;
	/** What it has logged so far, one object a line. */
	logged(): readonly Readonly<Record<string, unknown>>[];
	isRunning(): boolean;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

const SETPRIV = "/usr/bin/setpriv";

/** Returns at once; logs to the file, which is appended to. */
export function spawnOperator(change: Partial<OperatorOptions>, logFile: string): OperatorProcess {
	const log = openSync(logFile, "a");
	const options = JSON.stringify(operatorOptions({ logLevel: "info", ...change }));
	const command = [process.execPath, join(import.meta.dirname, "process.ts"), options];
	// It must not outlive a test runner that is killed.
	const [program = "", ...args] = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL", ...command] : command;
	const child = spawn(program, args, { stdio: ["ignore", log, log] });
	running.add(child);
	const ended = new Promise<number | null>((resolve) =>
		child.once("exit", (code) => {
			running.delete(child);
			resolve(code);
		}),
	);
	return {
		terminate() {
			child.kill("SIGTERM");
			return ended;
		},
		async kill() {
			child.kill("SIGKILL");
			await ended;
		},
		logged: () =>
			readFileSync(logFile, "utf8")
				.split("\n")
				.filter((line) => line.startsWith("{") && line.endsWith("}"))
				.map((line) => JSON.parse(line)),
		isRunning: () => running.has(child),
	};
}
