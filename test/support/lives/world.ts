import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { blankStatus } from "../../../src/api/canary-status.ts";
import { allPrimary, sameTraffic, type Traffic } from "../../../src/domain/traffic.ts";
import type { Action, Observed } from "../../../src/reconciler/decide/situation.ts";
import type { Version } from "../../../src/workloads/version.ts";

interface ModelVersion {
	revision: string;
	replicas: number;
	/** When its pods stand; never, for a version that does not start. */
	readyAt: number;
	generation: number;
}

/** A cluster reduced to what one Canary can tell apart, under virtual time. Actions change it as the API would. */
export class ModelWorld {
	now = 1_800_000_000_000;
	status: CanaryStatus = blankStatus;
	target: ModelVersion = { revision: "r0", replicas: 2, readyAt: 0, generation: 1 };
	primary: ModelVersion | undefined;
	services = false;
	apex: "primary" | "target" = "target";
	traffic: Traffic | undefined;
	/** When the mesh takes up the route as it is. */
	acceptedAt = 0;
	/** Since when the route says what it says. */
	trafficSince = 0;
	hasFinalizer = false;
	deleting = false;
	routeReleased = false;
	gone = false;
	/** Pods of the target are lost until then. */
	outageUntil = 0;
	/** Whether the mesh routes at all; plain Services do not. */
	readonly routes: boolean;
	/** Revisions whose pods never become ready. */
	readonly neverReady = new Set<string>();
	/** Revisions whose pods become ready as candidate but not as primary. */
	readonly brokenAsPrimary = new Set<string>();
	podStartMs = 900;
	meshLagMs = 40;

	constructor(routes = true) {
		this.routes = routes;
		if (!routes) this.traffic = allPrimary;
	}

	/** A person applies another template, or the same again. */
	push(revision: string): void {
		if (revision === this.target.revision) return;
		this.target = {
			...this.target,
			revision,
			generation: this.target.generation + 1,
			readyAt: this.startsAt(revision),
		};
	}

	editRoute(traffic: Traffic): void {
		if (!this.routes || this.traffic === undefined) return;
		this.setTraffic(traffic);
	}

	perform(action: Action): void {
		switch (action.do) {
			case "addFinalizer":
				this.hasFinalizer = true;
				return;
			case "createPrimary":
				if (this.primary !== undefined) return;
				this.primary = {
					revision: this.target.revision,
					replicas: Math.max(1, this.target.replicas),
					readyAt: this.startsAt(this.target.revision),
					generation: 1,
				};
				return;
			case "keepServices":
				this.services = true;
				return;
			case "pointApexAtPrimary":
				this.apex = "primary";
				return;
			case "route":
				if (this.routes) this.setTraffic(action.traffic);
				return;
			case "scaleTarget":
				if (this.target.replicas === action.replicas) return;
				this.target = {
					...this.target,
					replicas: action.replicas,
					generation: this.target.generation + 1,
					readyAt: this.startsAt(this.target.revision),
				};
				return;
			case "scalePrimary":
				if (this.primary !== undefined) this.primary = { ...this.primary, replicas: action.replicas };
				return;
			case "promote":
				if (this.target.revision !== action.revision) return;
				this.primary = {
					revision: action.revision,
					replicas: Math.max(this.primary?.replicas ?? 1, action.replicasMin),
					readyAt: this.brokenAsPrimary.has(action.revision)
						? Number.POSITIVE_INFINITY
						: this.startsAt(action.revision),
					generation: (this.primary?.generation ?? 0) + 1,
				};
				return;
			case "pointApexAtTarget":
				this.apex = "target";
				return;
			case "releaseRoute":
				this.routeReleased = true;
				return;
			case "orphanChildren":
				return;
			case "removeFinalizer":
				this.hasFinalizer = false;
				if (this.deleting) this.gone = true;
				return;
		}
	}

	observe(): Observed {
		const target = this.#version(this.target, this.now < this.outageUntil);
		return {
			target: { ...target, generation: this.target.generation },
			primary: this.primary && this.#version(this.primary, false),
			servicesInPlace: this.services,
			apex: this.apex,
			traffic: this.traffic,
			accepted: this.now >= this.acceptedAt,
			refused: undefined,
			hasFinalizer: this.hasFinalizer,
			deleting: this.deleting,
			routeReleased: this.routeReleased || this.traffic === undefined,
			obstacle: undefined,
			problem: undefined,
		};
	}

	/** The next moment at which the world changes by itself; undefined when it will not. */
	nextChange(): number | undefined {
		const moments = [this.target.readyAt, this.primary?.readyAt ?? 0, this.acceptedAt, this.outageUntil].filter(
			(moment) => moment > this.now && Number.isFinite(moment),
		);
		return moments.length === 0 ? undefined : Math.min(...moments);
	}

	#version({ revision, replicas, readyAt }: ModelVersion, isOut: boolean): Version {
		const ready = replicas > 0 && !isOut && this.now >= readyAt;
		return { revision, replicas, available: ready ? replicas : 0, ready, stalled: undefined };
	}

	private startsAt(revision: string): number {
		return this.neverReady.has(revision) ? Number.POSITIVE_INFINITY : this.now + this.podStartMs;
	}

	private setTraffic(traffic: Traffic): void {
		if (this.traffic !== undefined && sameTraffic(this.traffic, traffic)) return;
		this.traffic = traffic;
		this.trafficSince = this.now;
		this.acceptedAt = this.now + this.meshLagMs;
	}
}
