import { FAILED_MAX } from "../../api/image-record.ts";
import { timestamp } from "../../domain/instant.ts";
import { withTag } from "../image-reference.ts";
import { wantedImage } from "./chosen.ts";
import { short } from "./short.ts";
import type { ImageRecord, ImageSituation, Situation, Told } from "./situation.ts";

/**
 * What the world did since the record was written: the chosen image is in the workload, its rollout succeeded or was
 * rolled back, somebody wrote another. Undefined when the record says it all already.
 */
export function learn(
	image: ImageSituation,
	situation: Situation,
): { readonly record: ImageRecord; readonly told: readonly Told[] } | undefined {
	return rolledBack(image, situation) ?? redeemed(image, situation) ?? followed(image, situation);
}

/** The target's image failed in its canary, whoever wrote it: it is not to be chosen again. */
function rolledBack(situation: ImageSituation, whole: Situation) {
	const { rollout, workload, now, images } = whole;
	const { image, written, serving, record, knowledge } = situation;
	const { tag } = written;
	const isSuspect = rollout.kind === "failed" && tag !== undefined && !sameImage(written, serving);
	if (!isSuspect) return undefined;
	// What was chosen since may be another content of the same tag.
	const chosen = isInPlace(situation, whole) ? record.chosen : undefined;
	const known = knowledge.kind === "known" ? knowledge.facts.get(tag)?.digest : undefined;
	const digest = written.digest ?? chosen?.digest ?? known;
	const before = (record.failed ?? []).filter((failed) => failed.tag === tag);
	// Without a choice nobody knows what the tag pointed at when it was written: once recorded, it is.
	const isKnown =
		written.digest === undefined && chosen === undefined
			? before.length > 0
			: before.some((failed) => failed.digest === undefined || failed.digest === digest);
	if (isKnown && chosen?.state !== "RollingOut") return undefined;
	const failure = { tag, ...(digest === undefined ? {} : { digest }), at: timestamp(now), why: short(rollout.why) };
	const failed = isKnown ? record.failed : [failure, ...(record.failed ?? [])].slice(0, FAILED_MAX);
	const settled = chosen && { ...chosen, state: "RolledBack" as const, at: timestamp(now) };
	const beside = images.filter((other) => other !== situation && !sameImage(other.written, other.serving));
	const others = beside.map((other) => `${other.image.name} ${other.written.tag ?? other.written.digest}`).join(", ");
	const suspects = others === "" ? "" : ` (nor ${others}, tested in the same rollout: either may be to blame)`;
	return {
		record: { ...record, failed, ...(settled && { chosen: settled }) },
		told: [
			{
				reason: "ImageRolledBack" as const,
				message: `${workload}: ${image.name} ${tag} was rolled back and will not be chosen again${suspects}: ${rollout.why}`,
			},
		],
	};
}

/** Whether what was chosen is what is written. */
function isInPlace(situation: ImageSituation, whole: Situation): boolean {
	const { chosen } = situation.record;
	switch (chosen?.state) {
		case "Writing":
		case "Pushed": {
			// Some clusters write the digest beside each tag that comes in.
			const pinned = withTag(situation.written, chosen.tag, chosen.digest);
			return [wantedImage(situation, whole), pinned].includes(sayImage(situation.written));
		}
		case "RollingOut":
		case "RolledOut":
		case "RolledBack": {
			const { tag, digest } = situation.written;
			return tag === chosen.tag && (digest === undefined || digest === chosen.digest);
		}
		default:
			return false;
	}
}

/** What failed once has passed since, by a retry: it is no longer barred. */
function redeemed({ written, serving, record }: ImageSituation, { rollout }: Situation) {
	const { tag } = written;
	if (rollout.kind !== "settled" || tag === undefined || !sameImage(written, serving)) return undefined;
	const known = record.failed ?? [];
	const failed = known.filter((one) => one.tag !== tag);
	if (failed.length === known.length) return undefined;
	return { record: { ...record, failed }, told: [] };
}

/** What became of the chosen image since it was to be written. */
function followed(situation: ImageSituation, whole: Situation) {
	const { rollout, workload, now } = whole;
	const { image, written, record } = situation;
	const { chosen } = record;
	if (chosen === undefined) return undefined;
	const isWritten = isInPlace(situation, whole);
	const at = timestamp(now);
	const becomes = (state: typeof chosen.state, reason: Told["reason"], what: string) => ({
		record: { ...record, chosen: { ...chosen, state, at } },
		told: [{ reason, message: `${workload}: ${image.name} ${what}` }],
	});
	switch (chosen.state) {
		case "Writing":
		case "Pushed":
			if (!isWritten) return undefined;
			return becomes(
				rollout.kind === "none" ? "RolledOut" : "RollingOut",
				"ImageUpdated",
				`is ${sayImage(written)} now: ${chosen.why}`,
			);
		case "RollingOut":
			if (!isWritten) return { record: without(record), told: [] };
			if (rollout.kind === "running") return undefined;
			// A rollback is learned elsewhere; a Canary that is gone leaves nothing to wait for.
			if (rollout.kind !== "none" && !sameImage(written, situation.serving)) return undefined;
			return becomes("RolledOut", "ImageRolledOut", `${chosen.tag} is rolled out`);
		case "RolledOut":
		case "RolledBack":
			// Somebody wrote another image since: the choice is history.
			return isWritten ? undefined : { record: without(record), told: [] };
		default:
			return undefined;
	}
}

function without({ chosen: _chosen, ...record }: ImageRecord): ImageRecord {
	return record;
}

function sameImage(one: ImageSituation["written"], other: ImageSituation["written"]): boolean {
	return sayImage(one) === sayImage(other);
}

/** The image as it is written into a workload. */
export function sayImage({ name, tag, digest }: ImageSituation["written"]): string {
	return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
