import { type CanaryStatus, HISTORY_MAX, NOTICES_MAX, type RunStatus } from "../../../src/api/canary-status.ts";
import { reachesCandidate, sameTraffic } from "../../../src/domain/traffic.ts";
import type { Action } from "../../../src/reconciler/decide/situation.ts";
import { isEdge } from "../../../src/reconciler/decide/transitions.ts";
import type { ModelRun, Passed, Witness } from "./run.ts";
import type { ModelWorld } from "./world.ts";

/** What many lives have seen together. */
export class Tally {
	/** Every way from phase to phase that was taken. */
	readonly edges = new Set<string>();
	readonly ends = { Succeeded: 0, Failed: 0, Reverted: 0, Superseded: 0 };
	deletions = 0;

	get rollouts(): number {
		return Object.values(this.ends).reduce((sum, count) => sum + count, 0);
	}
}

/** The name of a revision, whatever it is read as after an upgrade. */
export const nameOf = (revision: string | undefined): string => revision?.slice(0, 2) ?? "";

/**
 * The laws of `docs/architecture.md`, held against every decision, record and action of a run, with books of its own:
 * nothing here asks `decide` or its helpers what is right.
 */
export class Laws implements Witness {
	readonly #run: ModelRun;
	readonly #world: ModelWorld;
	readonly #tally: Tally;
	/** The most that a candidate may get, over all plans that were in force. */
	ceiling: number;
	/** Times can be measured: no clock jumped since the run began. */
	isTimed = true;
	/** The plan is as it was when the run began. */
	isSamePlan = true;
	/** The route is as the operator wrote it since the run began. */
	isOwnRoute = true;
	/** Rounds of checks whose verdict was recorded. */
	roundsJudged = 0;
	/** Told about every record and action, for whoever reads the story of a failure. */
	trace: ((line: string) => void) | undefined;
	readonly #promotable = new Set(["r0"]);
	/** The primary runs a revision whose promotion is not over. */
	#isUnproven = false;
	#primaryAtBegin = "";
	#stepSince = 0;
	#routeVersionAtStep = 0;
	#roundsPassed = 0;
	#isResumed = false;

	constructor(run: ModelRun, tally: Tally, ceiling: number) {
		this.#run = run;
		this.#world = run.world;
		this.#tally = tally;
		this.ceiling = ceiling;
	}

	decided({ situation, decision }: Passed): void {
		const { status, seen, plan } = situation;
		if (decision.status !== status) {
			if (decision.actions.length > 0) throw new Error("acts on what is not recorded yet");
			if (plan.suspended && !seen.deleting) throw new Error("records while it is suspended");
			return;
		}
		if (plan.suspended && !seen.deleting && decision.actions.length > 0) throw new Error("acts while it is suspended");
		if (seen.obstacle !== undefined && !seen.deleting && decision.actions.length > 0) {
			throw new Error("acts before an obstacle");
		}
		const isLooking = !plan.suspended && seen.obstacle === undefined && !seen.deleting && status.phase !== "";
		if (isLooking && decision.actions.length === 0 && seen.accepted && seen.traffic !== undefined) {
			if (status.canaryWeight !== seen.traffic.candidate) {
				throw new Error(`says ${status.canaryWeight} % where users get ${seen.traffic.candidate} %`);
			}
		}
	}

	recorded(passed: Passed): void {
		const { situation, decision } = passed;
		const { status: before } = situation;
		const { status: after } = decision;
		this.trace?.(`${situation.now % 1e8} records ${describe(before)} -> ${describe(after)}`);
		this.#follow(before, after);
		if ((after.history?.length ?? 0) > HISTORY_MAX) throw new Error("history without bound");
		if ((after.notices?.length ?? 0) > NOTICES_MAX) throw new Error("notices without bound");
		if (after.lastHandledCommand !== before.lastHandledCommand && after.lastHandledCommand !== situation.command?.id) {
			throw new Error("obeyed what nobody said");
		}
		if (situation.answers.round !== undefined) this.roundsJudged += 1;
		if (after.run !== undefined && situation.answers.round !== undefined) this.#countRound(passed);
		const isEnd = after.history !== before.history;
		const isRestarted = isEnd && after.run !== undefined;
		const isSuperseded = nameOf(before.run?.revision) !== nameOf(after.run?.revision);
		if (!isRestarted && !isSuperseded && before.run !== undefined && after.run !== undefined) {
			this.#goOn(passed, before.run, after.run);
		}
		if (isEnd) this.#end(passed);
		if (after.run !== undefined && (isRestarted || isSuperseded)) this.#begin(after);
		if (after.phase === "Promoting" && before.phase !== "Promoting") this.#approve(passed);
	}

	acting(action: Action, passed: Passed, status: CanaryStatus): void {
		this.trace?.(`${this.#world.now % 1e8} ${JSON.stringify(action)} in ${describe(status)}`);
		const { seen } = passed.situation;
		switch (action.do) {
			case "route":
				this.#routing(action, passed, status);
				return;
			case "promote":
				if (status.phase !== "Promoting") throw new Error(`promotes in ${status.phase}`);
				if (status.run?.revision !== action.revision) throw new Error("promotes another revision than is recorded");
				if (!this.#promotable.has(nameOf(action.revision))) throw new Error("promotes what did not pass");
				if (seen.target?.revision !== action.revision) throw new Error("promotes what is not there");
				if (nameOf(this.#world.primary?.revision) !== nameOf(action.revision)) this.#isUnproven = true;
				return;
			case "createPrimary":
				if (status.phase === "Initializing") {
					if (seen.primary !== undefined && seen.apex === "primary")
						throw new Error("makes a primary that serves anew");
					this.#promotable.add(nameOf(seen.target?.revision));
				} else if (!this.#promotable.has(nameOf(seen.target?.revision))) {
					throw new Error("makes a primary of what was never promoted");
				}
				return;
			case "scaleTarget":
				if (action.replicas === 0) this.#checkDrained(passed, status);
				return;
			case "pointApexAtTarget":
				if ((seen.target?.available ?? 0) === 0) throw new Error("gives the requests to a target without pods");
				return;
			case "releaseRoute":
				if (seen.apex === "primary" && seen.primary !== undefined && seen.target !== undefined) {
					const isPointed = this.#world.apex === "target";
					if (!isPointed) throw new Error("takes the route away before the target has the requests");
				}
				return;
			case "removeFinalizer":
				if (status.phase !== "Terminating") throw new Error(`lets go in ${status.phase}`);
				return;
			default:
				return;
		}
	}

	acted(): void {
		const { apex, orphaned, gone, target, primary } = this.#world;
		if (!gone) return;
		this.#tally.deletions += 1;
		if (apex === "primary" && !(orphaned && primary !== undefined)) throw new Error("left the apex without pods");
		if (apex === "target" && target.replicas === 0) throw new Error("left the target without pods");
	}

	/** What must hold of a canary at rest, with nothing left to do. */
	resting(): void {
		const { status, primary, target, traffic } = this.#world;
		const said = JSON.stringify({ primary, target, traffic });
		if (!["Initialized", "Succeeded", "Failed"].includes(status.phase)) throw new Error(`rests in ${describe(status)}`);
		if (status.run !== undefined) throw new Error("a run is left over");
		const last = status.history?.[0];
		const isStuckPromotion = last?.reason === "PromotionFailed";
		if (status.serving === undefined) {
			if (traffic === undefined || reachesCandidate(traffic)) throw new Error(`requests reach the candidate: ${said}`);
			if (target.replicas !== 0) throw new Error(`the candidate was left standing: ${said}`);
			const isDead = primary?.availableAt === Number.POSITIVE_INFINITY;
			if (isStuckPromotion && isDead && this.#run.plan.canSwitch) throw new Error(`nobody serves: ${said}`);
		} else {
			if (status.phase !== "Failed") throw new Error(`the candidate serves in ${status.phase}`);
			if (traffic?.candidate !== 100 && target.availableAt <= this.#world.now)
				throw new Error(`it does not serve: ${said}`);
		}
		if (status.phase === "Succeeded" && primary?.revision !== status.lastPromotedSpec) {
			if (nameOf(primary?.revision) !== nameOf(status.lastPromotedSpec)) throw new Error(`another primary: ${said}`);
		}
		if (status.phase !== "Failed" && nameOf(primary?.revision) !== nameOf(target.revision)) {
			throw new Error(`at rest with two revisions: ${said}`);
		}
	}

	#follow(before: CanaryStatus, after: CanaryStatus): void {
		const isRestarted = after.phase === "Progressing" && after.history !== before.history;
		const isReplaced = after.phase === "Waiting" && nameOf(before.run?.revision) !== nameOf(after.run?.revision);
		if (before.phase === after.phase && !isRestarted && !isReplaced) return;
		if (!isEdge(before.phase, after.phase)) throw new Error(`no edge from ${before.phase} to ${after.phase}`);
		this.#tally.edges.add(`${before.phase}>${after.phase}`);
		if (after.lastTransitionTime === before.lastTransitionTime && this.isTimed && before.phase !== after.phase) {
			if (after.lastTransitionTime === undefined) throw new Error("a phase without a time");
		}
	}

	#begin({ phase }: CanaryStatus): void {
		this.isTimed = true;
		this.isSamePlan = true;
		this.isOwnRoute = true;
		this.#primaryAtBegin = nameOf(this.#world.primary?.revision);
		this.#stepBegins();
		if (phase === "Promoting") this.#promotable.add(this.#primaryAtBegin);
	}

	#stepBegins(): void {
		this.#stepSince = this.#world.now;
		this.#routeVersionAtStep = this.#world.routeVersion;
		this.#roundsPassed = 0;
		this.#isResumed = false;
	}

	#countRound({ situation, decision }: Passed): void {
		const isStill = decision.status.run?.step === situation.status.run?.step;
		if (isStill && situation.answers.round?.verdict === "passed") this.#roundsPassed += 1;
	}

	/** The same run, one record later: no step is left out, none is cut short, nobody who holds it is passed by. */
	#goOn(passed: Passed, before: RunStatus, after: RunStatus): void {
		const { situation, decision } = passed;
		const { status, plan, command, answers, seen } = situation;
		const { phase } = decision.status;
		if (phase === "Finalising" && status.phase !== "Finalising") return;
		const isCommand = command !== undefined && decision.status.lastHandledCommand === command.id;
		const isPromotedByCommand = isCommand && command.verb === "promote";
		if (isCommand && command.verb === "resume" && !before.paused) this.#isResumed = true;
		const isPast = (gate: "confirm-rollout" | "pre-rollout" | "confirm-promotion" | "confirm-traffic-increase") =>
			!plan.gates.has(gate) || answers.gates[gate]?.open === true;
		if (status.phase === "Waiting" && phase === "Progressing") {
			const isLetIn = isPast("confirm-rollout") || (isCommand && command.verb !== "pause");
			if (!isLetIn) throw new Error("starts without approval");
			return;
		}
		const isClimb = after.step !== before.step;
		const isPromotion = phase === "Promoting" && status.phase !== "Promoting";
		if (!isClimb && !isPromotion) return;
		const rungs = status.serving === "candidate" && plan.rungs.length > 0 ? 1 : plan.rungs.length;
		if (isPromotedByCommand) {
			if (!seen.target?.ready) throw new Error("promotes what is not ready");
			return;
		}
		if (before.paused || plan.paused) throw new Error("goes on while it is paused");
		if (before.step < 0) {
			if (!seen.target?.ready) throw new Error("starts with a candidate that is not ready");
			if (rungs > 0 && !isPast("pre-rollout")) throw new Error("starts without its pre-rollout hook");
			if (rungs > 0 && after.step !== 0) throw new Error("starts on another step than the first");
			if (isPromotion && rungs > 0) throw new Error("promotes without a round");
		} else {
			this.#stepEnds(passed, before, { isPromotion, rungs });
			if (isPromotion && !isPast("confirm-promotion")) throw new Error("promotes without approval");
			if (status.phase === "Progressing" && !isPast("confirm-traffic-increase"))
				throw new Error("climbs a closed gate");
		}
		this.#stepBegins();
	}

	#stepEnds(
		{ situation, decision, view }: Passed,
		run: RunStatus,
		{ isPromotion, rungs }: { readonly isPromotion: boolean; readonly rungs: number },
	): void {
		const { status, plan, answers, now } = situation;
		if (answers.round?.verdict !== "passed") throw new Error("a step ends without a passed round");
		if (!this.isSamePlan) return;
		if (isPromotion && run.step !== rungs - 1) throw new Error(`promotes from step ${run.step + 1} of ${rungs}`);
		if (!isPromotion && decision.status.run?.step !== run.step + 1) throw new Error("leaves a step out");
		const rung = status.serving === "candidate" ? undefined : plan.rungs[run.step];
		if (rung === undefined) return;
		if (rung.untilResumed && !this.#isResumed) throw new Error("goes on from a pause by itself");
		if (this.#roundsPassed + (isPromotion ? 0 : 1) < rung.rounds) throw new Error("rounds are left out");
		const world = this.#world;
		if (!this.isTimed || view.routeVersion !== world.routeVersion) return;
		const { stale, loseEvent, crash } = this.#run.faults;
		const isSeenAlways = stale === 0 && loseEvent === 0 && crash === 0;
		const refusedUntil = isSeenAlways && world.routes ? Math.min(world.refusesUntil, now) : 0;
		const since = Math.max(world.acceptedAt, this.#stepSince, refusedUntil);
		if (world.routes && (world.traffic === undefined || !sameTraffic(world.traffic, run.traffic))) {
			throw new Error("a step ends without its traffic");
		}
		const isUndisturbed = world.routeVersion - this.#routeVersionAtStep <= 1 && refusedUntil < this.#stepSince;
		const roundsMs = this.#isResumed ? 0 : plan.intervalMs * (isUndisturbed ? rung.rounds : 1);
		const wantedMs = Math.max(rung.holdMs, roundsMs);
		if (now - since < wantedMs) throw new Error(`step ${run.step + 1} lasted ${now - since} of ${wantedMs} ms`);
	}

	#approve({ situation, decision }: Passed): void {
		const { status, seen } = situation;
		const { run } = decision.status;
		if (status.phase === "Failed" && seen.primary?.revision !== run?.revision)
			throw new Error("heals another revision");
		this.#promotable.add(nameOf(run?.revision));
	}

	#end({ situation, decision }: Passed): void {
		const { status: after } = decision;
		const { seen } = situation;
		const last = after.history?.[0];
		if (last === undefined) throw new Error("history is lost");
		this.#tally.ends[last.outcome] += 1;
		const primary = nameOf(this.#world.primary?.revision);
		switch (last.outcome) {
			case "Succeeded":
				if (primary !== nameOf(last.revision)) throw new Error("succeeded with another primary");
				if (seen.traffic?.primary !== 100) throw new Error("succeeded before the primary answers everything");
				this.#isUnproven = false;
				return;
			case "Failed":
				if (last.reason === "PromotionFailed") return;
				if (primary !== this.#primaryAtBegin) throw new Error("failed, and touched the primary");
				if (after.serving === undefined && (seen.traffic === undefined || seen.traffic.candidate > 0)) {
					throw new Error("failed with requests on the candidate");
				}
				return;
			case "Reverted":
				if (primary !== this.#primaryAtBegin) throw new Error("went back, and touched the primary");
				return;
			case "Superseded":
				return;
		}
	}

	#routing(action: Extract<Action, { do: "route" }>, { situation, view }: Passed, status: CanaryStatus): void {
		const { seen, plan } = situation;
		const { traffic } = action;
		if (traffic.primary + traffic.candidate !== 100)
			throw new Error(`traffic adds to ${traffic.primary + traffic.candidate}`);
		// A write to a route that has changed since is refused.
		const isFresh = view.routeVersion === this.#world.routeVersion;
		if (isFresh && this.#world.traffic === undefined && !(this.#world.isNamed && seen.accepted)) {
			throw new Error("sends requests to whom the mesh does not know yet");
		}
		const mayServe = status.phase === "Promoting" || status.serving === "candidate";
		if (traffic.candidate > this.ceiling && !mayServe) {
			throw new Error(`${traffic.candidate} % above ${this.ceiling} % in ${status.phase}`);
		}
		if (traffic.mirror > 0 && status.phase !== "Progressing" && status.phase !== "WaitingPromotion" && !mayServe) {
			throw new Error(`mirrors in ${status.phase}`);
		}
		if (!reachesCandidate(traffic)) {
			if (this.#isUnproven) this.#checkNotStranded(action, situation, status);
			return;
		}
		if ((seen.target?.available ?? 0) === 0) throw new Error("requests go to a candidate without pods");
		if (status.serving === undefined && (status.phase === "Failed" || status.run?.outcome !== undefined)) {
			throw new Error(`requests go to a candidate in ${status.phase}`);
		}
		if (!plan.canSwitch && traffic.candidate > 0) throw new Error("splits where the mesh cannot");
	}

	/** A primary whose promotion is not over and that has no pods gets no requests that the candidate could answer. */
	#checkNotStranded(
		{ traffic }: Extract<Action, { do: "route" }>,
		situation: Passed["situation"],
		status: CanaryStatus,
	): void {
		const { seen, plan, now } = situation;
		if (!plan.canSwitch || now < this.#world.primaryOutageUntil || status.run?.outcome === "Succeeded") return;
		if ((seen.primary?.available ?? 0) > 0 || (seen.target?.available ?? 0) === 0) return;
		// While the primary is replaced its share stays as it was recorded, whoever edits the route.
		if (status.phase === "Promoting" && sameTraffic(traffic, status.run?.traffic ?? traffic)) return;
		if (traffic.primary > (seen.traffic?.primary ?? 0)) throw new Error("requests go to a primary without pods");
	}

	#checkDrained({ situation }: Passed, status: CanaryStatus): void {
		const { plan, now, seen } = situation;
		if (!["Initialized", "Succeeded", "Failed"].includes(status.phase))
			throw new Error(`scales down in ${status.phase}`);
		if (status.serving !== undefined) throw new Error("scales down who serves");
		if (seen.traffic === undefined || reachesCandidate(seen.traffic)) throw new Error("scales down under requests");
		if (!seen.accepted) throw new Error("scales down before the mesh has let go");
		const { candidateReachedUntil } = this.#world;
		if (this.isTimed && this.isOwnRoute && now - candidateReachedUntil < plan.drainMs) {
			throw new Error(`scales down ${now - candidateReachedUntil} ms after the last request`);
		}
	}
}

/** A status in one line, for stories. */
export function describe({ phase, run, serving, lastPromotedSpec }: CanaryStatus): string {
	const at =
		run && `${run.revision} step ${run.step} at ${run.traffic.candidate}/${run.traffic.mirror} rounds ${run.rounds}`;
	return [
		phase || "nothing",
		at,
		run?.waitingFor,
		run?.inForceSince && "in force",
		serving && "serving",
		lastPromotedSpec,
	]
		.filter((part) => part !== undefined && part !== "")
		.join(" ");
}
