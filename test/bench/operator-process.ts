import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BedError } from "../support/control-plane/bed-error.ts";

/** The bundled operator as users run it, watched from outside. */
export interface MeasuredOperator {
	/** Processor time so far, in milliseconds. */
	cpuMs(): number;
	/** The most memory that it has held so far. */
	peakMemoryMiB(): number;
	/** What it holds now. */
	memoryMiB(): number;
	/** SIGTERM, and wait. */
	stop(): Promise<void>;
}

const ROOT = join(import.meta.dirname, "../..");
const SETPRIV = "/usr/bin/setpriv";

/** Builds the bundle, so that what is measured is the source as it is, and starts it with these flags. */
export function startMeasured(options: {
	readonly flags: readonly string[];
	readonly nodeFlags: readonly string[];
	readonly logFile: string;
	readonly profile: string | undefined;
}): MeasuredOperator {
	execFileSync(process.execPath, [join(ROOT, "scripts/build.ts")], { cwd: ROOT, stdio: "pipe" });
	const profiling = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
	const given = [...options.nodeFlags, ...profiling];
	const bundle = join(ROOT, "dist/haldane.js");
	// By itself, as it is run, it brings flags of its own.
	const program = given.length === 0 ? [bundle] : [process.execPath, ...given, bundle];
	const words = [...program, "run", ...options.flags];
	// It must not outlive a bench that is killed.
	const [command = "", ...args] = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL", ...words] : words;
	const log = openSync(options.logFile, "a");
	const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
	const child: ChildProcess = spawn(command, args, { stdio: ["ignore", log, log], env });
	process.once("exit", () => child.kill("SIGKILL"));
	const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	const read = (name: string): string => {
		try {
			return readFileSync(`/proc/${child.pid}/${name}`, "utf8");
		} catch (cause) {
			throw new BedError("the operator is not running", `read ${options.logFile}`, { cause });
		}
	};
	return {
		cpuMs() {
			// The name, in parentheses, may hold spaces; of what follows, fields 12 and 13 are user and system time.
			const fields = read("stat")
				.replace(/^.*\) /s, "")
				.split(" ");
			return (Number(fields[11]) + Number(fields[12])) * 10;
		},
		peakMemoryMiB: () => Number(/VmHWM:\s+(\d+) kB/.exec(read("status"))?.[1]) / 1024,
		memoryMiB: () => Number(/VmRSS:\s+(\d+) kB/.exec(read("status"))?.[1]) / 1024,
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
	};
}
