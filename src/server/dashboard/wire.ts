import type { CheckStatus, PastRun } from "../../api/canary-status.ts";
import type { FailedImage, ImageRecord, PassedOver, RejectedImage } from "../../api/image-record.ts";

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

/** Where an image stands; what a person can do something about comes first. */
export const IMAGE_STATES = [
	...(["Problem", "AwaitingApproval", "AwaitingWindow", "AwaitingRollout", "Writing", "Pushed"] as const),
	...(["RollingOut", "RolledBack", "Rejected", "Expired", "Suspended", "NotScanned", "UpToDate"] as const),
] as const;
export type ImageState = (typeof IMAGE_STATES)[number];

export const IMAGE_VERBS = ["approve", "reject", "forget"] as const;
export type ImageVerb = (typeof IMAGE_VERBS)[number];

/** One image of a workload that is kept up to date. */
export interface ImageLine {
	/** The workload. */
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
	/** `""` when it is not known which images are meant. */
	readonly container: string;
	readonly role: ImageRecord["role"];
	/** Who asks for it: an ImagePolicy, or the workload by its own annotations. */
	readonly askedBy: { readonly kind: string; readonly name: string };
	/** How tags are chosen, such as `semver >=1.4 <2`; `""` when that can't be read. */
	readonly policy: string;
	/** As the workload has it. */
	readonly image: string;
	readonly chosen?: { readonly tag: string; readonly digest: string; readonly why: string; readonly at: string };
	readonly state: ImageState;
	/** Why it is as it is: what the last look found. */
	readonly why: string;
	readonly passedOver: readonly PassedOver[];
	readonly failed: readonly FailedImage[];
	readonly rejected: readonly RejectedImage[];
	readonly problem?: string;
	readonly lastScan?: string;
	/** What comes next, without when. */
	readonly next: string;
	/** Until when it waits for that. */
	readonly until?: string;
	/** When that is. */
	readonly nextAt?: string;
	/** Who has approved what was chosen, of how many; absent when nobody has to. */
	readonly approvals?: { readonly given: readonly string[]; readonly required: number };
	/** The Canary whose target the workload is, in the same namespace. */
	readonly canary?: string;
}

/** Whether all images are known, and why some are not shown, as sentences. */
export interface ImagesStanding {
	readonly isLoading: boolean;
	readonly missing: readonly string[];
}

/** What the stream tells: first a snapshot, then whatever changes. */
export type StreamEvent =
	| {
			readonly type: "snapshot";
			readonly canaries: readonly Summary[];
			readonly images: readonly ImageLine[];
			readonly standing: ImagesStanding;
	  }
	| { readonly type: "changed"; readonly canary: Summary }
	| { readonly type: "gone"; readonly namespace: string; readonly name: string }
	/** All there are of one workload now, by `Deployment/shop/cart`. */
	| { readonly type: "images"; readonly workload: string; readonly images: readonly ImageLine[] }
	| { readonly type: "standing"; readonly standing: ImagesStanding };

/** A refusal: a sentence with the mend. */
export interface Problem {
	readonly error: string;
}
