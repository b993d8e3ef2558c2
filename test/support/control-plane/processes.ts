import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { BedError, ProgramDied } from "./bed-error.ts";

/** One program of a test bed; all it prints goes to its log file. */
export interface Program {
	readonly name: string;
	readonly command: string;
	readonly args: readonly string[];
	readonly logFile: string;
}

/** A program that runs until it is stopped. It never outlives the process, or the worker thread, that started it. */
export interface RunningProgram {
	/** Throws ProgramDied, with the end of its log, once the program has died by itself. */
	assertAlive(): void;
	/** Asks it to end and waits; kills it when it has not ended within the grace. */
	stop(graceMs?: number): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

// An exit hook does not run when a test runner is killed; the kernel's parent-death signal covers that.
const SETPRIV = "/usr/bin/setpriv";

/** Starts a program; the log is appended to, so a restart keeps what came before. */
export function startProgram({ name, command, args, logFile }: Program): RunningProgram {
	const log = openSync(logFile, "a");
	// The programs live for minutes: collecting their garbage less often leaves more time for what is tested.
	const options: SpawnOptions = { stdio: ["ignore", log, log], env: { ...process.env, GOGC: "1000" } };
	const child = existsSync(SETPRIV)
		? spawn(SETPRIV, ["--pdeathsig", "KILL", command, ...args], options)
		: spawn(command, args, options);
	running.add(child);
	let stopping = false;
	let ending: string | undefined;
	const ended = new Promise<void>((resolve) => {
		const end = (how: string) => {
			running.delete(child);
			ending ??= how;
			resolve();
		};
		child.once("exit", (code, signal) => end(`ended with ${signal ?? code}`));
		child.once("error", (error) => end(error.message));
	});
	return {
		assertAlive() {
			if (stopping || ending === undefined) return;
			const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-15).join("\n");
			throw new ProgramDied(`${name} ${ending}:\n${tail}`, `read ${logFile}`);
		},
		async stop(graceMs = 5_000) {
			stopping = true;
			if (ending === undefined) child.kill("SIGTERM");
			const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
			await ended;
			clearTimeout(kill);
		},
	};
}

/** As many different free loopback ports as asked for. They are free now; nothing reserves them. */
export async function freePorts(count: number): Promise<readonly number[]> {
	const servers = await Promise.all(
		Array.from({ length: count }, async () => {
			const server = createServer();
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen(0, "127.0.0.1", resolve);
			});
			return server;
		}),
	);
	const ports = servers.map((server) => {
		const address = server.address();
		if (address === null || typeof address === "string") throw new BedError("no free port", "free some ports");
		return address.port;
	});
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}
