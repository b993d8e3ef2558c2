import { createHmac } from "node:crypto";
import type { Instant } from "../../../domain/instant.ts";
import type { OutboundAnswer, Send } from "../../../http/request.ts";
import { isDigest, parseImageReference } from "../../../updater/image-reference.ts";
import { RefusedError, UsageError } from "../../usage-error.ts";
import { oneLine } from "./one-line.ts";
import { webhookAddress } from "./webhook-secret.ts";

export interface PushPorts {
	readonly send: Send;
	readonly now: () => Instant;
	readonly signal: AbortSignal;
}

export interface AskedPush {
	/** `ghcr.io/acme/app:1.3.0`, with the digest behind an @ if it is known. */
	readonly image: string;
	readonly digest: string | undefined;
	readonly url: string;
	readonly secret: string;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 3;
const ANSWER_BYTES_MAX = 16_384;
const SAID_LENGTH_MAX = 300;

/** Tells the operator that a tag was pushed, by a signed webhook. Throws RefusedError with what it said when it did not take it. */
export async function push({ send, now, signal }: PushPorts, asked: AskedPush): Promise<string> {
	const parsed = parseImageReference(asked.image);
	if (!parsed.ok)
		throw new UsageError(`${asked.image}: ${parsed.problem}; write IMAGE:TAG, such as ghcr.io/acme/app:1.3.0`);
	const { name, tag, digest = asked.digest } = parsed.reference;
	if (tag === undefined) throw new UsageError(`${asked.image}: has no tag; write IMAGE:TAG, such as ${name}:1.3.0`);
	if (digest !== undefined && !isDigest(digest)) throw new UsageError("--digest: write it like sha256:…");
	const url = webhookAddress(asked.url, "native");
	const body = JSON.stringify({ name, tag, ...(digest === undefined ? {} : { digest }) });
	const seconds = String(Math.floor(now() / 1_000));
	const signature = createHmac("sha256", asked.secret).update(`${seconds}.${body}`).digest("hex");
	const answer = await send(
		{
			method: "POST",
			url,
			headers: {
				"content-type": "application/json",
				"x-haldane-timestamp": seconds,
				"x-hub-signature-256": `sha256=${signature}`,
			},
			body,
			timeoutMs: TIMEOUT_MS,
			retries: RETRIES,
			bodyBytesMax: ANSWER_BYTES_MAX,
			insecureSkipVerify: false,
		},
		signal,
	);
	const image = `${name}:${tag}`;
	const refusal = refusalOf(answer);
	if (refusal !== undefined) throw new RefusedError(`${image}: ${refusal}`);
	return `${image}: the operator was told; it asks the registry, and updates the workloads whose rule chooses the tag`;
}

function refusalOf(answer: OutboundAnswer): string | undefined {
	if (answer.kind === "unreachable") return `the operator was not told: ${answer.detail}`;
	const { status } = answer;
	if (status === 200) return undefined;
	const said = saidIn(answer.body);
	const words = `answered HTTP ${status}${said === undefined ? "" : `: ${said}`}`;
	if (status === 401)
		return `${words}; is the secret one of those in the operator's --webhook-secret, and is this machine's clock right?`;
	if (status === 503) return `${words}; try again`;
	if (status === 404 || (status >= 300 && status < 400))
		return `${words}; does --url name the port of the operator's webhooks?`;
	return words;
}

/** The operator's own words; what else may answer there is not repeated. */
function saidIn(body: string): string | undefined {
	try {
		const { error } = JSON.parse(body) as { readonly error?: unknown };
		return typeof error === "string" ? oneLine(error).slice(0, SAID_LENGTH_MAX) : undefined;
	} catch {
		return undefined;
	}
}
