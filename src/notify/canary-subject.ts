import type { Canary } from "../api/canary.ts";
import { blankStatus, type CanaryStatus, type CheckStatus, type Phase } from "../api/canary-status.ts";
import type { Fact, Subject } from "./subject.ts";

/** How many checks are listed one by one. */
const CHECKS_MAX = 8;

/** A Canary as what notices are about; the facts are those of its status as given, which may be a little later than a notice. */
export function canarySubject(canary: Canary): Subject {
	const { analysis, targetRef } = canary.spec;
	const status = canary.status ?? blankStatus;
	return {
		object: canary,
		target: { kind: targetRef.kind, name: targetRef.name },
		action: "Rollout",
		alerts: analysis?.alerts ?? [],
		channels: [],
		eventHooks: (analysis?.webhooks ?? []).filter(({ type }) => type === "event"),
		phase: status.phase,
		checksum: status.lastAppliedSpec ?? "",
		revision: status.run?.revision ?? status.history?.[0]?.revision ?? status.lastPromotedSpec,
		facts: factsOf(canary, status),
	};
}

function factsOf(canary: Canary, status: CanaryStatus): readonly Fact[] {
	const { run } = status;
	const { threshold, inconclusiveLimit } = canary.spec.analysis ?? {};
	const failed = run?.failedChecks ?? status.failedChecks;
	const inconclusive = run?.inconclusiveChecks ?? status.inconclusiveChecks;
	const facts: Fact[] = [];
	if (run !== undefined || status.serving === "candidate") facts.push(["Candidate's traffic", weightOf(status)]);
	if (run !== undefined && run.step >= 0) facts.push(["Step", `${run.step + 1} of ${run.steps}`]);
	facts.push(...checkFacts(status.checks ?? []));
	if (run !== undefined || failed > 0) facts.push(["Failed checks", outOf(failed, threshold)]);
	if (inconclusive > 0) facts.push(["Rounds in a row without an answer", outOf(inconclusive, inconclusiveLimit)]);
	facts.push(["Next", whatComesNext[status.phase](status)]);
	return facts;
}

function weightOf({ canaryWeight, run }: CanaryStatus): string {
	const mirror = run?.traffic.mirror ?? 0;
	return mirror > 0 ? `${canaryWeight} %, and copies of ${mirror} %` : `${canaryWeight} %`;
}

/** A limit of 0 or none is no limit. */
function outOf(count: number, limit: number | undefined): string {
	return limit === undefined || limit === 0 ? String(count) : `${count} of ${limit}`;
}

function checkFacts(checks: readonly CheckStatus[]): readonly Fact[] {
	const passed = checks.filter((check) => check.verdict === "passed");
	const listed = [...checks.filter((check) => check.verdict !== "passed"), ...passed].slice(0, CHECKS_MAX);
	const facts = listed.map((check): Fact => [`Check ${check.name}`, describeCheck(check)]);
	return listed.length === checks.length ? facts : [...facts, ["More checks", String(checks.length - listed.length)]];
}

function describeCheck({ value, threshold, verdict, message }: CheckStatus): string {
	const measured = value === undefined ? "" : `${Number(value.toPrecision(6))} `;
	const wanted = threshold === undefined ? "" : `(wanted ${threshold}) `;
	return `${measured}${wanted}${verdict}${message === undefined ? "" : `: ${message}`}`;
}

const whatComesNext = {
	"": () => "the primary is created",
	Initializing: () => "the primary takes the traffic over once it is ready",
	Initialized: () => "the next revision of the target is tested when it comes",
	Waiting: ({ run }) => `the rollout starts once ${run?.waitingFor ?? "its gate"} opens`,
	Progressing: ({ run }) => {
		if (run?.paused) return "goes on when it is resumed";
		if (run?.waitingFor !== undefined) return `goes on once ${run.waitingFor} lets it`;
		if (run?.inForceSince === undefined || run.nextCheckAt === undefined)
			return "checks begin once the traffic is in force";
		return `checks at ${run.nextCheckAt}`;
	},
	WaitingPromotion: ({ run }) => `promotion once ${run?.waitingFor ?? "its gate"} opens`,
	Promoting: () => "the primary takes the revision over, then the traffic",
	Finalising: ({ run }) =>
		run?.outcome === "Succeeded" ? "the candidate is scaled down" : "all traffic goes back to the primary",
	Succeeded: () => "the next revision of the target is tested when it comes",
	Failed: ({ serving }) =>
		serving === "candidate"
			? "the candidate keeps the traffic until a fix comes"
			: "the primary keeps the traffic until a fix or a retry comes",
	Terminating: () => "the target answers the service by itself",
} as const satisfies Record<Phase, (status: CanaryStatus) => string>;
