import type { Canary } from "../api/canary.ts";
import type { CanaryWebhook, WebhookType } from "../api/canary-analysis.ts";
import { durationMs } from "../domain/duration.ts";

/** When a hook is called. `rollout` belongs to a round of checks; `event` is told what happened and asked nothing. */
export type HookType = WebhookType;

/** A Secret by name. Only the shell opens it, at the moment of the request that needs it. */
export interface SecretRef {
	readonly namespace: string;
	readonly name: string;
}

/** Opens a Secret, its values decoded; undefined when there is none of that name. Given by the caller of each shell. */
export type ReadSecret = (ref: SecretRef) => Promise<Readonly<Record<string, string>> | undefined>;

/** One webhook of a Canary, with texts read and references complete. */
export interface Hook {
	readonly name: string;
	readonly type: HookType;
	readonly url: string;
	/** For one attempt. */
	readonly timeoutMs: number;
	/** Further attempts after a connection error, a 429 or a 5xx. */
	readonly retries: number;
	/** Takes any certificate: a webhook's `disableTLS`. */
	readonly insecureSkipVerify: boolean;
	/** Nobody need be told that this gate is closed. */
	readonly muteAlert: boolean;
	readonly metadata: Readonly<Record<string, string>>;
	/** Every key of it is sent as a header. */
	readonly secret: SecretRef | undefined;
}

/** What a hook said: `yes` is any 2xx, `no` any other answer, `unreachable` is none. */
export type HookAnswer =
	| { readonly kind: "yes" }
	| { readonly kind: "no"; readonly detail: string }
	| { readonly kind: "unreachable"; readonly detail: string };

const TIMEOUT_MS = 10_000;

/** The hooks of a Canary that are called at that moment, in the order of its list. */
export function hooksOf({ metadata: { namespace = "default" }, spec }: Canary, type: HookType): readonly Hook[] {
	return (spec.analysis?.webhooks ?? [])
		.filter((webhook) => webhook.type === type)
		.map((webhook) => hookOf(webhook, namespace));
}

/** A webhook as an object of that namespace has it. */
export function hookOf(webhook: CanaryWebhook, namespace: string): Hook {
	return {
		name: webhook.name,
		type: webhook.type,
		url: webhook.url,
		// "0s" is how Go says "no deadline", which we have for nothing.
		timeoutMs: durationMs(webhook.timeout) || TIMEOUT_MS,
		retries: webhook.retries,
		insecureSkipVerify: webhook.disableTLS ?? false,
		muteAlert: webhook.muteAlert ?? false,
		metadata: webhook.metadata ?? {},
		secret: webhook.secretRef && { namespace, name: webhook.secretRef.name },
	};
}
