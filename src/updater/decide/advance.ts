import type { PassedOver } from "../../api/image-record.ts";
import { type Instant, timestamp } from "../../domain/instant.ts";
import { withTag } from "../image-reference.ts";
import { looksAtContent, type SelectionInput, select } from "../select.ts";
import { isPending, replacedBy } from "./chosen.ts";
import type { RegistryTag } from "./gates.ts";
import { gateOf } from "./gates.ts";
import { short } from "./short.ts";
import type { ChosenImage, ImageRecord, ImageSituation, Knowledge, Situation, Told } from "./situation.ts";

/** How one image goes on. */
export type Advance =
	| { readonly kind: "record"; readonly record: ImageRecord; readonly told: readonly Told[] }
	| { readonly kind: "ask"; readonly tags: readonly string[] }
	/** All gates are open, and the record says so. */
	| { readonly kind: "write" }
	| { readonly kind: "rest"; readonly lookAgainAt: Instant | undefined };

/** Chooses, and takes what was chosen through its gates: approval, the rollout under way, change windows. */
export function advance(image: ImageSituation, situation: Situation): Advance {
	const { record, knowledge, rule } = image;
	const { chosen } = record;
	if (knowledge.kind === "unknown") return rest();
	if (knowledge.kind === "problem") return noting(image, { problem: short(knowledge.detail) });
	if (chosen?.state === "RollingOut" && !rule.supersede) return rest();
	const selection = select(choiceOf(image, knowledge, situation));
	if (selection.kind === "ask") return { kind: "ask", tags: selection.tags };
	const why = short(selection.why);
	const { problem } = knowledge;
	const seen = {
		why,
		passedOver: selection.passedOver.map((one) => ({ ...one, why: short(one.why) })),
		lastScan: timestamp(knowledge.at),
		...(problem === undefined ? {} : { problem: short(problem) }),
	};
	if (selection.kind === "keep") {
		const baseline = baselineOf(image, situation);
		if (baseline !== undefined) return { kind: "record", record: { ...record, ...seen, chosen: baseline }, told: [] };
		if (chosen === undefined || !isPending(chosen)) return noting(image, seen, selection.lookAgainAt);
		// What was chosen may not be chosen any more: it was taken back before it was written.
		return { kind: "record", record: { ...withoutChosen(record), ...seen }, told: [] };
	}
	const found: RegistryTag = { tag: selection.tag, digest: selection.digest, why };
	const known = knownAs(found, record);
	// It is in the repository: all that is left to do is somebody else's.
	if (known?.state === "Pushed" && situation.writesBack) return noting(image, seen);
	const gate = gateOf(found, known, image, situation);
	if (gate.kind === "ask") return { kind: "ask", tags: [found.tag] };
	if (known !== undefined && gate.state === known.state)
		return gate.state === "Writing" ? { kind: "write" } : rest(gate.lookAgainAt);
	return passing({ image, situation, found, known, gate, seen });
}

/** All that the choice for an image depends on. */
export function choiceOf(
	image: ImageSituation,
	{ tags, facts, unanswered }: Extract<Knowledge, { kind: "known" }>,
	situation: Situation,
): SelectionInput {
	const { nodePlatforms, now } = situation;
	const { rule, record } = image;
	const current = currentOf(image, situation);
	return { rule, current, tags, facts, unanswered, barred: barredBy(record), nodePlatforms, now };
}

/** What was chosen before, if it is the same and still on its way. */
export function knownAs(found: RegistryTag, { chosen }: ImageRecord): ChosenImage | undefined {
	const isUnderWay = chosen !== undefined && (isPending(chosen) || chosen.state === "Pushed");
	return isUnderWay && isSame(chosen, found) ? chosen : undefined;
}

interface Passing {
	readonly image: ImageSituation;
	readonly situation: Situation;
	readonly found: RegistryTag;
	readonly known: ChosenImage | undefined;
	readonly gate: Exclude<ReturnType<typeof gateOf>, { kind: "ask" }>;
	readonly seen: Seen;
}

/** The record with what was chosen at its new gate, and what people are told of that. */
function passing({ image, situation, found, known, gate, seen }: Passing): Advance {
	const { record, written } = image;
	const at = timestamp(situation.now);
	const of = `${situation.workload}: ${image.image.name} ${found.tag}`;
	const chosen: ChosenImage = {
		...(known ?? { ...found, from: replacedImage(image, situation) }),
		state: gate.state,
		at,
		...gate.noted,
	};
	const isBarred = gate.state === "Rejected" || gate.state === "Expired";
	const rejected = isBarred
		? [
				{ tag: found.tag, digest: found.digest, at, ...(gate.by === undefined ? {} : { by: gate.by }) },
				...(record.rejected ?? []),
			].slice(0, REJECTED_MAX)
		: record.rejected;
	const told: Told[] = [];
	if (known === undefined) {
		told.push({
			reason: "ImageFound",
			message: `${of} was found: ${found.why}; ${written.tag ?? "no tag"} is written`,
		});
	}
	if (gate.told !== undefined) told.push({ ...gate.told, message: `${of} ${gate.told.message}` });
	const { problem: _passed, ...rest } = record;
	return { kind: "record", record: { ...rest, ...seen, chosen, rejected }, told };
}

/** The image as it is written, and with what its tag pointed at if that is what the choice is about. */
function replacedImage(image: ImageSituation, situation: Situation): string {
	const { written } = image;
	const { tag, digest } = currentOf(image, situation);
	const isPlain =
		written.digest !== undefined || tag !== written.tag || tag === undefined || !looksAtContent(image.rule);
	return isPlain ? image.image.image : withTag(written, tag, digest);
}

/** How many rejected tags are remembered, the latest first. */
const REJECTED_MAX = 20;

function isSame(one: Pick<ChosenImage, "tag" | "digest">, other: Pick<ChosenImage, "tag" | "digest">): boolean {
	return one.tag === other.tag && one.digest === other.digest;
}

/** What newer tags are held against: what is written, unless that was rolled back. */
function currentOf({ written, serving, record: { chosen } }: ImageSituation, { rollout }: Situation) {
	const { tag, digest } = rollout.kind === "failed" ? serving : written;
	const settled = chosen?.state === "RolledOut" && chosen.tag === tag ? chosen.digest : undefined;
	const replaced = chosen && replacedBy(chosen);
	return { tag, digest: digest ?? settled ?? (replaced?.tag === tag ? replaced?.digest : undefined) };
}

/** What the tag points at when it is first looked at stands for what runs, where new content of it is waited for. */
function baselineOf(image: ImageSituation, situation: Situation): ChosenImage | undefined {
	const { rule, knowledge } = image;
	const { tag, digest } = currentOf(image, situation);
	if (!looksAtContent(rule) || tag === undefined || tag !== image.written.tag || digest !== undefined) return undefined;
	const facts = knowledge.kind === "known" ? knowledge.facts.get(tag) : undefined;
	if (facts === undefined) return undefined;
	const why = `is what ${tag} pointed at when it was first looked at`;
	return { tag, digest: facts.digest, why, at: timestamp(situation.now), state: "RolledOut" };
}

function barredBy({ failed = [], rejected = [] }: ImageRecord) {
	return [
		...failed.map(({ tag, digest, at }) => ({ tag, digest, why: `was rolled back on ${at.slice(0, 10)}` })),
		...rejected.map(({ tag, digest, by, at }) => ({
			tag,
			digest,
			why: by === undefined ? `was not approved in time on ${at.slice(0, 10)}` : `was rejected by ${by}`,
		})),
	];
}

interface Seen {
	readonly why: string;
	readonly passedOver: PassedOver[];
	readonly lastScan: string;
	readonly problem?: string;
}

/** What was seen is recorded when it differs; that somebody looked again, alone, is not worth a write. */
function noting({ record }: ImageSituation, seen: Partial<Seen>, lookAgainAt?: Instant | undefined): Advance {
	const { why = record.why, passedOver = record.passedOver ?? [] } = seen;
	const isKnown =
		record.problem === seen.problem && record.why === why && sameTags(record.passedOver ?? [], passedOver);
	if (isKnown) return { kind: "rest", lookAgainAt };
	const { problem: _passed, ...rest } = record;
	return { kind: "record", record: { ...rest, ...seen }, told: [] };
}

function sameTags(one: Seen["passedOver"], other: Seen["passedOver"]): boolean {
	return (
		one.length === other.length && one.every(({ tag, why }, at) => other[at]?.tag === tag && other[at]?.why === why)
	);
}

function withoutChosen({ chosen: _chosen, ...record }: ImageRecord): Omit<ImageRecord, "chosen"> {
	return record;
}

function rest(lookAgainAt?: Instant | undefined): Advance {
	return { kind: "rest", lookAgainAt };
}
