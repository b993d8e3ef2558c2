import { type Instant, timestamp } from "../../domain/instant.ts";
import { invariant } from "../../domain/invariant.ts";
import { withTag } from "../image-reference.ts";
import type { WorkloadImage } from "../workload.ts";
import type { NewImage } from "../write-back/edit.ts";
import { type Advance, advance } from "./advance.ts";
import { learn } from "./learn.ts";
import type { Decision, ImageRecord, ImageSituation, Question, Situation, Told } from "./situation.ts";

/**
 * What to do about a workload's images: the same situation always gives the same decision.
 *
 * Guarantees: an image is only written when its record says so (`Writing`), so whoever continues after a crash writes the
 * same; all images that may be written are written at once, so that a Canary tests them in one rollout; nothing that
 * failed, was rejected or expired is chosen until its digest changes or somebody has it forgotten.
 */
export function decide(situation: Situation): Decision {
	const steps = situation.images.map((image) => stepOf(image, situation));
	const changed = steps.filter(({ record }, index) => record !== situation.images[index]?.record);
	if (changed.length > 0) {
		return { do: "record", records: steps.map(({ record }) => record), told: steps.flatMap(({ told }) => told) };
	}
	const questions = steps.flatMap(({ question }) => (question === undefined ? [] : [question]));
	if (questions.length > 0) return { do: "ask", questions: merged(questions) };
	const due = situation.images.filter(({ record }) => record.chosen?.state === "Writing");
	if (due.length > 0) return situation.writesBack ? pushOf(due, situation) : writeOf(due, situation);
	const times = steps.flatMap(({ lookAgainAt }) => (lookAgainAt === undefined ? [] : [lookAgainAt]));
	return { do: "rest", lookAgainAt: times.length === 0 ? undefined : Math.min(...times) };
}

interface Step {
	readonly record: ImageRecord;
	readonly told: readonly Told[];
	readonly question?: Question | undefined;
	readonly lookAgainAt?: Instant | undefined;
}

/** First what the world did to what was chosen before; only when that is recorded, what to choose and do next. */
function stepOf(image: ImageSituation, situation: Situation): Step {
	const learned = learn(image, situation);
	if (learned !== undefined) return learned;
	const next: Advance = advance(image, situation);
	switch (next.kind) {
		case "record":
			return { record: next.record, told: next.told };
		case "ask":
			return { record: image.record, told: [], question: { watch: image.watch, tags: next.tags } };
		case "rest":
			return { record: image.record, told: [], lookAgainAt: next.lookAgainAt };
	}
}

function merged(questions: readonly Question[]): readonly Question[] {
	const byWatch = Map.groupBy(questions, ({ watch }) => watch);
	return [...byWatch].map(([watch, asked]) => ({
		watch,
		tags: [...new Set(asked.flatMap(({ tags }) => tags))],
	}));
}

function writeOf(due: readonly ImageSituation[], { workload }: Situation): Decision {
	const images = due.map(({ image, written, rule, record }): WorkloadImage => {
		invariant(record.chosen !== undefined, `${workload}: an image is written that was not chosen`);
		return { ...image, image: wantedImage({ written, rule, record }) };
	});
	const causes = due.map(({ image }, index) => `${image.name}: ${image.image} -> ${images[index]?.image}`);
	return { do: "write", images, changeCause: `haldane: ${causes.join(", ")}` };
}

function pushOf(due: readonly ImageSituation[], { workload }: Situation): Decision {
	const images = due.map(({ image, written, rule, record }): NewImage => {
		const { chosen } = record;
		invariant(chosen !== undefined, `${workload}: an image is pushed that was not chosen`);
		const { tag, digest, why, from = image.image } = chosen;
		return { ...image, image: wantedImage({ written, rule, record }), from, tag, digest, why };
	});
	return { do: "push", images };
}

/**
 * The record of a push, so that nobody pushes again: from now on the workload is waited for. Only what was `Writing` when
 * the push was decided on was pushed.
 */
export function pushed(
	{ images, workload, now }: Situation,
	{ commit, branch }: { readonly commit: string; readonly branch: string },
): Extract<Decision, { do: "record" }> {
	const told: Told[] = [];
	const records = images.map(({ image, record }): ImageRecord => {
		const { chosen } = record;
		if (chosen?.state !== "Writing") return record;
		const message = `${workload}: ${image.name} ${chosen.tag} is on branch ${branch} as of ${commit.slice(0, 12)}, for it is ${chosen.why}`;
		told.push({ reason: "ImageUpdated", message });
		return { ...record, chosen: { ...chosen, state: "Pushed", at: timestamp(now), commit } };
	});
	return { do: "record", records, told };
}

/** The chosen image as it is written into the workload. */
export function wantedImage({
	written,
	rule,
	record: { chosen },
}: Pick<ImageSituation, "written" | "rule" | "record">): string {
	invariant(chosen !== undefined, "nothing was chosen");
	return withTag(written, chosen.tag, rule.pinDigest ? chosen.digest : undefined);
}
