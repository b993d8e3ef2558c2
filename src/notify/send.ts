import { IncomingWebhook, type IncomingWebhookSendArguments } from "@slack/webhook";
import type { Instant } from "../domain/instant.ts";
import type { Send as HttpSend, OutboundAnswer } from "../http/request.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import type { NotifierSettings, OutboundMessage, SendResult } from "./notifiers/notifier.ts";
import { type NotifierType, notifierOf } from "./notifiers/registry.ts";

/** For one attempt at a chat. */
export const SEND_TIMEOUT_MS = 5_000;

/** An answer is a word or a short JSON; the rest is not read. */
const ANSWER_BYTES_MAX = 16 * 1024;

/** Sends a rendered message once. Never rejects; what it says of a failure is safe to log. */
export type SendMessage = (
	type: NotifierType,
	message: OutboundMessage,
	options: Pick<NotifierSettings, "proxy"> & { readonly signal: AbortSignal },
) => Promise<SendResult>;

/** One POST of a JSON text. */
type Post = (request: {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}) => Promise<OutboundAnswer>;

/** The sender of all notifiers, over the one way out for HTTP. Slack's messages go through Slack's own client. */
export function createSendMessage(httpSend: HttpSend, now: () => Instant): SendMessage {
	return async (type, message, { signal, proxy }) => {
		const post: Post = (request) =>
			httpSend(
				{
					method: "POST",
					...request,
					timeoutMs: SEND_TIMEOUT_MS,
					retries: 0,
					bodyBytesMax: ANSWER_BYTES_MAX,
					insecureSkipVerify: false,
					...(proxy === undefined ? {} : { proxy }),
				},
				signal,
			);
		const answer = await (type === "slack" ? sendSlack(message, post) : sendJson(message, post));
		if (answer.kind === "answer") return resultOf(type, answer, now());
		return { kind: "retry", detail: holdsSecret(answer.detail, message) ? "unreachable" : answer.detail };
	};
}

function sendJson({ url, headers, body }: OutboundMessage, post: Post): Promise<OutboundAnswer> {
	return post({ url, headers, body: JSON.stringify(body) });
}

/**
 * IncomingWebhook without its retries, which leave 429 out, and its timeout, which is off unless set: both are ours. It
 * throws for answers too, and its errors quote the address, so that only what `fetch` saw is looked at.
 */
async function sendSlack({ url, headers, body }: OutboundMessage, post: Post): Promise<OutboundAnswer> {
	let answer: OutboundAnswer = { kind: "unreachable", detail: "not sent" };
	const client = new IncomingWebhook(url, {
		retryConfig: { retries: 0 },
		fetch: async (to, init = {}) => {
			answer = await post({ url: String(to), headers: { ...init.headers, ...headers }, body: String(init.body) });
			return asResponse(answer);
		},
	});
	await client.send(body as IncomingWebhookSendArguments).catch(() => undefined);
	return answer;
}

function asResponse(answer: OutboundAnswer): Response {
	if (answer.kind === "unreachable") throw new Error("unreachable");
	const { status, body } = answer;
	// The standard refuses a Response that has no business with a body, or a status outside of 200 to 599.
	return status < 300 ? new Response(body) : new Response(null, { status: status < 600 ? status : 500 });
}

function resultOf(type: NotifierType, answer: OutboundAnswer & { kind: "answer" }, now: Instant): SendResult {
	const { status, headers, body } = answer;
	const detail = `answered ${status}`;
	if (status >= 200 && status < 300) {
		const refusal = notifierOf(type)?.refusal?.(body);
		if (refusal === undefined) return { kind: "sent" };
		return { kind: refusal === "ratelimited" ? "retry" : "refused", detail: `${detail}, ${refusal}` };
	}
	const mayPass = status === 408 || status === 425 || status === 429 || status >= 500;
	if (!mayPass) return { kind: "refused", detail };
	return { kind: "retry", detail, afterMs: retryAfterMs(headers, now) };
}

/** The path of a chat's address is its password. */
function holdsSecret(detail: string, { url, headers }: OutboundMessage): boolean {
	const { pathname = "", search = "" } = URL.parse(url) ?? {};
	const secrets = [url, pathname, search, ...Object.values(headers).flatMap((value) => value.split(" "))];
	return secrets.some((secret) => secret.length > 3 && detail.includes(secret));
}
