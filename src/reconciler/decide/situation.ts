import type { Binding, CanaryStatus, CheckStatus } from "../../api/canary-status.ts";
import type { Instant } from "../../domain/instant.ts";
import type { Traffic } from "../../domain/traffic.ts";
import type { Rung } from "../../strategies/strategy.ts";
import type { Version } from "../../workloads/version.ts";

/** The moments at which a Canary's hooks are asked. (`rollout` hooks are part of a round of checks.) */
export const gateTypes = [
	"confirm-rollout",
	"pre-rollout",
	"confirm-traffic-increase",
	"confirm-promotion",
	"post-rollout",
	"rollback",
] as const;
export type GateType = (typeof gateTypes)[number];

/** What a Canary's spec asks for, with defaults applied and texts read. Made anew whenever the spec changes. */
export interface Plan {
	/** First to last; promotion follows the last. Empty when analysis is skipped. */
	readonly rungs: readonly Rung[];
	/** How traffic goes back while promoting; the last sends all to the primary. */
	readonly descent: readonly Traffic[];
	readonly intervalMs: number;
	/** Failed rounds, in all, that end a run. */
	readonly threshold: number;
	/** Inconclusive rounds in a row that end a run; 0 waits for ever. */
	readonly inconclusiveLimit: number;
	readonly progressDeadlineMs: number;
	/** How long pods keep running after the last request was routed to them. */
	readonly drainMs: number;
	/** Whether the mesh can send all requests to the candidate. */
	readonly canSwitch: boolean;
	readonly paused: boolean;
	readonly suspended: boolean;
	/** What requests shall flow by; recorded before the first of them does. */
	readonly binding: Binding;
	/** Which gates somebody listens at. */
	readonly gates: ReadonlySet<GateType>;
}

export interface Obstacle {
	readonly reason: string;
	/** What is wrong and what to change. */
	readonly message: string;
}

/** What the cluster looks like to one Canary, read from caches alone. */
export interface Observed {
	readonly target: (Version & { readonly generation: number }) | undefined;
	readonly primary: Version | undefined;
	/** The Services of the two versions are there as they should be. */
	readonly servicesInPlace: boolean;
	/** Whose pods the apex Service selects. */
	readonly apex: "primary" | "target" | "other" | "absent";
	/** What the route asks for; undefined when it does not say. */
	readonly traffic: Traffic | undefined;
	/** Whether the mesh knows the pair: not at all, by name while the apex has the requests, or well enough to shift. */
	readonly pair: "unknown" | "named" | "known";
	/** The mesh has taken the route up as it is. */
	readonly accepted: boolean;
	/** Why the mesh refuses the route. */
	readonly refused: string | undefined;
	readonly hasFinalizer: boolean;
	readonly deleting: boolean;
	/** The route as the Canary's deletion leaves it. */
	readonly routeReleased: boolean;
	/** Something in our way that only a person can clear: nothing is touched until then. */
	readonly obstacle: Obstacle | undefined;
	/** What the last attempt to act failed with, if it did. */
	readonly problem: Obstacle | undefined;
}

export interface GateAnswer {
	readonly open: boolean;
	readonly detail: string;
	/** False when chats need not be told that it is closed; an Event tells of it all the same. */
	readonly alert: boolean;
}

/** What the world said to `inquire`'s questions. A question that was not asked has no answer. */
export interface Answers {
	readonly round:
		| { readonly verdict: "passed" | "failed" | "inconclusive"; readonly checks: readonly CheckStatus[] }
		| undefined;
	readonly gates: Readonly<Partial<Record<GateType, GateAnswer>>>;
}

export const noAnswers: Answers = Object.freeze({ round: undefined, gates: Object.freeze({}) });

export const commandVerbs = ["pause", "resume", "promote", "abort", "retry"] as const;

/** What a person asked for by annotation; each id is obeyed once. */
export interface Command {
	readonly verb: (typeof commandVerbs)[number];
	readonly id: string;
}

/** Everything that a decision may depend on. */
export interface Situation {
	readonly plan: Plan;
	readonly status: CanaryStatus;
	readonly generation: number;
	readonly seen: Observed;
	readonly answers: Answers;
	readonly command: Command | undefined;
	/** Ids of notices that have been told. */
	readonly told: ReadonlySet<string>;
	readonly now: Instant;
}

/** An idempotent effect, described. Performed in order, stopping at the first failure. */
export type Action =
	| { readonly do: "addFinalizer" }
	| { readonly do: "createPrimary" }
	| { readonly do: "keepServices" }
	| { readonly do: "pointApexAtPrimary" }
	/** Names the pair in the route, for the mesh to know it before it gets a request. */
	| { readonly do: "introduce" }
	| { readonly do: "route"; readonly traffic: Traffic }
	| { readonly do: "scaleTarget"; readonly replicas: number }
	| { readonly do: "scalePrimary"; readonly replicas: number }
	/** Copies the target's template, which is of `revision`, over the primary's. */
	| { readonly do: "promote"; readonly revision: string; readonly replicasMin: number }
	| { readonly do: "pointApexAtTarget" }
	/** Gives the apex its requests back. */
	| { readonly do: "releaseRoute" }
	/** Removes the last of us from the route, once nobody needs it. */
	| { readonly do: "forgetRoute" }
	| { readonly do: "orphanChildren" }
	| { readonly do: "removeFinalizer" };

/** What to believe from now on, what to do, and when to look again at the latest. */
export interface Decision {
	/** The same object as the situation's when nothing is to be recorded. */
	readonly status: CanaryStatus;
	/** Empty whenever there is something to record: act only on what is recorded already. */
	readonly actions: readonly Action[];
	readonly wakeAfterMs: number | undefined;
}
