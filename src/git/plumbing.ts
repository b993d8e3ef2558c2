import { join } from "node:path";
import { run } from "../programs/run.ts";
import type { Access } from "./access.ts";
import { GitFailure, type GitTrouble, saying, troubleIn } from "./failure.ts";

/** What every call of git is made with. */
export interface Settings {
	/** The bare repository. There is no work tree: no links to follow, no filters, no hooks of a checkout. */
	readonly folder: string;
	/** The server's repository. */
	readonly address: string;
	readonly access: Access;
	readonly protocols: readonly string[];
	/** Where programs are found, and which proxy to use. */
	readonly environment: Readonly<Record<string, string>>;
	readonly deadlineMs: number;
	readonly after: (delayMs: number, call: () => void) => () => void;
	readonly signal: AbortSignal;
}

/** Runs git and gives what it prints, and what it remarks, without secrets. Throws GitFailure. */
export type Plumbing = (args: readonly string[], more?: More) => Promise<Printed>;

export interface Printed {
	readonly output: Buffer;
	readonly words: string;
	readonly code: number;
}

interface More {
	readonly input?: string | Uint8Array;
	readonly outputBytesMax?: number;
	readonly environment?: Readonly<Record<string, string>>;
	/** Codes beside 0 that are an answer rather than a failure. */
	readonly answers?: readonly number[];
	/** What a failure is about, where git's words do not say. */
	readonly trouble?: GitTrouble;
}

const OUTPUT_BYTES_MAX = 1_024 * 1_024;

/** Git as this program wants it, whatever the machine's and the user's settings are. */
const plain = [
	["core.hooksPath", "/dev/null"],
	["core.fsmonitor", "false"],
	["core.attributesFile", "/dev/null"],
	["core.symlinks", "false"],
	["credential.helper", ""],
	// Credentials are for the server that they were given for.
	["http.followRedirects", "false"],
	["http.lowSpeedLimit", "1"],
	["http.lowSpeedTime", "30"],
	["submodule.recurse", "false"],
	["fetch.recurseSubmodules", "false"],
	["push.recurseSubmodules", "no"],
	["gc.auto", "0"],
	["maintenance.auto", "false"],
	["pack.threads", "1"],
	["safe.bareRepository", "all"],
] as const;

export function plumbing({
	folder,
	address,
	access,
	protocols,
	deadlineMs,
	after,
	signal,
	...given
}: Settings): Plumbing {
	const settings = [...plain, ["remote.origin.url", address] as const, ...access.settings];
	const environment = {
		PATH: "/usr/local/bin:/usr/bin:/bin",
		...given.environment,
		LC_ALL: "C",
		HOME: folder,
		GIT_DIR: folder,
		GIT_INDEX_FILE: join(folder, "haldane-index"),
		GIT_TERMINAL_PROMPT: "0",
		GIT_CONFIG_NOSYSTEM: "1",
		GIT_CONFIG_GLOBAL: "/dev/null",
		GIT_ATTR_NOSYSTEM: "1",
		GIT_LITERAL_PATHSPECS: "1",
		GIT_ALLOW_PROTOCOL: protocols.join(":"),
		...access.environment,
		GIT_CONFIG_COUNT: String(settings.length),
		...Object.fromEntries(
			settings.flatMap(([key, value], index) => [
				[`GIT_CONFIG_KEY_${index}`, key],
				[`GIT_CONFIG_VALUE_${index}`, value],
			]),
		),
	};
	return async (args, { input, outputBytesMax = OUTPUT_BYTES_MAX, environment: more, answers = [], trouble } = {}) => {
		const about = `${address}: git ${args[0]}`;
		const ended = await run(
			"git",
			{ args, folder, environment: { ...environment, ...more }, input, deadlineMs, outputBytesMax, after },
			signal,
		);
		switch (ended.kind) {
			case "exited":
				if (ended.code === 0 || answers.includes(ended.code))
					return { output: ended.output, words: saying(ended.words, access.secrets), code: ended.code };
				break;
			case "late":
				throw new GitFailure("unreachable", `${about} took longer than ${deadlineMs / 1_000}s`);
			case "aborted":
				throw new GitFailure("unreachable", `${about} was stopped`);
			case "tooMuch":
				throw new GitFailure(trouble ?? "failed", `${about} gave more than ${outputBytesMax} bytes`);
			case "killed":
				throw new GitFailure("failed", `${about} was ended by ${ended.by}`);
			case "notStarted":
				throw new GitFailure("failed", `${about} could not be started: ${ended.detail}`);
		}
		const words = saying(ended.words, access.secrets);
		const found = troubleIn(ended.words);
		throw new GitFailure(
			found === "failed" ? (trouble ?? found) : found,
			`${about} failed: ${words || `code ${ended.code}`}`,
		);
	};
}
