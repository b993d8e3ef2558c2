import type { CanaryStatus, CheckStatus, Notice, Phase } from "../api/canary-status.ts";
import { instantOf } from "../domain/instant.ts";
import { sameTraffic, type Traffic } from "../domain/traffic.ts";
import type { Action, Answers, Observed } from "../reconciler/decide/situation.ts";
import type { World } from "./world.ts";

export type EventKind =
	| "push"
	| "phase"
	| "step"
	| "traffic"
	| "round"
	| "gate"
	| "pods"
	| "scale"
	| "copy"
	| "person"
	| "operator";

/** One check of a round; `message` says why it did not pass. */
export type ShownCheck = Omit<CheckStatus, "at">;

/** Something that happened, with how things stood right after it. */
export interface TimelineEvent {
	/** Seconds after the push. */
	readonly atSeconds: number;
	readonly kind: EventKind;
	readonly phase: Phase;
	/** Counted from 1; 0 before the first. */
	readonly step: number;
	readonly steps: number;
	/** The candidate's share of requests that is in force, and that of copies, in percent. */
	readonly weight: number;
	readonly mirror: number;
	readonly text: string;
	/** Of a round: its verdict, and its checks. */
	readonly verdict?: CheckStatus["verdict"];
	readonly checks?: readonly ShownCheck[];
	/** When the next round of checks is due, in seconds after the push. */
	readonly nextSeconds?: number;
}

/** A rollout that never ends would otherwise be told for ever. */
export const EVENTS_MAX = 100_000;

/** Notices that the verdict of a round comes with, and those that say what a gate's answer said already. */
const ofRounds: ReadonlySet<string> = new Set(["CheckFailed", "CheckInconclusive"]);

/** Writes down what happens, for people and programs. */
export class Timeline {
	readonly events: TimelineEvent[] = [];
	readonly #world: World;
	#traffic: Traffic;
	#share = 0;
	#pods: Readonly<Record<"candidate" | "primary", boolean>> = { candidate: false, primary: true };

	constructor(world: World) {
		this.#world = world;
		this.#traffic = world.traffic;
	}

	get isFull(): boolean {
		return this.events.length >= EVENTS_MAX;
	}

	add(kind: EventKind, text: string, more: Partial<TimelineEvent> = {}): void {
		const { status, elapsedMs, traffic, now } = this.#world;
		const { run } = status;
		const next = instantOf(run?.nextCheckAt);
		const nextSeconds = next === undefined || next <= now ? undefined : (elapsedMs + next - now) / 1_000;
		this.events.push({
			atSeconds: elapsedMs / 1_000,
			kind,
			phase: status.phase,
			step: (run?.step ?? -1) + 1,
			steps: run?.steps ?? 0,
			weight: traffic.candidate,
			mirror: traffic.mirror,
			text,
			...(nextSeconds === undefined ? {} : { nextSeconds }),
			...more,
		});
	}

	/** The status was written. */
	recorded(before: CanaryStatus, answers: Answers): void {
		const after = this.#world.status;
		const notices = newIn(before, after);
		// What was asked was asked where the run stood then.
		const { phase, run: { step = -1, steps = 0 } = {} } = before;
		const asked = { phase, step: step + 1, steps };
		for (const [gate, answer] of Object.entries(answers.gates)) {
			if (gate === "rollback" && !answer.open) continue;
			this.add("gate", `${gate} ${answer.open ? "is open" : `is closed: ${answer.detail}`}`, asked);
		}
		const { round } = answers;
		if (round !== undefined && after.checks !== before.checks) {
			const { verdict, checks } = round;
			this.add("round", verdictText(verdict, after), { ...asked, verdict, checks: checks.map(shown) });
		}
		const rest = notices.filter(({ reason }) => !ofRounds.has(reason));
		if (after.phase !== before.phase) {
			const message = rest.map((notice) => notice.message).join("; ");
			this.add("phase", message === "" ? (beginnings[after.phase] ?? `${after.phase} begins`) : message);
		} else {
			for (const { reason, message } of rest) {
				if (reason === "WaitingForApproval" && Object.keys(answers.gates).some((gate) => message.includes(gate)))
					continue;
				this.add(kinds[reason] ?? "operator", message);
			}
		}
		const isInForce = after.run?.inForceSince !== undefined && before.run?.inForceSince === undefined;
		if (isInForce) this.#inForce();
	}

	acted(action: Action): void {
		if (action.do === "scaleTarget") {
			this.add(
				"scale",
				action.replicas === 0 ? "candidate scaled to 0" : `candidate scaled to ${action.replicas} pods`,
			);
		} else if (action.do === "scalePrimary") this.add("scale", `primary scaled to ${action.replicas} pods`);
		else if (action.do === "promote") this.add("copy", "primary is given the new version, its pods are replaced");
	}

	/** Notices what the world did by itself, or was made to do. */
	look(seen: Observed): void {
		const pods = { candidate: seen.target?.ready === true, primary: seen.primary?.ready === true };
		for (const name of ["candidate", "primary"] as const) {
			if (pods[name] && !this.#pods[name]) this.add("pods", `${name}'s pods are ready`);
		}
		this.#pods = pods;
		const { traffic, newShare } = this.#world;
		if (!sameTraffic(traffic, this.#traffic)) this.add("traffic", describe(traffic));
		else if (newShare !== this.#share && traffic.candidate === 0)
			this.add("traffic", "primary answers with the new version");
		this.#traffic = traffic;
		this.#share = newShare;
	}

	/** The step's clock runs from now on: what comes next is known. */
	#inForce(): void {
		const last = this.events.at(-1);
		if (last?.kind !== "traffic" || last.atSeconds !== this.#world.elapsedMs / 1_000) {
			this.add("traffic", `${describe(this.#world.traffic)}, in force`);
			return;
		}
		this.events.pop();
		this.add(last.kind, last.text);
	}
}

/** What phases begin with that nobody is told of. */
const beginnings: Partial<Record<Phase, string>> = {
	Progressing: "approved, the candidate is made ready",
	WaitingPromotion: "the candidate passed, and waits for approval",
	Finalising: "requests go back to the primary",
};

const kinds: Readonly<Record<string, EventKind>> = {
	StepReached: "step",
	Resumed: "person",
	Paused: "person",
	WaitingForApproval: "gate",
};

function shown({ at: _at, ...check }: CheckStatus): ShownCheck {
	return check;
}

function verdictText(verdict: CheckStatus["verdict"], { failedChecks, inconclusiveChecks }: CanaryStatus): string {
	if (verdict === "failed") return `checks failed, ${failedChecks} so far`;
	return verdict === "passed" ? "checks passed" : `checks without an answer, ${inconclusiveChecks} in a row`;
}

function describe({ primary, candidate, mirror }: Traffic): string {
	if (mirror > 0) return `primary answers all requests, ${mirror} % are copied to the candidate`;
	if (candidate === 0) return "primary answers all requests";
	return primary === 0 ? "candidate answers all requests" : `candidate answers ${candidate} % of requests`;
}

function newIn(before: CanaryStatus, after: CanaryStatus): readonly Notice[] {
	if (after.notices === before.notices) return [];
	const known = new Set(before.notices?.map(({ id }) => id));
	return (after.notices ?? []).filter(({ id }) => !known.has(id));
}
