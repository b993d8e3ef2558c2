import type { Canary } from "../../api/canary.ts";
import type { DashboardPorts } from "./ports.ts";
import { type Summary, VERBS } from "./wire.ts";

/** What each phase waits for when nothing says it better. */
const awaited: Readonly<Record<string, string>> = {
	"": "The operator looks at it; is it running?",
	Initializing: "The primary becomes ready and takes over the traffic",
	Initialized: "A change of the target starts a rollout",
	Waiting: "A gate or promote lets the rollout begin",
	Progressing: "The step's traffic comes into force",
	WaitingPromotion: "A gate or promote lets it be promoted",
	Promoting: "The primary becomes ready with the new revision, then takes the traffic back",
	Finalising: "The traffic is seen back at the primary, then the candidate is scaled down",
	Succeeded: "A change of the target starts a rollout",
	Failed: "A change of the target starts a rollout; retry tries the same revision again",
	Terminating: "The target answers by itself again, then the Canary goes",
};

/** The line of one Canary. Its status may be of any shape that the API server let in: what is missing is left out. */
export function summaryOf(canary: Canary, refusalOf: DashboardPorts["refusalOf"]): Summary {
	const { metadata, spec, status } = canary;
	const run = status?.run;
	const ready = status?.conditions?.find(({ type }) => type === "Ready");
	const hasDueChecks =
		status?.phase === "Progressing" || status?.phase === "WaitingPromotion" || status?.phase === "Waiting";
	const isPaused = spec.paused === true || run?.paused === true;
	const isHeld = isPaused || run?.waitingFor !== undefined || status?.phase?.startsWith("Waiting") === true;
	return {
		namespace: metadata.namespace ?? "default",
		name: metadata.name,
		phase: status?.phase ?? "",
		...(status?.lastTransitionTime === undefined ? {} : { since: status.lastTransitionTime }),
		target: `${spec.targetRef.kind} ${spec.targetRef.name}`,
		...(run === undefined ? {} : { step: run.step + 1, steps: run.steps }),
		weight: status?.canaryWeight ?? 0,
		mirror: run?.traffic?.mirror ?? 0,
		isPaused,
		// A run that ends or is held keeps when its last check was due.
		...(run?.nextCheckAt === undefined || !hasDueChecks || isPaused ? {} : { nextCheckAt: run.nextCheckAt }),
		message: ready?.message ?? "",
		next: nextOf(canary),
		checks: status?.checks ?? [],
		verbs: VERBS.filter((verb) => refusalOf(verb, canary) === undefined && (verb !== "resume" || isHeld)),
	};
}

/** What comes next; when it is due is `nextCheckAt`. */
function nextOf({ spec, status }: Canary): string {
	const phase = status?.phase ?? "";
	const run = status?.run;
	const stalled = status?.conditions?.find(({ type, status: is }) => type === "Stalled" && is === "True");
	if (spec.suspend) return "Nothing: suspended by spec.suspend";
	if (stalled !== undefined && phase !== "Failed") return `Nothing until a person helps: ${stalled.message}`;
	if (run === undefined || (phase !== "Progressing" && phase !== "WaitingPromotion")) return awaited[phase] ?? "";
	if (spec.paused) return "Nothing: paused by spec.paused";
	if (run.paused) return "Nothing: paused; resume lets it go on";
	if (run.waitingFor === "pause") return "A person says resume or promote";
	if (run.waitingFor !== undefined) return `It waits for ${run.waitingFor}`;
	if (run.step < 0) return "The candidate becomes ready";
	if (run.inForceSince === undefined) return awaited.Progressing ?? "";
	return run.step + 1 >= run.steps ? "Checks, then promotion" : `Checks, then step ${run.step + 2}`;
}
