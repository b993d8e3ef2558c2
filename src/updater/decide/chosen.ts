import { invariant } from "../../domain/invariant.ts";
import { type ImageReference, parseImageReference, withTag } from "../image-reference.ts";
import type { ChosenImage, ImageSituation, Situation } from "./situation.ts";

const pending: readonly ChosenImage["state"][] = ["AwaitingApproval", "AwaitingRollout", "AwaitingWindow", "Writing"];

/** Chosen, and not yet in the workload. */
export function isPending({ state }: Pick<ChosenImage, "state">): boolean {
	return pending.includes(state);
}

/** Something is still done about it: it is neither rolled out nor given up. */
export function isOnItsWay(chosen: Pick<ChosenImage, "state">): boolean {
	return isPending(chosen) || chosen.state === "Pushed" || chosen.state === "RollingOut";
}

/** The image that it replaces, with its digest if that was known. */
export function replacedBy({ from }: Pick<ChosenImage, "from">): ImageReference | undefined {
	const parsed = from === undefined ? undefined : parseImageReference(from);
	return parsed?.ok ? parsed.reference : undefined;
}

/**
 * The chosen image as it is written into the workload: with its digest where that is asked for, where the tag stays (else nothing
 * would roll out), and where what it replaces was pinned. A repository's files say for themselves whether they pin.
 */
export function wantedImage(
	{ written, rule, record: { chosen } }: Pick<ImageSituation, "written" | "rule" | "record">,
	{ writesBack }: Pick<Situation, "writesBack">,
): string {
	invariant(chosen !== undefined, "nothing was chosen");
	const replaced = replacedBy(chosen);
	const wasPinned = !writesBack && replaced?.digest !== undefined;
	const isPinned = rule.pinDigest || wasPinned || replaced?.tag === chosen.tag;
	return withTag(written, chosen.tag, isPinned ? chosen.digest : undefined);
}
