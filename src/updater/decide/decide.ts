import { type Instant, timestamp } from "../../domain/instant.ts";
import { invariant } from "../../domain/invariant.ts";
import type { WorkloadImage } from "../workload.ts";
import type { NewImage } from "../write-back/edit.ts";
import { type Advance, advance } from "./advance.ts";
import { wantedImage } from "./chosen.ts";
import { learn, sayImage } from "./learn.ts";
import type { Decision, ImageRecord, ImageSituation, Question, Situation, Told } from "./situation.ts";

/**
 * What to do about a workload's images: the same situation always gives the same decision.
 *
 * Guarantees: an image is only written when its record says so (`Writing`), so whoever continues after a crash writes the
 * same; all images that may be written are written at once, so that a Canary tests them in one rollout, and what failed
 * beside them is set back with them; nothing that failed, was rejected or expired is chosen until its digest changes or
 * somebody has it forgotten.
 */
export function decide(situation: Situation): Decision {
	const steps = situation.images.map((image) => ({ image, ...stepOf(image, situation) }));
	const changed = steps.filter(({ record }, index) => record !== situation.images[index]?.record);
	if (changed.length > 0) {
		return { do: "record", records: steps.map(({ record }) => record), told: steps.flatMap(({ told }) => told) };
	}
	const questions = steps.flatMap(({ question }) => (question === undefined ? [] : [question]));
	// That the record says so is not enough: since it was written a window may have closed, or a rollout begun.
	const due = situation.images.filter((_image, index) => steps[index]?.isDue === true);
	// What is due waits for what an answer may make due, but not for a registry that gives none.
	const isWaitedFor = steps.some(({ question, image }) => question !== undefined && !isTroubled(image, question));
	if (questions.length > 0 && (due.length === 0 || isWaitedFor)) return { do: "ask", questions: merged(questions) };
	if (due.length > 0) return situation.writesBack ? pushOf(due, situation) : writeOf(due, situation);
	const times = steps.flatMap(({ lookAgainAt }) => (lookAgainAt === undefined ? [] : [lookAgainAt]));
	return { do: "rest", lookAgainAt: times.length === 0 ? undefined : Math.min(...times) };
}

interface Step {
	readonly record: ImageRecord;
	readonly told: readonly Told[];
	readonly question?: Question | undefined;
	readonly lookAgainAt?: Instant | undefined;
	/** To be written now. */
	readonly isDue?: boolean;
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
		case "write":
			return { record: image.record, told: [], isDue: true };
		case "rest":
			return { record: image.record, told: [], lookAgainAt: next.lookAgainAt };
	}
}

/** Whether the last look for the image, or for one of these tags, ended in trouble. */
function isTroubled({ knowledge }: ImageSituation, { tags }: Question): boolean {
	return (
		knowledge.kind === "known" && (knowledge.problem !== undefined || tags.some((tag) => knowledge.unanswered.has(tag)))
	);
}

function merged(questions: readonly Question[]): readonly Question[] {
	const byWatch = Map.groupBy(questions, ({ watch }) => watch);
	return [...byWatch].map(([watch, asked]) => ({
		watch,
		tags: [...new Set(asked.flatMap(({ tags }) => tags))],
	}));
}

function writeOf(due: readonly ImageSituation[], situation: Situation): Decision {
	const chosen = due.map(({ image, written, rule, record }): WorkloadImage => {
		invariant(record.chosen !== undefined, `${situation.workload}: an image is written that was not chosen`);
		return { ...image, image: wantedImage({ written, rule, record }, situation) };
	});
	const failed = failedBeside(due, situation);
	const images = [...chosen, ...failed.map(({ image, serving }) => ({ ...image, image: sayImage(serving) }))];
	const causes = [...due, ...failed].map(
		({ image }, index) => `${image.name}: ${image.image} -> ${images[index]?.image}`,
	);
	return { do: "write", images, changeCause: `haldane: ${causes.join(", ")}` };
}

function pushOf(due: readonly ImageSituation[], situation: Situation): Decision {
	const { workload } = situation;
	const images = due.map(({ image, written, rule, record }): NewImage => {
		const { chosen } = record;
		invariant(chosen !== undefined, `${workload}: an image is pushed that was not chosen`);
		const { tag, digest, why, from = image.image } = chosen;
		return { ...image, image: wantedImage({ written, rule, record }, situation), from, tag, digest, why };
	});
	return { do: "push", images };
}

/** The record of a push of these images, so that nobody pushes again: from now on the workload is waited for. */
export function pushed(
	{ images, workload, now }: Situation,
	{
		commit,
		branch,
		images: those,
	}: { readonly commit: string; readonly branch: string; readonly images: readonly NewImage[] },
): Extract<Decision, { do: "record" }> {
	const told: Told[] = [];
	const records = images.map(({ image, record }): ImageRecord => {
		const { chosen } = record;
		const isPushed = those.some(({ role, name }) => role === image.role && name === image.name);
		if (chosen === undefined || !isPushed) return record;
		const message = `${workload}: ${image.name} ${chosen.tag} is on branch ${branch} as of ${commit.slice(0, 12)}: ${chosen.why}`;
		told.push({ reason: "ImageUpdated", message });
		return { ...record, chosen: { ...chosen, state: "Pushed", at: timestamp(now), commit } };
	});
	return { do: "record", records, told };
}

/** What failed and is still in the target is set back to what serves: the next rollout would fail for it again, and bar the innocent. */
function failedBeside(due: readonly ImageSituation[], { images, rollout }: Situation): readonly ImageSituation[] {
	if (rollout.kind !== "failed") return [];
	return images.filter(
		(one) => !due.includes(one) && one.rule.policy !== "never" && sayImage(one.written) !== sayImage(one.serving),
	);
}
