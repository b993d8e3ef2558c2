import type { Instant } from "../domain/instant.ts";
import type { OutboundRequest } from "../http/request.ts";
import { mergeHeaders } from "../http/request.ts";
import type { Hook } from "./hook.ts";

/** What every hook is told. */
export interface HookCall {
	readonly canary: { readonly namespace: string; readonly name: string };
	readonly phase: string;
	/** The same for the same revision and tracked configs. */
	readonly checksum: string;
}

/** What an event hook is told besides. */
export interface HookEvent {
	readonly message: string;
	readonly type: "Normal" | "Warning";
	readonly at: Instant;
}

/** What a receiver reads, in Flagger's words. */
export interface HookBody {
	readonly name: string;
	readonly namespace: string;
	readonly phase: string;
	readonly checksum: string;
	readonly metadata?: Readonly<Record<string, string>>;
}

/** The body of a call that asks. */
export function hookBody({ metadata }: Pick<Hook, "metadata">, { canary, phase, checksum }: HookCall): HookBody {
	const body = { name: canary.name, namespace: canary.namespace, phase, checksum };
	return Object.keys(metadata).length === 0 ? body : { ...body, metadata };
}

/** The body of a call that tells. The event's own words win over metadata of the same name. */
export function eventBody({ metadata }: Pick<Hook, "metadata">, call: HookCall, event: HookEvent): HookBody {
	const told = { eventMessage: event.message, eventType: event.type, timestamp: String(event.at) };
	return hookBody({ metadata: { ...metadata, ...told } }, call);
}

/** Enough for the excerpt that people get to read: a hook's answer is its status. */
const ANSWER_BYTES_MAX = 8_192;

/** The request that calls a hook, with the headers that its Secret holds. */
export function hookRequest(
	hook: Hook,
	body: HookBody,
	secret: Readonly<Record<string, string>> = {},
): OutboundRequest {
	// A Secret made from a file ends in a newline, which no header may hold.
	const headers = Object.entries(secret).map(([name, value]) => [name, value.trim()] as const);
	return {
		method: "POST",
		url: hook.url,
		headers: mergeHeaders(Object.fromEntries(headers), { "content-type": "application/json" }),
		body: JSON.stringify(body),
		timeoutMs: hook.timeoutMs,
		retries: hook.retries,
		bodyBytesMax: ANSWER_BYTES_MAX,
		insecureSkipVerify: hook.insecureSkipVerify,
	};
}

/** Headers that frame the message or address it: a Secret that could set them could send another request. */
const FRAMING = new Set(["connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"]);

/** The keys of a Secret that no hook may send as a header. */
export function unsendableHeaders(secret: Readonly<Record<string, string>>): readonly string[] {
	return Object.keys(secret).filter((name) => FRAMING.has(name.toLowerCase()));
}
