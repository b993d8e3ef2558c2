import type { ChosenImage } from "../../../api/image-record.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Vote } from "../../../updater/decide/situation.ts";
import { type ImageReference, withTag } from "../../../updater/image-reference.ts";
import { votesFor } from "../../../updater/loop/approvals/votes.ts";
import type { KeptImage } from "./images.ts";

/** An image that waits for people. */
export interface AwaitedImage extends KeptImage {
	readonly written: ImageReference;
	readonly chosen: ChosenImage;
	readonly votes: readonly Vote[];
}

/** Those of the images that wait for approval, with what people said of them. */
export function awaitedAmong(images: readonly KeptImage[], approvals: readonly KubeObject[]): readonly AwaitedImage[] {
	return images.flatMap((image) => {
		const { written, namespace } = image;
		const { chosen } = image.record;
		if (chosen?.state !== "AwaitingApproval" || written === undefined) return [];
		const near = approvals.filter(({ metadata }) => (metadata.namespace ?? "default") === namespace);
		// Whether the operator counts them, it says itself.
		const votes = votesFor({ chosen, written, workload: image, vouchedSince: 0 }, near);
		return [{ ...image, written, chosen, votes }];
	});
}

export function approvingIn(votes: readonly Vote[]): readonly string[] {
	return votes.filter(({ decision }) => decision === "approve").map(({ user }) => user);
}

/** Why nothing that people say counts, as the operator said it last. */
export function uncountedBy({ hindered }: Pick<AwaitedImage, "hindered">): string | undefined {
	return hindered?.reason === "ApprovalsProblem" ? hindered.message : undefined;
}

/** `1 of 2 (ada)`. */
export function votesText({ votes, rule }: Pick<AwaitedImage, "votes" | "rule">): string {
	const approving = approvingIn(votes);
	const names = approving.length === 0 ? "" : ` (${approving.join(", ")})`;
	return `${approving.length} of ${rule.approvals}${names}`;
}

export function imageText({ written, chosen }: Pick<AwaitedImage, "written" | "chosen">): string {
	return withTag(written, chosen.tag);
}
