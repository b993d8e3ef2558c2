/** How much a message matters to people; an alert takes those at or above its own. */
export type Severity = "info" | "warn" | "error";

/** What every notice of one reason has in common. */
export interface ReasonRow {
	readonly type: "Normal" | "Warning";
	/** Undefined: a Kubernetes Event and event hooks only, no chat message. */
	readonly severity: Severity | undefined;
	/** When it is told. */
	readonly describe: string;
	/** What a reader of it should do. */
	readonly whatToDo: string;
}

/**
 * Every reason that Haldane tells people about, and nothing else: reasons of Events, types of CloudEvents, severities of
 * chat messages. Ids are wire format: one that was released is never renamed. `docs/events.md` shows this table.
 */
export const reasons = {
	Initialized: {
		type: "Normal",
		severity: "info",
		describe:
			"The primary is ready and has taken over the traffic; new revisions of the target are tested from now on.",
		whatToDo: "Nothing.",
	},
	RevisionDetected: {
		type: "Normal",
		severity: "info",
		describe: "The target has a new revision, and its rollout has started.",
		whatToDo: "Nothing.",
	},
	AnalysisSkipped: {
		type: "Normal",
		severity: "info",
		describe: "The Canary skips its analysis: the new revision is promoted without a check.",
		whatToDo: "Remove `skipAnalysis` if that was not meant.",
	},
	StepReached: {
		type: "Normal",
		severity: undefined,
		describe: "The rollout went on to its next step.",
		whatToDo: "Nothing.",
	},
	RunHeld: {
		type: "Normal",
		severity: undefined,
		describe: "The rollout stays at its step, for the reason in the message, and goes on by itself when that ends.",
		whatToDo: "Nothing, unless it lasts.",
	},
	NotReady: {
		type: "Warning",
		severity: undefined,
		describe: "The primary or the candidate is not ready, so that the rollout does not go on.",
		whatToDo: "Look at its pods if it lasts.",
	},
	WaitingForApproval: {
		type: "Warning",
		severity: "warn",
		describe: "A gate or a pausing step holds the rollout until somebody lets it pass.",
		whatToDo: "Open the gate or `haldane resume`; `haldane promote` to skip what is left, `haldane abort` to go back.",
	},
	Paused: {
		type: "Normal",
		severity: "info",
		describe: "A person paused the rollout.",
		whatToDo: "`haldane resume` when ready.",
	},
	Resumed: {
		type: "Normal",
		severity: "info",
		describe: "A person resumed the rollout.",
		whatToDo: "Nothing.",
	},
	Commanded: {
		type: "Normal",
		severity: undefined,
		describe: "Somebody gave a command by the dashboard in the cluster; the message names them.",
		whatToDo: "Nothing.",
	},
	CheckFailed: {
		type: "Warning",
		severity: undefined,
		describe: "A round of checks failed; it counts against the threshold.",
		whatToDo: "Look at the check that the message names.",
	},
	CheckInconclusive: {
		type: "Warning",
		severity: undefined,
		describe: "A round of checks had no answer: no data, or a backend that cannot be reached. The step is held.",
		whatToDo: "Send the candidate traffic, or repair the query or its backend.",
	},
	HookFailed: {
		type: "Warning",
		severity: undefined,
		describe: "A hook did not answer with a 2xx.",
		whatToDo: "Look at the service behind the hook.",
	},
	Restarted: {
		type: "Normal",
		severity: "info",
		describe: "Another revision came in mid-run; the rollout started over with it.",
		whatToDo: "Nothing.",
	},
	Promoting: {
		type: "Normal",
		severity: undefined,
		describe: "The candidate passed; its revision is being copied to the primary.",
		whatToDo: "Nothing.",
	},
	Promoted: {
		type: "Normal",
		severity: "info",
		describe: "The primary runs the new revision and has all the traffic; the rollout has succeeded.",
		whatToDo: "Nothing.",
	},
	PromotionFailed: {
		type: "Warning",
		severity: "error",
		describe:
			"The primary did not become ready with the promoted revision. The candidate, which passed, serves where it can.",
		whatToDo: "Find out why the primary's pods do not start, then `haldane retry` or push a fix.",
	},
	RollingBack: {
		type: "Warning",
		severity: "error",
		describe: "The rollout failed; all traffic goes back to the primary. The message says why.",
		whatToDo: "Find the cause, then push a fix or `haldane retry`.",
	},
	TooManyFailedChecks: {
		type: "Warning",
		severity: "error",
		describe: "The rollout is rolled back because `threshold` rounds of checks failed.",
		whatToDo: "Look at the failed checks, then push a fix.",
	},
	TooManyInconclusiveChecks: {
		type: "Warning",
		severity: "error",
		describe: "The rollout is rolled back because `inconclusiveLimit` rounds in a row had no answer.",
		whatToDo: "Repair the query or its backend, then `haldane retry`.",
	},
	ProgressDeadlineExceeded: {
		type: "Warning",
		severity: "error",
		describe: "The rollout is rolled back because the candidate was not ready before its progress deadline.",
		whatToDo: "Find out why the candidate's pods do not start, then push a fix.",
	},
	TargetMissing: {
		type: "Warning",
		severity: "error",
		describe: "The rollout is rolled back because its target is gone.",
		whatToDo: "Create the target again, or delete the Canary.",
	},
	RollbackHook: {
		type: "Warning",
		severity: "warn",
		describe: "The rollout is rolled back because a `rollback` hook asked for it.",
		whatToDo: "Ask whoever answers the hook.",
	},
	Aborted: {
		type: "Warning",
		severity: "warn",
		describe: "The rollout is rolled back because a person aborted it.",
		whatToDo: "`haldane retry` to try the same revision again.",
	},
	RolledBack: {
		type: "Warning",
		severity: "warn",
		describe: "The rollback is complete: the primary has all the traffic, and the rollout has failed.",
		whatToDo: "Push a fix or `haldane retry`.",
	},
	RunReverted: {
		type: "Normal",
		severity: "info",
		describe: "The target went back to the revision that the primary runs, which ends the rollout without a verdict.",
		whatToDo: "Nothing.",
	},
	Retried: {
		type: "Normal",
		severity: "info",
		describe: "A person asked for the failed revision to be tried again.",
		whatToDo: "Nothing.",
	},
	Stalled: {
		type: "Warning",
		severity: "warn",
		describe: "Something that only a person can clear is in the way; nothing is touched until then.",
		whatToDo: "Do what the message and the condition `Stalled` say.",
	},
	Invalid: {
		type: "Warning",
		severity: "warn",
		describe: "The Canary asks for something that cannot be; it is not obeyed, and what runs keeps running.",
		whatToDo: "Edit the Canary as the message says.",
	},
	Released: {
		type: "Normal",
		severity: "info",
		describe: "The Canary is being deleted, and its target answers the service again.",
		whatToDo: "Nothing.",
	},
} as const satisfies Record<string, ReasonRow>;

/** The id of a reason, UpperCamel, as Events show it. */
export type Reason = keyof typeof reasons;

/** Whether a text, read from a status that another version of Haldane may have written, is a reason of this one. */
export function isReason(text: string): text is Reason {
	return Object.hasOwn(reasons, text);
}

/** A reason as words: `TooManyFailedChecks` is `Too many failed checks`. */
export function reasonTitle(reason: string): string {
	const words = reason.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A table of `docs/events.md`, one row a reason. */
export function reasonsTable(told: Readonly<Record<string, ReasonRow>>): string {
	const rows = Object.entries(told).map(
		([reason, { type, severity, describe, whatToDo }]) =>
			`| \`${reason}\` | ${type} | ${severity ?? "–"} | ${describe} | ${whatToDo} |`,
	);
	return ["| reason | type | severity | told when | what to do |", "| --- | --- | --- | --- | --- |", ...rows].join(
		"\n",
	);
}
