import type { PassedOver } from "../../api/image-record.ts";
import { type Instant, timestamp } from "../../domain/instant.ts";
import { select } from "../select.ts";
import type { RegistryTag } from "./gates.ts";
import { gateOf } from "./gates.ts";
import type { ChosenImage, ImageRecord, ImageSituation, Situation, Told } from "./situation.ts";

/** How one image goes on. */
export type Advance =
	| { readonly kind: "record"; readonly record: ImageRecord; readonly told: readonly Told[] }
	| { readonly kind: "ask"; readonly tags: readonly string[] }
	| { readonly kind: "rest"; readonly lookAgainAt: Instant | undefined };

/** Chooses, and takes what was chosen through its gates: approval, the rollout under way, change windows. */
export function advance(image: ImageSituation, situation: Situation): Advance {
	const { record, knowledge, rule } = image;
	const { chosen } = record;
	if (knowledge.kind === "unknown") return rest();
	if (knowledge.kind === "problem") return noting(image, { problem: knowledge.detail });
	if (chosen?.state === "RollingOut" && !rule.supersede) return rest();
	const selection = select({
		rule,
		current: currentOf(image, situation),
		tags: knowledge.tags,
		facts: knowledge.facts,
		unanswered: knowledge.unanswered,
		barred: barredBy(record),
		nodePlatforms: situation.nodePlatforms,
		now: situation.now,
	});
	if (selection.kind === "ask") return { kind: "ask", tags: selection.tags };
	const { why, passedOver } = selection;
	const { problem } = knowledge;
	const seen = {
		why,
		passedOver: [...passedOver],
		lastScan: timestamp(knowledge.at),
		...(problem === undefined ? {} : { problem }),
	};
	if (selection.kind === "keep") {
		if (chosen === undefined || !isPending(chosen)) return noting(image, seen, selection.lookAgainAt);
		// What was chosen may not be chosen any more: it was taken back before it was written.
		return { kind: "record", record: { ...withoutChosen(record), ...seen }, told: [] };
	}
	const found: RegistryTag = { tag: selection.tag, digest: selection.digest, why };
	const isUnderWay = chosen !== undefined && (isPending(chosen) || chosen.state === "Pushed");
	const known = isUnderWay && isSame(chosen, found) ? chosen : undefined;
	// It is in the repository: all that is left to do is somebody else's.
	if (known?.state === "Pushed" && situation.writesBack) return noting(image, seen);
	const gate = gateOf(found, known, image, situation);
	if (gate.kind === "ask") return { kind: "ask", tags: [found.tag] };
	if (known !== undefined && gate.state === known.state) return rest(gate.lookAgainAt);
	return passing({ image, situation, found, known, gate, seen });
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
		...(known ?? { ...found, from: image.image.image }),
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
			message: `${of} was found: it is ${found.why}; ${written.tag ?? "no tag"} is written`,
		});
	}
	if (gate.told !== undefined) told.push({ ...gate.told, message: `${of} ${gate.told.message}` });
	const { problem: _passed, ...rest } = record;
	return { kind: "record", record: { ...rest, ...seen, chosen, rejected }, told };
}

/** How many rejected tags are remembered, the latest first. */
const REJECTED_MAX = 20;

const pending: readonly ChosenImage["state"][] = ["AwaitingApproval", "AwaitingRollout", "AwaitingWindow", "Writing"];

/** Chosen, and not yet in the workload. */
export function isPending({ state }: ChosenImage): boolean {
	return pending.includes(state);
}

function isSame(one: Pick<ChosenImage, "tag" | "digest">, other: Pick<ChosenImage, "tag" | "digest">): boolean {
	return one.tag === other.tag && one.digest === other.digest;
}

/** What newer tags are held against: what is written, unless that was rolled back. */
function currentOf({ written, serving, record, knowledge }: ImageSituation, { rollout }: Situation) {
	const { tag, digest } = rollout.kind === "failed" ? serving : written;
	const facts = knowledge.kind === "known" && tag !== undefined ? knowledge.facts.get(tag) : undefined;
	const settled = record.chosen?.state === "RolledOut" && record.chosen.tag === tag ? record.chosen.digest : undefined;
	return { tag, digest: digest ?? settled, createdAt: facts?.createdAt };
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
