import { createHmac } from "node:crypto";

/** What senders prove themselves with, read anew for each request. */
export type WebhookSecrets =
	/** Any one of them will do, so that a new one can be handed out before the old one is taken away. None lets nobody in. */
	| { readonly kind: "secrets"; readonly secrets: readonly string[] }
	/** Whoever reaches the port is believed. */
	| { readonly kind: "allowUnsigned" };

/** Shorter ones could be guessed, and an empty one would be everybody's. */
export const SECRET_LENGTH_MIN = 16;
/** Each is tried on each request. */
export const SECRETS_MAX = 16;

/**
 * The secrets in the data of a Kubernetes Secret (decoded), without line breaks at their ends, which `--from-file` leaves there.
 * Refused ones are named by their keys; what they hold is in no complaint.
 */
export function secretsIn(data: Readonly<Record<string, string>>): {
	readonly secrets: readonly string[];
	readonly refused: readonly string[];
} {
	const entries = Object.entries(data)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => ({ key, value: value.replace(/[\r\n]+$/, "") }));
	const long = entries.filter(({ value }) => value.length >= SECRET_LENGTH_MIN);
	const short = entries.filter(({ value }) => value.length < SECRET_LENGTH_MIN);
	return {
		secrets: long.slice(0, SECRETS_MAX).map(({ value }) => value),
		refused: [
			...short.map(({ key }) => `key ${key} has fewer than ${SECRET_LENGTH_MIN} characters`),
			...long.slice(SECRETS_MAX).map(({ key }) => `key ${key} is one more than the ${SECRETS_MAX} that are tried`),
		],
	};
}

/** The last part of a webhook's path for senders that cannot sign. It is a secret: of this trigger only, until the other one changes. */
export function pathTokenFor(secret: string, trigger: string): string {
	return createHmac("sha256", secret).update(`haldane webhook path ${trigger}`).digest("base64url");
}
