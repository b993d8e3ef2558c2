import type { ReasonRow } from "./reasons.ts";

/** Every reason that people are told about images. Wire format, like `reasons`; `docs/events.md` shows this table too. */
export const imageReasons = {
	ImageFound: {
		type: "Normal",
		severity: "info",
		describe: "The registry has an image that the rule prefers to what is written.",
		whatToDo: "Nothing.",
	},
	ImageAwaitsApproval: {
		type: "Warning",
		severity: "warn",
		describe: "The image that was found is only used when enough people approve it in time.",
		whatToDo: "`haldane updater approve` or `reject`.",
	},
	ImageApproved: {
		type: "Normal",
		severity: "info",
		describe: "Enough people approved the image.",
		whatToDo: "Nothing.",
	},
	ImageRejected: {
		type: "Warning",
		severity: "warn",
		describe: "A person rejected the image; it is not chosen again.",
		whatToDo: "Nothing; `haldane updater forget` if it is to be asked about again.",
	},
	ImageApprovalExpired: {
		type: "Warning",
		severity: "warn",
		describe: "Too few people approved the image before its deadline; it is not chosen again.",
		whatToDo: "`haldane updater forget` to have it asked about again.",
	},
	ImageUpdated: {
		type: "Normal",
		severity: "info",
		describe: "The image was written into the workload, or into its repository.",
		whatToDo: "Nothing.",
	},
	ImageRolledOut: {
		type: "Normal",
		severity: "info",
		describe: "The image passed its canary and serves all requests.",
		whatToDo: "Nothing.",
	},
	ImageRolledBack: {
		type: "Warning",
		severity: "error",
		describe: "The image failed in its canary. It is remembered by its digest, and not chosen again.",
		whatToDo: "Find the cause, then push another image; `haldane updater forget` to have it tried again.",
	},
	ImageLookFailed: {
		type: "Warning",
		severity: "warn",
		describe:
			"What has to be known before an image is changed cannot be had: from its registry, for want of credentials, or of who approves.",
		whatToDo: "Mend what the message names; it is tried again by itself.",
	},
	ImageWriteFailed: {
		type: "Warning",
		severity: "warn",
		describe: "The API server refuses what the updater has to write: the image, or what is known of it.",
		whatToDo: "Mend what the message names: a right, an admission policy, the object; it is tried again by itself.",
	},
	ImageWriteBackFailed: {
		type: "Warning",
		severity: "warn",
		describe: "The image could not be written into its repository.",
		whatToDo: "Mend what the message names; it is tried again by itself.",
	},
	ImageRuleInvalid: {
		type: "Warning",
		severity: "warn",
		describe: "What asks for updates cannot be obeyed; nothing is changed until it can.",
		whatToDo: "Edit the ImagePolicy or the annotations as the message says.",
	},
} as const satisfies Record<string, ReasonRow>;

/** The id of a reason, UpperCamel, as Events show it. */
export type ImageReason = keyof typeof imageReasons;
