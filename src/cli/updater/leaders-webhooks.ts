import { z } from "zod";
import type { Send } from "../../http/request.ts";
import type { HandedOn, LeadersAnswer } from "../../server/webhooks/hand-on.ts";

/** On the lease: where the replica that leads takes webhooks, `10.1.2.3:9300`. */
const WEBHOOKS_ANNOTATION = "haldane.dev/webhooks";

/** Shorter than senders wait: what the leader does not take is refused in time for them to hear of it. */
const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 16 * 1_024;

/** Hands webhooks to the replica that leads, as its lease says where that is. */
export interface LeadersWebhooks {
	/** What this replica's lease is to be annotated with while it leads; nothing where its own address is not known. */
	readonly annotations: Readonly<Record<string, string>>;
	/** Hears what another's lease is annotated with. */
	told(annotations: Readonly<Record<string, string>>): void;
	handOn(webhook: HandedOn): Promise<LeadersAnswer | undefined>;
}

export function leadersWebhooks(
	send: Send,
	own: { readonly ip: string | undefined; readonly port: number },
	signal: AbortSignal,
): LeadersWebhooks {
	let leader: string | undefined;
	return {
		annotations: own.ip === undefined ? {} : { [WEBHOOKS_ANNOTATION]: addressOf(own.ip, own.port) },
		told(annotations) {
			const said = annotations[WEBHOOKS_ANNOTATION];
			// Whoever may write the lease could send secrets elsewhere; that they go to a pod, and to no name, is the least.
			leader = said !== undefined && isAddress(said) ? said : undefined;
		},
		async handOn({ path, headers, body }) {
			if (leader === undefined) return undefined;
			const request = {
				...{ method: "POST" as const, url: `http://${leader}${path}`, headers, body },
				...{ timeoutMs: TIMEOUT_MS, retries: 0, bodyBytesMax: ANSWER_BYTES_MAX, insecureSkipVerify: false },
			};
			const answer = await send(request, signal);
			if (answer.kind === "unreachable") return undefined;
			return { status: answer.status, body: answer.body, retryAfter: answer.headers["retry-after"] };
		},
	};
}

const isIPv4 = (text: string) => z.ipv4().safeParse(text).success;
const isIPv6 = (text: string) => z.ipv6().safeParse(text).success;

export function isIp(text: string): boolean {
	return isIPv4(text) || isIPv6(text);
}

function addressOf(ip: string, port: number): string {
	return `${isIPv6(ip) ? `[${ip}]` : ip}:${port}`;
}

function isAddress(text: string): boolean {
	const [, six, four = "", port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
	return Number(port) > 0 && Number(port) <= 65_535 && (six === undefined ? isIPv4(four) : isIPv6(six));
}
