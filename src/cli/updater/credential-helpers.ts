import { z } from "zod";
import { Failure } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import type { RunProgram } from "../../programs/run-program.ts";
import type { RunHelper } from "../../updater/image-registry/docker-config.ts";

const DEADLINE_MS = 10_000;
const OUTPUT_BYTES_MAX = 64 * 1_024;
/** What a helper said is believed so long: it may say something else before what it said ends. */
const AGE_MS_MAX = 600_000;
/** A helper that failed is not asked again for so long. */
const FAILED_MS = 60_000;
const KEPT_MAX = 1_000;
/** What a helper says when it has nothing, as docker's own helpers have it. */
const NOTHING = "credentials not found in native keychain";
/** The user of an identity token. */
const TOKEN_USER = "<token>";

/** Of the operator's environment a helper sees these, and names that begin so: clouds tell their programs who they are by them. */
const SEEN = ["PATH", "HOME", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"];
const SEEN_PREFIXES = ["AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_"];

const Said = z.object({ Username: z.string().max(4_096), Secret: z.string().min(1).max(OUTPUT_BYTES_MAX) });
type Given = Awaited<ReturnType<RunHelper>>;

interface Kept {
	readonly until: Instant;
	readonly given: Promise<Given>;
}

export interface HelperPorts {
	readonly runProgram: RunProgram;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly now: () => Instant;
}

/** A credential helper that could not say anything. */
export class HelperError extends Failure {
	override readonly name = "HelperError";
	override readonly remedy = "retry";
}

/**
 * Runs docker's credential helpers, each once for a server and ten minutes, and keeps what they said in memory alone. Rejects with
 * what is wrong, which quotes nothing that a helper said.
 */
export function credentialHelpers({ runProgram, environment, now }: HelperPorts): RunHelper {
	const kept = new Map<string, Kept>();
	const seen = seenBy(environment);

	return (helper, signal) => {
		const key = `${helper.name} ${helper.server}`;
		const known = kept.get(key);
		if (known !== undefined && known.until > now()) return known.given;
		kept.delete(key);
		const given = ask(helper, signal);
		kept.set(key, { until: now() + AGE_MS_MAX, given });
		const [oldest] = kept.keys();
		if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
		given.catch(() => {
			if (kept.get(key)?.given !== given) return;
			// Whoever gave up says nothing of the helper.
			if (signal.aborted) kept.delete(key);
			else kept.set(key, { until: now() + FAILED_MS, given });
		});
		return given;
	};

	async function ask({ name, server }: Parameters<RunHelper>[0], signal: AbortSignal): Promise<Given> {
		const program = `docker-credential-${name}`;
		const end = await runProgram(
			{
				name: program,
				args: ["get"],
				environment: seen,
				input: server,
				deadlineMs: DEADLINE_MS,
				outputBytesMax: OUTPUT_BYTES_MAX,
			},
			signal,
		);
		if (end.kind === "failed") throw new HelperError(end.detail);
		if (end.code !== 0) {
			if (end.output.trim().startsWith(NOTHING)) return undefined;
			throw new HelperError(`program ${program}: ended with ${end.code} for ${server}`);
		}
		const said = saidIn(end.output);
		if (said === undefined)
			throw new HelperError(`program ${program}: did not answer for ${server} as docker wants it`);
		const { Username: username, Secret: secret } = said;
		return username === TOKEN_USER
			? { username: "", password: "", identityToken: secret }
			: { username, password: secret };
	}
}

function saidIn(output: string): z.infer<typeof Said> | undefined {
	try {
		return Said.safeParse(JSON.parse(output)).data;
	} catch {
		return undefined;
	}
}

function seenBy(environment: HelperPorts["environment"]): Readonly<Record<string, string>> {
	const isSeen = (name: string) => SEEN.includes(name) || SEEN_PREFIXES.some((prefix) => name.startsWith(prefix));
	return Object.fromEntries(
		Object.entries(environment).flatMap(([name, value]) =>
			value !== undefined && isSeen(name) ? [[name, value]] : [],
		),
	);
}
