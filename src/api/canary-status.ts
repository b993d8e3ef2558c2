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

const instantText = z.string().describe("A point in time, RFC 3339 in UTC.");
const count = z.int().min(0).max(1_000_000);
const percent = z.int().min(0).max(100);

/** Where requests go: what the primary and the candidate answer adds to 100, copies come on top. */
export const TrafficStatus = z.object({
	primary: percent.describe("Share of requests that the primary answers, in percent."),
	candidate: percent.describe("Share of requests that the candidate answers, in percent."),
	mirror: percent.describe("Share of requests whose copy goes to the candidate, in percent."),
});

/** One check as it was last judged. `value` is absent when there was no number to judge. */
export const CheckStatus = z.object({
	name: z.string().describe("Name of the check."),
	value: z.number().optional().describe("The number that was judged; absent when there was none."),
	threshold: z.string().optional().describe("What the value is held against, such as '>= 99' or '<= 500'."),
	verdict: z.enum(["passed", "failed", "inconclusive"]).describe("How the value was judged."),
	message: z.string().optional().describe("Why, when the verdict is not passed."),
	at: instantText.describe("When the check was judged."),
});
export type CheckStatus = z.infer<typeof CheckStatus>;

/** How a rollout ended, or what it is ending as while it is Finalising. */
export const Outcome = z.enum(["Succeeded", "Failed", "Reverted", "Superseded"]);
export type Outcome = z.infer<typeof Outcome>;

/** The rollout in progress. Recorded before anything is done about it; what is done follows from it alone. */
export const RunStatus = z.object({
	revision: z.string().describe("The revision of the target under test."),
	startedAt: instantText.describe("When the rollout began."),
	step: z.int().min(-1).max(1000).describe("The current step of the plan, counted from 0; -1 before the first."),
	steps: count.describe("How many steps the plan has."),
	traffic: TrafficStatus.describe("What the current step wants."),
	inForceSince: instantText.optional().describe("Since when that traffic has been seen in force; absent until then."),
	notInForceSince: instantText
		.optional()
		.describe("since when that traffic has been waited for; absent while it is in force"),
	rounds: count.describe("Rounds of checks that passed in this step."),
	nextCheckAt: instantText.optional().describe("When the next round of checks is due."),
	failedChecks: count.describe("Rounds with a failed check, in the whole run."),
	inconclusiveChecks: count.describe("Rounds in a row without an answer."),
	paused: z.boolean().optional().describe("A person said pause."),
	resumed: z.boolean().optional().describe("a person let the run go on from this pausing step"),
	waitingFor: z.string().optional().describe("The gate or pause that holds the run."),
	promotedAt: instantText.optional().describe("Since when the primary has been asked to run the new revision."),
	candidateReplicas: count.optional().describe("Replicas of the candidate when its promotion began."),
	descending: z.boolean().optional().describe("Traffic is going back to the primary, step by step."),
	outcome: Outcome.optional().describe("What the rollout is ending as, while it is Finalising."),
	reason: z.string().optional().describe("Why it ends so, in one word."),
	message: z.string().optional().describe("Why it ends so, for people."),
});
export type RunStatus = z.infer<typeof RunStatus>;

/** A rollout that has ended. */
export const PastRun = z.object({
	revision: z.string().describe("The revision that was rolled out."),
	startedAt: instantText.describe("When the rollout began."),
	endedAt: instantText.describe("When the rollout ended."),
	outcome: Outcome.describe("How it ended."),
	reason: z.string().optional().describe("Why it ended so, in one word."),
	message: z.string().optional().describe("Why it ended so, for people."),
});
export type PastRun = z.infer<typeof PastRun>;

/** Something that people should be told, kept until it has been told (at least once). */
export const Notice = z.object({
	id: z.string().describe("Unique within the Canary; the same when told again."),
	reason: z.string().describe("What happened, in one word."),
	type: z.enum(["Normal", "Warning"]).describe("Type of the Event."),
	severity: z
		.enum(["info", "warn", "error"])
		.optional()
		.describe("Severity of the chat message; absent when there is an Event only."),
	message: z.string().describe("What happened, for people."),
	at: instantText.describe("When it happened."),
});
export type Notice = z.infer<typeof Notice>;

/** metav1.Condition. */
export const Condition = z.object({
	type: z.string().describe("What the condition is about."),
	status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
	reason: z.string().describe("Why, in one word."),
	message: z.string().describe("Why, for people."),
	lastTransitionTime: instantText.describe("When its status last changed."),
	lastUpdateTime: instantText.optional().describe("When it was last written; kept from Flagger."),
	observedGeneration: z.int().optional().describe("Generation of the Canary that it speaks of."),
});
export type Condition = z.infer<typeof Condition>;

/** How many past rollouts and untold notices are kept. */
export const HISTORY_MAX = 10;
export const NOTICES_MAX = 16;

/** What a Canary's requests flow by. Objects of a former binding would be left behind, so it lasts as long as the Canary. */
export const Binding = z.strictObject({
	provider: z.string().describe("Name of the mesh or ingress interface."),
	service: z.string().describe("Name of the apex Service."),
	target: z.string().describe("Name of the target."),
});
export type Binding = z.infer<typeof Binding>;

/** What is believed about a Canary. Counts that are missing are 0, for Flagger knows fewer of them. */
export const CanaryStatus = z.object({
	phase: Phase.default("").describe("Where the Canary stands."),
	canaryWeight: percent.default(0).describe("The candidate's share of traffic, as last seen in force."),
	failedChecks: count.default(0).describe("Rounds with a failed check in the current rollout, or in the last."),
	// Flagger writes -1 while it waits for promotion.
	iterations: z
		.int()
		.min(-1)
		.max(1_000_000)
		.overwrite((rounds) => Math.max(0, rounds))
		.default(0)
		.describe("Rounds of checks that passed in the current step."),
	inconclusiveChecks: count.default(0).describe("Rounds in a row without an answer."),
	lastAppliedSpec: z.string().optional().describe("Revision of the target that was last taken up."),
	lastPromotedSpec: z.string().optional().describe("Revision of the target that the primary was last asked to run."),
	targetGeneration: z.int().optional().describe("Generation of the target at which lastAppliedSpec was read."),
	trackedConfigs: z
		.record(z.string(), z.string())
		.optional()
		.describe("Fingerprints of the ConfigMaps and Secrets that the target uses, by kind and name."),
	lastTransitionTime: instantText.optional().describe("When the phase last changed."),
	binding: Binding.optional().describe("What requests flow by since the Canary took over; a change of it is refused."),
	releasedAt: instantText.optional().describe("Since when the target answers by itself again, while terminating."),
	serving: z.literal("candidate").optional().describe("Set when the primary could not take the traffic back."),
	run: RunStatus.optional().describe("The rollout in progress."),
	checks: z.array(CheckStatus).max(128).optional().describe("The checks as they were last judged."),
	history: z.array(PastRun).max(HISTORY_MAX).optional().describe("Rollouts that have ended, the latest first."),
	notices: z.array(Notice).max(NOTICES_MAX).optional().describe("What people have yet to be told."),
	lastNoticeNumber: count.optional().describe("Number of the last notice."),
	lastHandledCommand: z.string().optional().describe("Id of the last command that was obeyed."),
	conditions: z
		.array(Condition)
		.max(16)
		.optional()
		.meta({
			description: "Ready, Reconciling and Stalled by the rules of kstatus, and Promoted as Flagger has it.",
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["type"],
		}),
	observedGeneration: z.int().optional().describe("Generation of the Canary that was last looked at."),
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
