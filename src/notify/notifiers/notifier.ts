import type { Announcement } from "../announcement.ts";

/** Where and as whom a message goes: an AlertProvider with its Secret read. `address` and `token` are secrets. */
export interface NotifierSettings {
	readonly address: string;
	readonly token?: string | undefined;
	readonly channel?: string | undefined;
	readonly username?: string | undefined;
	/** URL of the proxy to send through. */
	readonly proxy?: string | undefined;
}

/** One POST, described. Secrets may be in the URL and the headers, never in the body. */
export interface OutboundMessage {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Readonly<Record<string, unknown>>;
}

/**
 * How one kind of chat or receiver says an announcement. Pure.
 *
 * Guarantees, proven by one suite for all: whatever the announcement says, the body keeps within the service's limits,
 * is well-formed, and cannot mention people or forge links; the body never holds the address or the token.
 */
export interface Notifier {
	render(announcement: Announcement, settings: NotifierSettings): OutboundMessage;
	/** Why a 2xx answer is a refusal all the same, in a word that is safe to log; undefined when it is none. */
	refusal?(answer: string): string | undefined;
}

/**
 * What became of one attempt to deliver: `retry` may go better later (not before `afterMs`, if given), `refused` will
 * not. Details are safe to log.
 */
export type SendResult =
	| { readonly kind: "sent" }
	| { readonly kind: "retry"; readonly detail: string; readonly afterMs?: number | undefined }
	| { readonly kind: "refused"; readonly detail: string };
