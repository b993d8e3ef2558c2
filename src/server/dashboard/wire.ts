import type { CheckStatus, PastRun } from "../../api/canary-status.ts";

/** What the page and its server say to each other, as JSON. Instants are RFC 3339 texts, shares percent. */
export const VERBS = ["pause", "resume", "promote", "abort", "retry"] as const;
export type Verb = (typeof VERBS)[number];

/** The header that carries the token of the printed address: no other site's page can send it. */
export const TOKEN_HEADER = "X-Haldane-Token";

/** A line of the overview. */
export interface Summary {
	readonly namespace: string;
	readonly name: string;
	/** `""` is a Canary that was never looked at. */
	readonly phase: string;
	readonly since?: string;
	readonly target: string;
	/** Counted from 1, 0 before the first; absent without a run. */
	readonly step?: number;
	readonly steps?: number;
	readonly weight: number;
	readonly mirror: number;
	readonly isPaused: boolean;
	readonly nextCheckAt?: string;
	readonly message: string;
	readonly next: string;
	readonly checks: readonly CheckStatus[];
	/** What would do something now. */
	readonly verbs: readonly Verb[];
}

export interface PlannedStep {
	/** Such as `20 %` or `copies of 10 %`. */
	readonly share: string;
	/** Such as `3 rounds` or `for 1m`. */
	readonly until: string;
}

export interface PodLine {
	readonly name: string;
	readonly isReady: boolean;
	/** Running, or why it does not. */
	readonly state: string;
	readonly restarts: number;
	readonly image: string;
}

export interface WorkloadLine {
	readonly name: string;
	readonly replicas: number;
	readonly ready: number;
	/** The pod template, as YAML. */
	readonly template: string;
	readonly pods: readonly PodLine[];
}

export interface EventLine {
	readonly at: string;
	readonly type: string;
	readonly reason: string;
	readonly message: string;
	readonly count: number;
}

/** One Canary, whole. */
export interface Detail {
	readonly summary: Summary;
	readonly conditions: readonly {
		readonly type: string;
		readonly status: string;
		readonly reason: string;
		readonly message: string;
	}[];
	readonly steps: readonly PlannedStep[];
	readonly startedAt?: string;
	readonly inForceSince?: string;
	readonly history: readonly PastRun[];
	readonly events: readonly EventLine[];
	readonly candidate?: WorkloadLine;
	readonly primary?: WorkloadLine;
	readonly route?: { readonly kind: string; readonly name: string; readonly spec: string };
	/** The spec, as YAML. */
	readonly spec: string;
	/** What could not be had, as sentences. */
	readonly missing: readonly string[];
}

/** Rates of requests as a mesh counted them; absent is unknown. */
export interface GoldenRow {
	readonly kind: "Deployment" | "Pod";
	readonly name: string;
	readonly of: "primary" | "candidate";
	readonly successRate?: number;
	/** Requests a second. */
	readonly rps?: number;
	/** Milliseconds. */
	readonly p50?: number;
	readonly p95?: number;
	readonly p99?: number;
}

export interface GoldenTable {
	readonly rows: readonly GoldenRow[];
	/** Why there are no numbers, or not all; and the mend. */
	readonly message?: string;
}

/** What the stream tells: first a snapshot, then whatever changes. */
export type StreamEvent =
	| { readonly type: "snapshot"; readonly canaries: readonly Summary[] }
	| { readonly type: "changed"; readonly canary: Summary }
	| { readonly type: "gone"; readonly namespace: string; readonly name: string };

/** A refusal: a sentence with the mend. */
export interface Problem {
	readonly error: string;
}
