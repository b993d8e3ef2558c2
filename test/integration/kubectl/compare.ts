import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import type { Command } from "./command.ts";
import { normalise } from "./normalise.ts";

/** A shell that speaks to one of the planes. */
export interface Shell {
	run(line: string): Promise<Outcome>;
}

/** What a command ended with. */
export interface Outcome {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

const FILES = join(import.meta.dirname, "files");
const PATIENCE_MS = 6_000;
const COMMAND_MS = 30_000;

/** A shell whose `kubectl` is that binary and speaks to that plane, with a home and a cache of its own. */
export function shellOf(plane: ControlPlane, kubectl: string): Shell {
	const home = join(plane.folder, "home");
	mkdirSync(home, { recursive: true });
	const env = {
		PATH: `${dirname(kubectl)}${delimiter}${process.env.PATH}`,
		HOME: home,
		KUBECONFIG: plane.adminKubeconfig,
		LC_ALL: "C",
		TZ: "UTC",
	};
	return {
		run: (line) =>
			new Promise((resolve, reject) => {
				const child = spawn("sh", ["-c", line], {
					cwd: FILES,
					env,
					stdio: ["ignore", "pipe", "pipe"],
					timeout: COMMAND_MS,
				});
				let stdout = "";
				let stderr = "";
				child.stdout.setEncoding("utf8").on("data", (text) => {
					stdout += text;
				});
				child.stderr.setEncoding("utf8").on("data", (text) => {
					stderr += text;
				});
				child.once("error", reject);
				child.once("close", (code) => resolve({ code, stdout, stderr }));
			}),
	};
}

/** What both have answered in the end, normalised: alike if the sandbox tells what the real one does. */
export async function answers(
	command: Command,
	{ real, sandbox }: { readonly real: Shell; readonly sandbox: Shell },
): Promise<{ readonly real: Outcome; readonly sandbox: Outcome }> {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		const outcomes = await Promise.all([real.run(command.line), sandbox.run(command.line)]);
		const [fromReal, fromSandbox] = outcomes.map((outcome) => told(outcome, command)) as [Outcome, Outcome];
		const isDone = shown(fromReal) === shown(fromSandbox) && fromReal.code === command.code;
		if (isDone || command.asked === "once" || performance.now() > deadline) {
			return { real: fromReal, sandbox: fromSandbox };
		}
	}
}

/** Everything that a person sees of it, and the exit code. */
export function shown({ code, stdout, stderr }: Outcome): string {
	return `exit code ${code}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}

function told({ code, stdout, stderr }: Outcome, command: Command): Outcome {
	return { code, stdout: normalise(stdout, command), stderr: normalise(stderr, command) };
}
