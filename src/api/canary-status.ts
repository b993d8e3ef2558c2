import { z } from "zod";

/** Where a Canary stands. `""` is one that was never looked at. Flagger's words, so that its tools understand ours. */
export const Phase = z.enum([
	"",
	"Initializing",
	"Initialized",
	"Waiting",
	"Progressing",
	"WaitingPromotion",
	"Promoting",
	"Finalising",
	"Succeeded",
	"Failed",
	"Terminating",
]);
export type Phase = z.infer<typeof Phase>;

const instantText = z.string().describe("RFC 3339, UTC");
const count = z.int().min(0).max(1_000_000);
const percent = z.int().min(0).max(100);

export const TrafficStatus = z.object({ primary: percent, candidate: percent, mirror: percent });

/** One check as it was last judged. `value` is absent when there was no number to judge. */
export const CheckStatus = z.object({
	name: z.string(),
	value: z.number().optional(),
	threshold: z.string().optional().describe("what the value is held against, such as '>= 99' or '<= 500'"),
	verdict: z.enum(["passed", "failed", "inconclusive"]),
	message: z.string().optional().describe("why, when the verdict is not 'passed'"),
	at: instantText,
});
export type CheckStatus = z.infer<typeof CheckStatus>;

/** How a rollout ended, or what it is ending as while it is Finalising. */
export const Outcome = z.enum(["Succeeded", "Failed", "Reverted", "Superseded"]);
export type Outcome = z.infer<typeof Outcome>;

/** The rollout in progress. Recorded before anything is done about it; what is done follows from it alone. */
export const RunStatus = z.object({
	revision: z.string().describe("the revision of the target under test"),
	startedAt: instantText,
	step: z.int().min(-1).max(1000).describe("0-based; -1 before the first step"),
	steps: count.describe("how many steps the plan has"),
	traffic: TrafficStatus.describe("what the current step wants"),
	inForceSince: instantText.optional().describe("since when that traffic has been seen in force; absent until then"),
	rounds: count.describe("rounds of checks that passed in this step"),
	nextCheckAt: instantText.optional().describe("when the next round of checks is due"),
	failedChecks: count,
	inconclusiveChecks: count.describe("rounds in a row without an answer"),
	paused: z.boolean().optional().describe("a person said pause"),
	waitingFor: z.string().optional().describe("the gate or pause that holds the run"),
	promotedAt: instantText.optional().describe("since when the primary has been asked to run the new revision"),
	candidateReplicas: count.optional().describe("replicas of the candidate when its promotion began"),
	descending: z.boolean().optional().describe("traffic is going back to the primary, step by step"),
	outcome: Outcome.optional(),
	reason: z.string().optional(),
	message: z.string().optional(),
});
export type RunStatus = z.infer<typeof RunStatus>;

/** A rollout that has ended. */
export const PastRun = z.object({
	revision: z.string(),
	startedAt: instantText,
	endedAt: instantText,
	outcome: Outcome,
	reason: z.string().optional(),
	message: z.string().optional(),
});
export type PastRun = z.infer<typeof PastRun>;

/** Something that people should be told, kept until it has been told (at least once). */
export const Notice = z.object({
	id: z.string().describe("unique within the Canary; the same when told again"),
	reason: z.string(),
	type: z.enum(["Normal", "Warning"]),
	severity: z.enum(["info", "warn", "error"]).optional().describe("absent: an Event only, no chat message"),
	message: z.string(),
	at: instantText,
});
export type Notice = z.infer<typeof Notice>;

/** metav1.Condition. */
export const Condition = z.object({
	type: z.string(),
	status: z.enum(["True", "False", "Unknown"]),
	reason: z.string(),
	message: z.string(),
	lastTransitionTime: instantText,
	lastUpdateTime: instantText.optional(),
	observedGeneration: z.int().optional(),
});
export type Condition = z.infer<typeof Condition>;

/** How many past rollouts and untold notices are kept. */
export const HISTORY_MAX = 10;
export const NOTICES_MAX = 16;

export const CanaryStatus = z.object({
	phase: Phase,
	canaryWeight: percent.describe("the candidate's share of traffic, as last seen in force"),
	failedChecks: count,
	iterations: count,
	inconclusiveChecks: count,
	lastAppliedSpec: z.string().optional().describe("revision of the target that was last taken up"),
	lastPromotedSpec: z.string().optional().describe("revision of the target that the primary was last asked to run"),
	targetGeneration: z.int().optional().describe("generation of the target at which lastAppliedSpec was read"),
	trackedConfigs: z.record(z.string(), z.string()).optional(),
	lastTransitionTime: instantText.optional().describe("when the phase last changed"),
	releasedAt: instantText.optional().describe("since when the target answers by itself again, while terminating"),
	serving: z.literal("candidate").optional().describe("set when the primary could not take the traffic back"),
	run: RunStatus.optional(),
	checks: z.array(CheckStatus).max(64).optional(),
	history: z.array(PastRun).max(HISTORY_MAX).optional(),
	notices: z.array(Notice).max(NOTICES_MAX).optional(),
	lastNoticeNumber: count.optional(),
	lastHandledCommand: z.string().optional(),
	conditions: z.array(Condition).max(16).optional(),
	observedGeneration: z.int().optional(),
});
export type CanaryStatus = z.infer<typeof CanaryStatus>;

/** The status of a Canary that was never looked at. */
export const blankStatus: CanaryStatus = Object.freeze({
	phase: "",
	canaryWeight: 0,
	failedChecks: 0,
	iterations: 0,
	inconclusiveChecks: 0,
});
