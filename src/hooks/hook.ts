/** When a hook is called. `rollout` belongs to a round of checks; `event` is told what happened and asked nothing. */
export const hookTypes = [
	"confirm-rollout",
	"pre-rollout",
	"rollout",
	"confirm-traffic-increase",
	"confirm-promotion",
	"post-rollout",
	"rollback",
	"event",
] as const;
export type HookType = (typeof hookTypes)[number];

/** A Secret by name. Only the shell opens it, at the moment of the request that needs it. */
export interface SecretRef {
	readonly namespace: string;
	readonly name: string;
}

/** One webhook of a Canary, with defaults applied and texts read. */
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
