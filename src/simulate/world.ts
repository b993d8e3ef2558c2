import { blankStatus, type CanaryStatus } from "../api/canary-status.ts";
import { allPrimary, sameTraffic, type Traffic } from "../domain/traffic.ts";
import type { Action, Observed, Plan } from "../reconciler/decide/situation.ts";
import type { Version } from "../workloads/version.ts";

/** Where virtual time begins, the first of January 2020 in UTC; any moment would do. */
export const START = 1_577_836_800_000;

export const OLD_REVISION = "old";
export const NEW_REVISION = "new";
const REPLICAS = 2;
const never = Number.POSITIVE_INFINITY;

/** How fast the virtual cluster is, in milliseconds. */
export interface Pace {
	/** From asking for pods until they are ready. */
	readonly readyAfterMs: number;
	/** From writing a route until the mesh has taken it up. */
	readonly routeAfterMs: number;
}

interface Workload {
	readonly revision: string;
	readonly replicas: number;
	/** When every pod asked for stands. */
	readonly readyAt: number;
	/** When any pod stands: those of before serve until they are replaced. */
	readonly availableAt: number;
	readonly generation: number;
}

/** Who answers requests from a moment on. */
export interface Segment {
	/** Milliseconds after the push. */
	readonly fromMs: number;
	readonly traffic: Traffic;
	/** The primary's pods run the new version. */
	readonly primaryIsNew: boolean;
}

/**
 * A cluster as one Canary sees it: a primary that serves the old version, and a target to which a new one was pushed at
 * virtual time 0. Every action works at once; pods and routes then take their time.
 */
export class World {
	now = START;
	status: CanaryStatus;
	readonly segments: Segment[] = [];
	readonly #pace: Pace;
	readonly #isStuck: boolean;
	readonly #routes: boolean;
	#target: Workload = { revision: NEW_REVISION, replicas: 0, readyAt: never, availableAt: never, generation: 2 };
	#primary: Workload = {
		revision: OLD_REVISION,
		replicas: REPLICAS,
		readyAt: START,
		availableAt: START,
		generation: 1,
	};
	/** What the route says, and what the mesh does. */
	#asked: Traffic = allPrimary;
	#inForce: Traffic = allPrimary;
	#acceptedAt = START;

	/** `isStuck`: the new version's pods never become ready. */
	constructor({ binding, canSwitch }: Plan, pace: Pace, isStuck: boolean) {
		this.#pace = pace;
		this.#isStuck = isStuck;
		this.#routes = canSwitch;
		this.status = {
			...blankStatus,
			phase: "Initialized",
			lastAppliedSpec: OLD_REVISION,
			lastPromotedSpec: OLD_REVISION,
			targetGeneration: 1,
			binding,
		};
		this.#note();
	}

	get elapsedMs(): number {
		return this.now - START;
	}

	/** The traffic that users have now. */
	get traffic(): Traffic {
		return this.#inForce;
	}

	/** The share of requests that the new version answers now, in percent. */
	get newShare(): number {
		return newShareOf({ fromMs: 0, traffic: this.#inForce, primaryIsNew: this.#primaryIsNew() });
	}

	/** Lets virtual time pass up to `moment`, which is no later than the next change. */
	advance(moment: number): void {
		this.now = moment;
		this.#note();
	}

	/** The next moment at which the world changes by itself; infinity when it will not. */
	nextChange(): number {
		const moments = [this.#target.readyAt, this.#primary.readyAt, this.#acceptedAt];
		return Math.min(...moments.filter((moment) => moment > this.now), never);
	}

	observe(): Observed {
		const { generation } = this.#target;
		return {
			target: { ...this.#version(this.#target), generation },
			primary: this.#version(this.#primary),
			servicesInPlace: true,
			apex: "primary",
			traffic: this.#asked,
			pair: "known",
			accepted: this.now >= this.#acceptedAt,
			refused: undefined,
			hasFinalizer: true,
			deleting: false,
			routeReleased: false,
			obstacle: undefined,
			problem: undefined,
		};
	}

	/** Does what a rollout may ask for; says whether it was anything that a rollout does. */
	perform(action: Action): boolean {
		switch (action.do) {
			case "route":
				if (this.#routes && !sameTraffic(this.#asked, action.traffic)) {
					this.#asked = action.traffic;
					this.#acceptedAt = this.now + this.#pace.routeAfterMs;
				}
				break;
			case "scaleTarget":
				this.#target = this.#scaled(this.#target, action.replicas);
				break;
			case "scalePrimary":
				this.#primary = this.#scaled(this.#primary, action.replicas);
				break;
			case "promote":
				this.#primary = {
					revision: action.revision,
					replicas: Math.max(this.#primary.replicas, action.replicasMin, 1),
					readyAt: this.now + this.#pace.readyAfterMs,
					availableAt: this.#primary.availableAt,
					generation: this.#primary.generation + 1,
				};
				break;
			default:
				return false;
		}
		this.#note();
		return true;
	}

	#version({ revision, replicas, readyAt, availableAt }: Workload): Version {
		const isStanding = replicas > 0 && this.now >= availableAt;
		const ready = replicas > 0 && this.now >= readyAt;
		return { revision, replicas, available: isStanding ? replicas : 0, ready, stalled: undefined };
	}

	/** More pods take their time to start; those that stand go on serving. */
	#scaled(workload: Workload, replicas: number): Workload {
		const next = { ...workload, replicas, generation: workload.generation + 1 };
		if (replicas === 0) return { ...next, readyAt: never, availableAt: never };
		if (replicas <= workload.replicas) return next;
		const isStuck = this.#isStuck && workload === this.#target;
		const readyAt = isStuck ? never : this.now + this.#pace.readyAfterMs;
		return { ...next, readyAt, availableAt: Math.min(workload.availableAt, readyAt) };
	}

	#primaryIsNew(): boolean {
		return this.#primary.revision === NEW_REVISION && this.now >= this.#primary.readyAt;
	}

	/** Writes down who answers from now on, when that is somebody else than before. */
	#note(): void {
		if (this.now >= this.#acceptedAt) this.#inForce = this.#asked;
		const next = { fromMs: this.elapsedMs, traffic: this.#inForce, primaryIsNew: this.#primaryIsNew() };
		const last = this.segments.at(-1);
		const isSame =
			last !== undefined && sameTraffic(last.traffic, next.traffic) && last.primaryIsNew === next.primaryIsNew;
		if (!isSame) this.segments.push(next);
	}
}

/** The share of requests that the new version answers, in percent. */
export function newShareOf({ traffic, primaryIsNew }: Segment): number {
	return primaryIsNew ? 100 : traffic.candidate;
}
