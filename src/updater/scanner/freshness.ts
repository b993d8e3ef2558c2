import { createHash } from "node:crypto";
import type { ImageRecord } from "../../api/image-record.ts";
import type { Instant } from "../../domain/instant.ts";
import { isOnItsWay } from "../decide/chosen.ts";
import type { Decision, Situation } from "../decide/situation.ts";
import type { UpdateRule } from "../rule.ts";
import { nextAfter, type Schedule } from "../schedule.ts";
import type { WorkloadImage } from "../workload.ts";
import type { WatchKey } from "./watch-key.ts";

/** Names all that a look at one image is about, and nothing that is secret: whoever works after us knows it again by that. */
export type LookId = string;

/** What a pass over a workload made of one of its images. */
export interface Look {
	readonly id: LookId;
	readonly watch: WatchKey;
	/** Its schedule is slow. */
	readonly isSlow: boolean;
	/** `unseen`: not looked at by this process yet; `settled`: nothing is left to do about what was found; `open`: something is. */
	readonly outcome: "unseen" | "settled" | "open";
}

/**
 * Which images with a schedule were looked at, and when, so that a restart asks no registry about what is fresh.
 *
 * Guarantees: a look counts only once nothing is left to do about what it found, so that whoever works after us waits for
 * nothing that we knew of.
 */
export interface Freshness {
	/** What another's `snapshot` said. What it says of the future was said by a wrong clock, and does not count. */
	load(scans: ReadonlyMap<LookId, Instant>): void;
	/** When whoever worked before us looked; undefined: look at once. */
	lastScanAt(id: LookId): Instant | undefined;
	/** As of the last pass over the workload: its images with a schedule. */
	pass(workload: string, looks: readonly Look[]): void;
	/** Something new was found for these, and no pass has seen it yet. */
	changed(workloads: readonly string[]): void;
	/** Whether there is any image with a slow schedule: of those alone it is worth keeping what was seen before the end. */
	isNeeded(): boolean;
	/** For whoever works after us, the latest last; at most `LOOKS_KEPT_MAX`. */
	snapshot(): ReadonlyMap<LookId, Instant>;
}

/** The latest of more are kept. */
export const LOOKS_KEPT_MAX = 5_000;
/** To ask again what is asked more often than that costs little, where the end came without a word. */
const SLOW_MS = 600_000;
/** Until then there may be workloads that had no pass yet: what is known of them is kept. */
const UNCLAIMED_MS = 600_000;

/** Of what a choice is made by, the registry's answer apart: when any of that is another, what was seen by the old is worth nothing. */
export function lookId({ workload, container, rule, record }: LookedAt): LookId {
	const { role, name, image } = container;
	const { failed = [], rejected = [] } = record;
	const about = [workload, role, name, image, rule, failed, rejected];
	return createHash("sha256").update(JSON.stringify(about)).digest("hex").slice(0, 16);
}

interface LookedAt {
	readonly workload: string;
	/** With its image as it is written. */
	readonly container: WorkloadImage;
	readonly rule: UpdateRule;
	readonly record: ImageRecord;
}

/** What a pass made of its images, by what was looked at for each, in the same order; undefined for those without a schedule. */
export function looksIn(
	{ images }: Situation,
	decision: Decision,
	looks: readonly (Pick<Look, "id" | "isSlow"> | undefined)[],
): readonly Look[] {
	// What is only too young, say, is chosen later without another look.
	const isAtRest = decision.do === "rest" && decision.lookAgainAt === undefined;
	return images.flatMap(({ watch, knowledge, record: { chosen } }, index): readonly Look[] => {
		const look = looks[index];
		if (look === undefined) return [];
		if (knowledge.kind === "unknown") return [{ ...look, watch, outcome: "unseen" }];
		const isKnown = knowledge.kind === "known" && knowledge.problem === undefined && knowledge.unanswered.size === 0;
		// While an image is on its way, whatever else was found is yet to be chosen from.
		const isOver = chosen === undefined || !isOnItsWay(chosen);
		return [{ ...look, watch, outcome: isKnown && isAtRest && isOver ? "settled" : "open" }];
	});
}

/** Whether a registry is asked by it so rarely that a restart is not to ask again. */
export function isSlow(schedule: Schedule, timeZone: string | undefined, now: Instant): boolean {
	if (schedule.kind === "every") return schedule.everyMs >= SLOW_MS;
	const next = nextAfter(schedule, now, timeZone);
	if (next === undefined) return false;
	return (nextAfter(schedule, next, timeZone) ?? Number.POSITIVE_INFINITY) - next >= SLOW_MS;
}

export function createFreshness({
	lastScans,
	now,
}: {
	readonly lastScans: () => ReadonlyMap<WatchKey, Instant>;
	readonly now: () => Instant;
}): Freshness {
	const startedAt = now();
	/** Of whoever worked before us, until we have looked ourselves. */
	const before = new Map<LookId, Instant>();
	const looks = new Map<string, readonly Look[]>();

	return {
		load(scans) {
			for (const [id, at] of scans) if (at <= startedAt) before.set(id, at);
		},
		lastScanAt: (id) => before.get(id),
		pass(workload, seen) {
			if (seen.length === 0) looks.delete(workload);
			else looks.set(workload, seen);
			for (const { id, outcome } of seen) if (outcome !== "unseen") before.delete(id);
		},
		changed(workloads) {
			for (const workload of workloads) {
				const known = looks.get(workload);
				if (known === undefined) continue;
				for (const { id } of known) before.delete(id);
				looks.set(
					workload,
					known.map((look) => ({ ...look, outcome: "open" })),
				);
			}
		},
		isNeeded: () => [...looks.values()].some((known) => known.some(({ isSlow }) => isSlow)),
		snapshot() {
			const scans = lastScans();
			const found = new Map(now() - startedAt < UNCLAIMED_MS ? before : []);
			for (const { id, watch, outcome } of [...looks.values()].flat()) {
				const at = outcome === "unseen" ? before.get(id) : outcome === "settled" ? scans.get(watch) : undefined;
				if (at !== undefined) found.set(id, at);
			}
			const inOrder = [...found].sort(([id, at], [otherId, otherAt]) => at - otherAt || (id < otherId ? -1 : 1));
			return new Map(inOrder.slice(-LOOKS_KEPT_MAX));
		},
	};
}
