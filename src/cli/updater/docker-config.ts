import { readFile } from "node:fs/promises";
import { messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import { runProgram } from "../../programs/run-program.ts";
import {
	credentialsFor,
	type DockerConfig,
	type RunHelper,
	readDockerConfig,
} from "../../updater/image-registry/docker-config.ts";
import type { ConfiguredCredentials } from "../../updater/loop/pull-credentials.ts";
import { credentialHelpers } from "./credential-helpers.ts";

/** Of the operator's own docker configuration, with its helpers, and of nothing without one. */
export function configuredCredentials(source: string | undefined, now: () => Instant): ConfiguredCredentials {
	if (source === undefined) return async () => ({ credentials: [], problems: [] });
	const runHelper = credentialHelpers({ runProgram, environment: process.env, now });
	return dockerConfigCredentials(source, { readFile: (path) => readFile(path, "utf8"), runHelper, now });
}

/** The file is read anew when it is needed and was read longer ago. */
export const DOCKER_CONFIG_MS = 30_000;

export interface DockerConfigPorts {
	/** Text of a file. Throws when it cannot be read. */
	readonly readFile: (path: string) => Promise<string>;
	readonly runHelper: RunHelper;
	readonly now: () => Instant;
}

/**
 * Credentials by a docker configuration: a file, or its text itself, which begins with a brace. Never rejects: what is wrong is
 * said, and quotes nothing of it.
 */
export function dockerConfigCredentials(
	source: string,
	{ readFile, runHelper, now }: DockerConfigPorts,
): ConfiguredCredentials {
	const isText = source.trimStart().startsWith("{");
	const origin = isText ? "the docker configuration" : `the docker configuration ${source}`;
	let known: { readonly at: Instant; readonly config: Promise<DockerConfig> } | undefined;

	return async (name, signal) => {
		const { credentials, helpers, problems } = await configured();
		const all = problems.map((problem) => `${origin}: ${problem}`);
		try {
			const found = await credentialsFor({ credentials, helpers, problems }, name, runHelper, signal);
			return { credentials: found.map((one) => ({ ...one, origin })), problems: all };
		} catch (thrown) {
			const host = name.registry;
			return { credentials: [], problems: [...all, `${origin}: for ${host}: ${messageOf(thrown)}`] };
		}
	};

	function configured(): Promise<DockerConfig> {
		if (known !== undefined && (isText || now() - known.at < DOCKER_CONFIG_MS)) return known.config;
		const config = isText ? Promise.resolve(readDockerConfig(source)) : read();
		known = { at: now(), config };
		return config;
	}

	async function read(): Promise<DockerConfig> {
		try {
			return readDockerConfig(await readFile(source));
		} catch (thrown) {
			const { code } = thrown as { readonly code?: unknown };
			return { credentials: [], helpers: [], problems: [`cannot be read (${String(code ?? "unknown")})`] };
		}
	}
}
