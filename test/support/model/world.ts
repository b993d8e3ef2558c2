import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { blankStatus } from "../../../src/api/canary-status.ts";
import { allPrimary, sameTraffic, type Traffic } from "../../../src/domain/traffic.ts";
import type { Action, Observed, Obstacle } from "../../../src/reconciler/decide/situation.ts";
import type { Version } from "../../../src/workloads/version.ts";

interface ModelVersion {
	revision: string;
	replicas: number;
	/** When all its pods stand; never, for a version that does not start. */
	readyAt: number;
	/** When any of its pods stands: pods of the revision before serve until they are replaced. */
	availableAt: number;
	/** When its controller gives up on it. */
	stalledAt: number;
	generation: number;
	/** Writes that the operator made to it: no later look may miss them. */
	ownWrites: number;
}

const never = Number.POSITIVE_INFINITY;
const notStarted: ModelVersion = {
	revision: "r0",
	replicas: 2,
	readyAt: 0,
	availableAt: 0,
	stalledAt: never,
	generation: 1,
	ownWrites: 0,
};

/** What one look at the caches gave, and how old it is. */
export interface View {
	readonly seen: Observed;
	readonly targetWrites: number;
	readonly primaryWrites: number;
	readonly routeWrites: number;
	readonly routeVersion: number;
}

/** A cluster reduced to what one Canary can tell apart, under virtual time. Actions change it as the API would. */
export class ModelWorld {
	now = 1_800_000_000_000;
	status: CanaryStatus = blankStatus;
	target: ModelVersion = { ...notStarted };
	primary: ModelVersion | undefined;
	services = false;
	apex: "primary" | "target" = "target";
	traffic: Traffic | undefined;
	/** The route names the pair. */
	isNamed = false;
	/** When the mesh takes up the route as it is. */
	acceptedAt = 0;
	/** Since when the route says what it says. */
	trafficSince = 0;
	/** Changes of the route, whoever made them, and those that the operator made. */
	routeVersion = 0;
	routeWrites = 0;
	/** Until when requests could reach the candidate, as far as routes go. */
	candidateReachedUntil = 0;
	hasFinalizer = false;
	deleting = false;
	routeReleased = false;
	orphaned = false;
	gone = false;
	obstacle: Obstacle | undefined;
	/** The mesh refuses routes until then. */
	refusesUntil = 0;
	/** Pods of the target are lost until then, and those of the primary. */
	outageUntil = 0;
	primaryOutageUntil = 0;
	/** Whether the mesh routes at all; plain Services do not. */
	readonly routes: boolean;
	/** Revisions whose pods never become ready. */
	readonly neverReady = new Set<string>();
	/** Revisions whose pods become ready as candidate but not as primary. */
	readonly brokenAsPrimary = new Set<string>();
	/** Pods of the revision before serve while the next ones start. */
	rolling = true;
	/** A controller gives up on pods that do not start after so long. */
	giveUpMs = never;
	podStartMs = 900;
	meshLagMs = 40;

	constructor(routes = true) {
		this.routes = routes;
		if (!routes) this.traffic = allPrimary;
	}

	/** A person applies another template, or the same again. */
	push(revision: string): void {
		if (revision === this.target.revision) return;
		this.target = this.started(this.target, revision, this.target.replicas);
	}

	/** The same template is read as another revision: an upgrade of the API server, or of the operator. */
	rename(revision: string): void {
		this.target = { ...this.target, revision };
	}

	/** A person writes the route. */
	editRoute(traffic: Traffic): void {
		if (this.routes && this.traffic !== undefined) this.setTraffic(traffic);
	}

	/** A person writes the route as it was before there was a Canary. */
	resetRoute(): void {
		if (!this.routes || this.traffic === undefined) return;
		this.traffic = undefined;
		this.isNamed = false;
		this.routeVersion += 1;
		this.acceptedAt = this.now + this.meshLagMs;
	}

	/** Somebody else scales a version. */
	scale(version: "target" | "primary", replicas: number): void {
		const before = this[version];
		if (before !== undefined) this[version] = this.scaled(before, replicas);
	}

	/** The primary's pods stand after all. */
	healPrimary(): void {
		if (this.primary === undefined) return;
		this.brokenAsPrimary.delete(this.primary.revision);
		if (this.neverReady.has(this.primary.revision)) return;
		const at = Math.min(this.primary.readyAt, this.now);
		this.primary = { ...this.primary, readyAt: at, availableAt: at, stalledAt: never };
	}

	/** False when the API refuses it, because something changed since the view. */
	perform(action: Action, { seen, routeVersion }: View): boolean {
		switch (action.do) {
			case "addFinalizer":
				this.hasFinalizer = true;
				return true;
			case "createPrimary": {
				const revision = seen.target?.revision;
				if (revision === undefined || this.primary?.revision === revision) return true;
				const before = this.primary ?? { ...notStarted, replicas: 0, generation: 0 };
				this.primary = this.started(before, revision, Math.max(1, seen.target?.replicas ?? 1));
				this.primary.ownWrites += 1;
				return true;
			}
			case "keepServices":
				this.services = true;
				return true;
			case "pointApexAtPrimary":
				this.apex = "primary";
				return true;
			case "introduce":
				if (!this.routes || this.isNamed) return true;
				if (routeVersion !== this.routeVersion) return false;
				this.isNamed = true;
				this.routeWrites += 1;
				this.routeVersion += 1;
				this.acceptedAt = this.now + this.meshLagMs;
				return true;
			case "route":
				if (!this.routes) return true;
				if (routeVersion !== this.routeVersion) return false;
				this.setTraffic(action.traffic);
				this.routeReleased = false;
				this.routeWrites += 1;
				return true;
			case "scaleTarget":
				if (this.target.replicas === action.replicas) return true;
				this.target = this.scaled(this.target, action.replicas);
				this.target.ownWrites += 1;
				return true;
			case "scalePrimary":
				if (this.primary === undefined) return true;
				this.primary = this.scaled(this.primary, action.replicas);
				this.primary.ownWrites += 1;
				return true;
			case "promote": {
				const before = this.primary ?? { ...notStarted, replicas: 0 };
				const replicas = Math.max(before.replicas, action.replicasMin, 1);
				const next = this.started(before, action.revision, replicas);
				if (this.brokenAsPrimary.has(action.revision)) this.breakPrimary(next);
				next.ownWrites += 1;
				this.primary = next;
				return true;
			}
			case "pointApexAtTarget":
				this.apex = "target";
				return true;
			case "releaseRoute":
				this.routeReleased = true;
				this.routeWrites += 1;
				return true;
			case "forgetRoute":
				this.routeReleased = true;
				this.isNamed = false;
				this.routeWrites += 1;
				return true;
			case "orphanChildren":
				this.orphaned = true;
				return true;
			case "removeFinalizer":
				this.hasFinalizer = false;
				if (this.deleting) this.gone = true;
				return true;
		}
	}

	/** What the caches show now. */
	look(): View {
		return {
			seen: this.observe(),
			targetWrites: this.target.ownWrites,
			primaryWrites: this.primary?.ownWrites ?? 0,
			routeWrites: this.routeWrites,
			routeVersion: this.routeVersion,
		};
	}

	/** What late caches show: an older look, save for what the operator has written since. */
	lateLook(old: View): View {
		const fresh = this.look();
		const isOldRoute = old.routeWrites === fresh.routeWrites;
		const route = isOldRoute ? old.seen : fresh.seen;
		const { traffic, pair, accepted, refused, routeReleased } = route;
		return {
			...fresh,
			seen: {
				...fresh.seen,
				target: old.targetWrites === fresh.targetWrites ? old.seen.target : fresh.seen.target,
				primary:
					old.primaryWrites === fresh.primaryWrites ? (old.seen.primary ?? fresh.seen.primary) : fresh.seen.primary,
				traffic,
				pair,
				accepted,
				refused,
				routeReleased,
			},
			routeVersion: isOldRoute ? old.routeVersion : fresh.routeVersion,
		};
	}

	/** The next moment at which the world changes by itself; infinity when it will not. */
	nextChange(): number {
		const { target, primary, now } = this;
		let next = never;
		const consider = (moment: number) => {
			if (moment > now && moment < next) next = moment;
		};
		consider(target.readyAt);
		consider(target.stalledAt);
		consider(this.acceptedAt);
		consider(this.refusesUntil);
		consider(this.outageUntil);
		consider(this.primaryOutageUntil);
		if (primary !== undefined) {
			consider(primary.readyAt);
			consider(primary.stalledAt);
		}
		return next;
	}

	/** Whether the mesh sends what the route says. */
	isAccepted(): boolean {
		return !this.routes || (this.now >= this.acceptedAt && this.now >= this.refusesUntil);
	}

	private observe(): Observed {
		const { target, primary } = this;
		const accepted = this.isAccepted();
		const isOut = this.now < this.outageUntil;
		const { revision, replicas, generation } = target;
		const isReady = this.isReady(target, isOut);
		return {
			target: {
				revision,
				replicas,
				available: this.available(target, isOut),
				ready: isReady,
				stalled: !isReady && this.now >= target.stalledAt ? "its controller gave up" : undefined,
				generation,
			},
			primary: primary && this.version(primary, this.now < this.primaryOutageUntil),
			servicesInPlace: this.services,
			apex: this.apex,
			traffic: this.traffic,
			pair: this.traffic !== undefined ? "known" : this.isNamed ? "named" : "unknown",
			accepted,
			refused: this.routes && this.now < this.refusesUntil ? "not now" : undefined,
			hasFinalizer: this.hasFinalizer,
			deleting: this.deleting,
			routeReleased: !this.routes || this.routeReleased || this.traffic === undefined,
			obstacle: this.obstacle,
			problem: undefined,
		};
	}

	private version(version: ModelVersion, isOut: boolean): Version {
		const { revision, replicas } = version;
		const ready = this.isReady(version, isOut);
		const stalled = !ready && this.now >= version.stalledAt ? "its controller gave up" : undefined;
		return { revision, replicas, available: this.available(version, isOut), ready, stalled };
	}

	private isReady({ replicas, readyAt }: ModelVersion, isOut: boolean): boolean {
		return replicas > 0 && !isOut && this.now >= readyAt;
	}

	private available({ replicas, availableAt }: ModelVersion, isOut: boolean): number {
		return replicas > 0 && !isOut && this.now >= availableAt ? replicas : 0;
	}

	private started(before: ModelVersion, revision: string, replicas: number): ModelVersion {
		const isStuck = this.neverReady.has(revision);
		const readyAt = isStuck ? never : this.now + this.podStartMs;
		const isServing = this.rolling && before.replicas > 0 && before.availableAt <= this.now;
		return {
			revision,
			replicas,
			readyAt,
			availableAt: isServing ? before.availableAt : readyAt,
			stalledAt: isStuck ? this.now + this.giveUpMs : never,
			generation: before.generation + 1,
			ownWrites: before.ownWrites,
		};
	}

	private breakPrimary(primary: ModelVersion): void {
		if (primary.availableAt === primary.readyAt) primary.availableAt = never;
		primary.readyAt = never;
		primary.stalledAt = this.now + this.giveUpMs;
	}

	/** More pods take their time to start; those that stand already go on serving. */
	private scaled(version: ModelVersion, replicas: number): ModelVersion {
		const { generation, readyAt, availableAt } = version;
		const next = { ...version, replicas, generation: generation + 1 };
		if (readyAt === never) {
			if (replicas === 0) next.availableAt = never;
			return next;
		}
		if (replicas <= version.replicas) return next;
		next.readyAt = this.now + this.podStartMs;
		if (version.replicas === 0 || availableAt > this.now) next.availableAt = next.readyAt;
		return next;
	}

	private setTraffic(traffic: Traffic): void {
		const { now } = this;
		if (this.traffic !== undefined && sameTraffic(this.traffic, traffic)) return;
		if (this.traffic !== undefined && (this.traffic.candidate > 0 || this.traffic.mirror > 0)) {
			this.candidateReachedUntil = now + this.meshLagMs;
		}
		this.traffic = traffic;
		this.routeVersion += 1;
		this.trafficSince = now;
		this.acceptedAt = now + this.meshLagMs;
	}
}
