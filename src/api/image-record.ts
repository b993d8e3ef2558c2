import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { problemsOf } from "./problems.ts";

/** How much is remembered of one image. */
export const FAILED_MAX = 20;
export const REJECTED_MAX = 20;
export const PASSED_OVER_MAX = 10;
/** How many images of one workload are kept up to date. */
export const RECORDS_MAX = 16;

/** Longer reasons are cut by whoever writes them. */
export const WHY_LENGTH_MAX = 256;

const instantText = z.string().max(40).describe("A point in time, RFC 3339 in UTC.");
const tagText = z.string().max(128);
const digestText = z.string().max(256);
const why = z.string().max(WHY_LENGTH_MAX);

/** Where the chosen image stands on its way; from RolledOut on nothing is done about it any more. */
export const ChosenState = z.enum([
	"AwaitingApproval",
	"AwaitingWindow",
	"AwaitingRollout",
	"Writing",
	"Pushed",
	"RollingOut",
	"RolledOut",
	"RolledBack",
	"Rejected",
	"Expired",
]);
export type ChosenState = z.infer<typeof ChosenState>;

/** The image that was chosen last. */
export const ChosenImage = z.object({
	tag: tagText.describe("The tag."),
	digest: digestText.describe("What the tag pointed at when it was chosen; approvals are for this and nothing else."),
	why: why.describe("Why it was chosen, for people."),
	at: instantText.describe("When it came into this state."),
	state: ChosenState.describe("Where it stands."),
	deadline: instantText.optional().describe("Until when approvals are waited for."),
	approvedBy: z.array(z.string().max(253)).max(16).optional().describe("Who approved it, once enough people had."),
	commit: z
		.string()
		.max(64)
		.optional()
		.describe("The commit that says so in the policy's repository, once it is pushed."),
	from: z.string().max(1_024).optional().describe("The image that it replaces, as the workload had it."),
});
export type ChosenImage = z.infer<typeof ChosenImage>;

/** An image that failed after it was written. */
export const FailedImage = z.object({
	tag: tagText.describe("The tag."),
	digest: digestText
		.optional()
		.describe("What the tag pointed at; another content under the same tag may be chosen again."),
	at: instantText.describe("When it failed."),
	why: why.describe("Why it was rolled back, for people."),
});
export type FailedImage = z.infer<typeof FailedImage>;

/** An image that a person did not want. */
export const RejectedImage = z.object({
	tag: tagText.describe("The tag."),
	digest: digestText.describe("What the tag pointed at."),
	at: instantText.describe("When it was rejected."),
	by: z
		.string()
		.max(253)
		.optional()
		.describe("Who rejected it, as Kubernetes knows them; absent when it was not approved in time."),
});
export type RejectedImage = z.infer<typeof RejectedImage>;

/** A tag that was not chosen though it came near. */
export const PassedOver = z.object({
	tag: tagText.describe("The tag."),
	why: why.describe("Why not, for people."),
});
export type PassedOver = z.infer<typeof PassedOver>;

/**
 * What is known of one image of a workload. An ImagePolicy keeps these in its status; a workload that asks by annotations
 * keeps the same as JSON in one of them.
 */
export const ImageRecord = z.object({
	container: z.string().max(253).describe("Name of the container, or of the image volume."),
	role: z
		.enum(["container", "initContainer", "imageVolume"])
		.default("container")
		.describe("Where in the pod the image stands."),
	current: z.string().max(1_024).optional().describe("The image as the workload has it."),
	chosen: ChosenImage.optional().describe("The image that was chosen last."),
	failed: z
		.array(FailedImage)
		.max(FAILED_MAX)
		.optional()
		.describe("Images that failed, the latest first; not chosen again."),
	rejected: z
		.array(RejectedImage)
		.max(REJECTED_MAX)
		.optional()
		.describe("Images that people rejected, the latest first; not chosen again."),
	why: why.optional().describe("Why the image is as it is: what the last look found."),
	passedOver: z
		.array(PassedOver)
		.max(PASSED_OVER_MAX)
		.optional()
		.describe("Tags that the last look passed over, the best first."),
	lastScan: instantText.optional().describe("When the registry last answered."),
	problem: why.optional().describe("What keeps the image from being looked up or updated; absent when nothing does."),
});
export type ImageRecord = z.infer<typeof ImageRecord>;

/** Records, or why they are none: sentences that name the field and the mend. */
export type ParsedRecords =
	| { readonly ok: true; readonly records: readonly ImageRecord[] }
	| { readonly ok: false; readonly problems: readonly string[] };

/** The annotation that keeps the records of a workload that asks by annotations. */
export const RECORD_ANNOTATION = "haldane.dev/image-record";
/** Annotations of an object may take 256 KiB together. */
export const RECORD_BYTES_MAX = 128 * 1_024;

/** Of 16 images so many fit in any case. */
const LATEST_KEPT = 3;

const Records = z.array(ImageRecord).max(RECORDS_MAX);

/** The records that the workload keeps in its annotation; none when it has no such annotation. Never throws. */
export function recordsOn({ metadata: { annotations } }: KubeObject): ParsedRecords {
	const text = annotations?.[RECORD_ANNOTATION];
	if (text === undefined) return { ok: true, records: [] };
	if (typeof text !== "string" || text.length > RECORD_BYTES_MAX)
		return { ok: false, problems: [`${RECORD_ANNOTATION}: is too long; remove the annotation, and what it remembers`] };
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return { ok: false, problems: [`${RECORD_ANNOTATION}: is not JSON; remove the annotation, and what it remembers`] };
	}
	const { success, data, error } = Records.safeParse(json, { reportInput: true });
	return success ? { ok: true, records: data } : { ok: false, problems: problemsOf(RECORD_ANNOTATION, error) };
}

/**
 * The text of the annotation: what `recordsOn` reads back. When it would be too long, what was passed over goes first, and
 * then all but the latest of what failed or was rejected.
 */
export function recordsText(records: readonly ImageRecord[]): string {
	const whole = JSON.stringify(records);
	if (bytesOf(whole) <= RECORD_BYTES_MAX) return whole;
	const lean = records.map(({ passedOver: _, ...rest }) => rest);
	const text = JSON.stringify(lean);
	if (bytesOf(text) <= RECORD_BYTES_MAX) return text;
	return JSON.stringify(
		lean.map(({ failed, rejected, ...rest }) => ({
			...rest,
			...(failed && { failed: failed.slice(0, LATEST_KEPT) }),
			...(rejected && { rejected: rejected.slice(0, LATEST_KEPT) }),
		})),
	);
}

/** As the API server counts them: reasons that people or programs give are in any language. */
function bytesOf(text: string): number {
	return new TextEncoder().encode(text).length;
}
