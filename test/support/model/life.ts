import { split } from "../../../src/domain/traffic.ts";
import { type GateType, gateTypes, type Plan } from "../../../src/reconciler/decide/situation.ts";
import { planOf, type Shape, shapes } from "../plans.ts";
import { type Chance, chanceFrom } from "../random.ts";
import { describe, Laws, nameOf, type Tally } from "./laws.ts";
import { type Faults, ModelRun, noFaults, type Verdict } from "./run.ts";
import { ModelWorld } from "./world.ts";

const rolloutsMax = 8;
const disturbances = [
	"push",
	"push",
	"back",
	"command",
	"command",
	"command",
	"editRoute",
	"editRoute",
	"resetRoute",
	"outage",
	"outage",
	"primaryOutage",
	"clockOn",
	"clockBack",
	"editPlan",
	"gates",
	"gates",
	"heal",
	"scale",
	"rename",
	"obstacle",
	"suspend",
	"pause",
	"refuse",
	"metrics",
] as const;
type Disturbance = (typeof disturbances)[number];

/**
 * One life of a Canary under a seed: a few rollouts with people, other controllers and faults in the way, each brought to
 * its end in a calm world, and sometimes a deletion. Throws when a law is broken.
 */
export class Life {
	readonly #chance: Chance;
	readonly #shape: Shape;
	readonly #world: ModelWorld;
	readonly #run: ModelRun;
	readonly #laws: Laws;
	readonly #verdicts = new Map<string, Verdict>();
	readonly #closed = new Set<GateType>();
	readonly #faults: Faults;
	readonly #trace: ((line: string) => void) | undefined;
	#plan: Plan;
	#commands = 0;
	#renames = 0;

	constructor(seed: number, tally: Tally, trace?: (line: string) => void) {
		const chance = chanceFrom(seed);
		this.#chance = chance;
		this.#shape = chance.pick(shapes);
		this.#world = new ModelWorld(this.#shape.routes);
		this.#world.rolling = chance.happens(0.5);
		this.#world.giveUpMs = chance.happens(0.5) ? 20_000 : Number.POSITIVE_INFINITY;
		this.#faults = chance.happens(0.4) ? noFaults : faultsOf(chance);
		this.#plan = this.#planOf(this.#shape);
		this.#run = new ModelRun(this.#world, this.#plan, chance);
		this.#laws = new Laws(this.#run, tally, this.#shape.ceiling);
		this.#run.witness = this.#laws;
		this.#run.verdictOf = (revision) => this.#verdicts.get(nameOf(revision)) ?? "passed";
		this.#run.gateIsOpen = (gate) => !this.#closed.has(gate);
		this.#closed.add("rollback");
		this.#trace = trace;
		this.#laws.trace = trace;
		trace?.(`${this.#shape.name}, gates ${[...this.#plan.gates].join(" ") || "none"}, ${JSON.stringify(this.#faults)}`);
	}

	live(): void {
		const chance = this.#chance;
		this.#run.faults = this.#faults;
		if (chance.happens(0.05)) this.#disturb(chance.pick(disturbances));
		if (chance.happens(0.02)) {
			this.#run.live(chance.below(4_000));
			this.#delete();
			return;
		}
		this.#calm();
		const rollouts = 3 + chance.below(rolloutsMax);
		for (let index = 0; index < rollouts; index += 1) {
			this.#begin();
			const isDisturbed = chance.happens(0.5);
			if (isDisturbed && this.#plan.gates.size > 0) this.#closed.add(chance.pick([...this.#plan.gates]));
			for (let left = isDisturbed ? 1 + chance.below(3) : 0; left > 0; left -= 1) {
				this.#run.live(chance.below(chance.happens(0.5) ? 4_000 : 45_000));
				this.#disturb(chance.pick(disturbances));
			}
			if (isDisturbed && index === rollouts - 1) {
				this.#run.live(chance.below(60_000));
				this.#delete();
				return;
			}
			this.#calm();
		}
	}

	/** Pushes another revision, of which checks and pods say this or that. */
	#begin(): void {
		const chance = this.#chance;
		const current = nameOf(this.#world.target.revision);
		const name = `r${(Number(current.slice(1)) + 1 + chance.below(3)) % 6}`;
		const luck = chance.next();
		this.#verdicts.set(name, luck < 0.62 ? "passed" : luck < 0.9 ? "failed" : "inconclusive");
		toggle(this.#world.neverReady, name, chance.happens(0.04));
		toggle(this.#world.brokenAsPrimary, name, chance.happens(0.08));
		this.#push(name);
	}

	#push(name: string): void {
		this.#trace?.(`${this.#world.now % 1e8} push ${name}, ${this.#verdicts.get(name) ?? "passed"}`);
		// A name that was seen under another reading keeps that reading.
		this.#world.push(this.#renames === 0 ? name : `${name}~${this.#renames}`);
	}

	#disturb(what: Disturbance): void {
		const chance = this.#chance;
		const world = this.#world;
		this.#trace?.(`${world.now % 1e8} ${what}`);
		switch (what) {
			case "push":
				this.#begin();
				return;
			case "back":
				this.#push(nameOf(world.primary?.revision) || "r0");
				return;
			case "command":
				this.#say(chance.pick(["pause", "resume", "promote", "promote", "abort", "abort", "retry"] as const));
				return;
			case "editRoute": {
				const weight = chance.below(101);
				if (weight === world.status.run?.traffic.candidate || weight === world.traffic?.candidate) return;
				this.#laws.isOwnRoute = false;
				world.editRoute(split(weight));
				return;
			}
			case "resetRoute":
				this.#laws.isOwnRoute = false;
				world.resetRoute();
				return;
			case "outage":
				world.outageUntil = world.now + chance.below(30_000);
				return;
			case "primaryOutage":
				world.primaryOutageUntil = world.now + chance.below(30_000);
				return;
			case "clockOn":
				this.#laws.isTimed = false;
				world.now += chance.below(600_000);
				return;
			case "clockBack":
				this.#laws.isTimed = false;
				world.now -= chance.below(5_000);
				return;
			case "editPlan": {
				const others = shapes.filter(({ routes }) => routes === this.#shape.routes);
				const other = chance.pick(others);
				this.#laws.isSamePlan = false;
				this.#laws.ceiling = Math.max(this.#laws.ceiling, other.ceiling);
				this.#plan = this.#planOf(other);
				this.#run.plan = this.#plan;
				return;
			}
			case "gates":
				toggle(this.#closed, chance.pick(gateTypes), chance.happens(0.5));
				return;
			case "heal":
				world.healPrimary();
				return;
			case "scale":
				world.scale(chance.pick(["target", "primary"] as const), 1 + chance.below(3));
				return;
			case "rename":
				this.#renames += 1;
				world.rename(`${nameOf(world.target.revision)}~${this.#renames}`);
				return;
			case "obstacle":
				world.obstacle = world.obstacle === undefined ? { reason: "ForeignRoute", message: "not ours" } : undefined;
				return;
			case "suspend":
				this.#run.plan = { ...this.#plan, suspended: !this.#run.plan.suspended };
				return;
			case "pause":
				this.#run.plan = { ...this.#plan, paused: !this.#run.plan.paused };
				return;
			case "refuse":
				world.refusesUntil = world.now + chance.below(40_000);
				return;
			case "metrics":
				this.#run.faults = { ...this.#faults, outage: 0.6 };
				return;
		}
	}

	#say(verb: "pause" | "resume" | "promote" | "abort" | "retry"): void {
		this.#commands += 1;
		this.#run.command = { verb, id: `${verb}@${this.#commands}` };
		this.#trace?.(`${this.#world.now % 1e8} command ${verb}`);
	}

	/** Nothing goes wrong any more: whatever was going on comes to its end, in bounded time and passes. */
	#calm(): void {
		const { now } = this.#world;
		this.#quieten();
		if (this.#plan.inconclusiveLimit === 0)
			for (const [name, verdict] of this.#verdicts) if (verdict === "inconclusive") this.#verdicts.delete(name);
		const before = this.#run.passes;
		let isAtRest = this.#run.live(boundMs(this.#plan), passesMax);
		for (let more = 0; more < 8 && this.#isHeld(); more += 1) {
			this.#say("resume");
			isAtRest = this.#run.live(boundMs(this.#plan), passesMax);
		}
		if (this.#world.status.phase === "Initializing") {
			// The first revision never started: the fix of it does.
			this.#world.neverReady.clear();
			this.#push("r5");
			isAtRest = this.#run.live(boundMs(this.#plan), passesMax);
		}
		const took = `${(this.#world.now - now) / 1000} s and ${this.#run.passes - before} passes`;
		if (!isAtRest) throw new Error(`no end after ${took} in ${describe(this.#world.status)}`);
		this.#laws.resting();
		// Nothing is left to do, and nobody wakes up.
		if (this.#run.pass() !== Number.POSITIVE_INFINITY) throw new Error("no rest at rest");
		this.#run.faults = this.#faults;
	}

	#quieten(): void {
		const world = this.#world;
		this.#run.faults = noFaults;
		this.#run.plan = this.#plan;
		this.#closed.clear();
		this.#closed.add("rollback");
		world.obstacle = undefined;
		world.outageUntil = 0;
		world.primaryOutageUntil = 0;
		world.refusesUntil = 0;
		this.#trace?.(`${world.now % 1e8} calm`);
	}

	#isHeld(): boolean {
		const { run } = this.#world.status;
		return run?.paused === true || run?.waitingFor === "pause";
	}

	#delete(): void {
		const chance = this.#chance;
		const world = this.#world;
		this.#trace?.(`${world.now % 1e8} deleted`);
		world.deleting = true;
		this.#run.live(chance.below(8_000));
		if (world.gone) return;
		this.#quieten();
		const isAtRest = this.#run.live(3 * this.#plan.progressDeadlineMs, passesMax);
		if (world.hasFinalizer || !isAtRest) throw new Error(`not let go in ${describe(world.status)}`);
	}

	#planOf(shape: Shape): Plan {
		const chance = this.#chance;
		const isGated = shape.rungs.length > 0 && chance.happens(0.4);
		return planOf(shape, {
			gates: new Set(isGated ? gateTypes.filter(() => chance.happens(0.3)) : []),
			threshold: 1 + chance.below(3),
			inconclusiveLimit: chance.below(4),
		});
	}
}

const passesMax = 600;

/** What the longest rollout takes: its steps, doubts, failures and deadlines one after the other. */
function boundMs({
	rungs,
	intervalMs,
	threshold,
	inconclusiveLimit,
	progressDeadlineMs,
	drainMs,
	descent,
}: Plan): number {
	const stepsMs = rungs.reduce((sum, { holdMs, rounds }) => sum + holdMs + (rounds + 1) * intervalMs, 0);
	const doubtsMs = (threshold + 1) * (inconclusiveLimit + 1) * intervalMs;
	return stepsMs + doubtsMs + descent.length * intervalMs + 3 * progressDeadlineMs + drainMs;
}

function faultsOf(chance: Chance): Faults {
	return {
		crash: 0.03,
		refuse: 0.03,
		loseAnswer: 0.03,
		stale: chance.happens(0.5) ? 0.15 : 0,
		loseEvent: chance.happens(0.5) ? 0.05 : 0,
		outage: chance.happens(0.2) ? 0.3 : 0,
	};
}

function toggle<T>(set: Set<T>, member: T, isIn: boolean): void {
	if (isIn) set.add(member);
	else set.delete(member);
}
