import { messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import type { Log } from "../../domain/log.ts";
import type { Timers } from "../../http/timers.ts";
import type { Knowledge } from "../decide/situation.ts";
import type { RegistryClient, Repository } from "../image-registry/image-registry.ts";
import { nextAfter, type Schedule } from "../schedule.ts";
import { createWatch, type Outcome, type RepositoryWatch } from "./repository-watch.ts";
import type { WatchKey } from "./watch-key.ts";

/** What one subscriber wants of one repository. */
export interface Wanted {
	readonly key: WatchKey;
	readonly repository: Repository;
	/** Undefined: it is not polled; hints alone lead to a look, and the first want. */
	readonly schedule: Schedule | undefined;
	readonly timeZone: string | undefined;
	/** Only what this tag points at; undefined when all tags are wanted. */
	readonly onlyTag: string | undefined;
	/** When the registry was last asked about this by whoever worked before us: it is not asked again before it is due. */
	readonly lastScanAt: Instant | undefined;
}

/** What the scanner reaches the world by. */
export interface ScannerPorts {
	readonly client: RegistryClient;
	readonly timers: Timers;
	/** From 0 to 1: spreads looks out. */
	readonly random: () => number;
	readonly log: Log;
	/** Something is known of the repository that was not before. */
	changed(subscribers: readonly string[]): void;
	scanned(outcome: Outcome, tags: number): void;
}

/**
 * Looks after repositories: one look serves all who want it, however many they are.
 *
 * Guarantees: at most `LOOKS_MAX` scans at once, and as many answers to questions, which wait for no scan; a repository is
 * scanned again when the earliest of its schedules says so, and in ten minutes at the latest when something went wrong, spread
 * by up to a tenth of the interval; what nobody wants any more is forgotten, with its timer.
 */
export interface Scanner {
	/** All that the subscriber wants from now on; nothing lets it go. */
	want(subscriber: string, wanted: readonly Wanted[]): void;
	knowledge(key: WatchKey): Knowledge;
	/** Has the facts of these tags looked up; `changed` tells when they are there. */
	ask(key: WatchKey, tags: readonly string[]): void;
	/** Somebody says that the tag was pushed. The number of repositories that it concerns. */
	hint(hint: { readonly repository: string; readonly tag: string; readonly digest?: string | undefined }): number;
	/** When each was looked at last, those apart that are being looked at: what comes of that is not known yet. */
	lastScans(): ReadonlyMap<WatchKey, Instant>;
	/** Of all repositories together, as of their last looks. */
	tagsSeen(): number;
	stop(): void;
}

/** Scans at once, and as many answers, over all registries; the client bounds them for each. */
const LOOKS_MAX = 16;
/** A part of the interval by which looks are spread out. */
const SPREAD = 0.1;
const SPREAD_MS_MAX = 60_000;
/** What a schedule would leave as it is for hours, or for ever, is tried again by then; with its spread in ten minutes. */
const TROUBLED_MS = 540_000;
/** What failed for another reason than the registry's is not tried again sooner. */
const FAILED_MS = 60_000;

export function createScanner(ports: ScannerPorts): Scanner {
	const { client, timers, random, log } = ports;
	const watches = new Map<WatchKey, Held>();
	const stopped = new AbortController();

	interface Held {
		readonly watch: RepositoryWatch;
		/** All that each wants of it: several images of a workload may be of one repository. */
		readonly subscribers: Map<string, readonly Wanted[]>;
		cancel: () => void;
		/** A scan is under way or waits for its turn. */
		isScanned: boolean;
		/** The same of answers to questions. */
		isAnswered: boolean;
	}

	function due(held: Held): Instant | undefined {
		if (held.watch.lacks()) return timers.now();
		const last = held.watch.lastScanAt();
		const times = [...held.subscribers.values()].flat().flatMap(({ schedule, timeZone, lastScanAt }) => {
			const since = last ?? lastScanAt;
			if (since === undefined) return [timers.now()];
			const next = schedule === undefined ? undefined : nextAfter(schedule, since, timeZone);
			return next === undefined ? [] : [next];
		});
		if (last !== undefined && held.watch.isTroubled()) times.push(last + TROUBLED_MS);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	function plan(held: Held, leastMs = 0): void {
		held.cancel();
		// Nobody may want it any more by the time that a look at it has ended.
		const at = held.subscribers.size === 0 ? undefined : due(held);
		if (at === undefined || held.isScanned || stopped.signal.aborted) return;
		const waitMs = Math.max(leastMs, at - timers.now());
		const spreadMs = random() * Math.min(SPREAD_MS_MAX, waitMs * SPREAD);
		held.cancel = timers.after(waitMs + spreadMs, () => {
			held.isScanned = true;
			scans.add(held);
		});
	}

	/** Whether or not the repository is being scanned: whoever asks does not wait for that. */
	function answer(held: Held): void {
		if (held.isAnswered) return;
		held.isAnswered = true;
		answers.add(held);
	}

	const scans = lane<Held>(LOOKS_MAX, async (held) => {
		const outcome = await looked(held, () => held.watch.look(true, stopped.signal));
		if (outcome !== undefined) ports.scanned(outcome, held.watch.size());
		held.isScanned = false;
		plan(held, outcome === undefined ? FAILED_MS : 0);
	});
	const answers = lane<Held>(LOOKS_MAX, async (held) => {
		const outcome = await looked(held, () => held.watch.look(false, stopped.signal));
		held.isAnswered = false;
		if (held.watch.hasQuestions()) answer(held);
		plan(held, outcome === undefined ? FAILED_MS : 0);
	});

	/** Undefined when nothing came of it. */
	async function looked(held: Held, look: () => Promise<Outcome>): Promise<Outcome | undefined> {
		try {
			const outcome = await look();
			if (stopped.signal.aborted) return undefined;
			if (outcome !== "unchanged") ports.changed([...held.subscribers.keys()]);
			return outcome;
		} catch (thrown) {
			log.error({ repository: held.watch.name, err: messageOf(thrown) }, "looking at a repository failed");
			return undefined;
		}
	}

	return {
		want(subscriber, wanted) {
			const byKey = Map.groupBy(wanted, ({ key }) => key);
			for (const [key, held] of watches) {
				if (byKey.has(key) || !held.subscribers.delete(subscriber)) continue;
				if (held.subscribers.size > 0) continue;
				held.cancel();
				held.watch.stop();
				watches.delete(key);
			}
			for (const [key, ones] of byKey) {
				const [first] = ones;
				if (first === undefined) continue;
				const known = watches.get(key);
				const held: Held = known ?? {
					watch: createWatch({ client, timers, log, look: () => answer(held) }, first.repository),
					subscribers: new Map(),
					cancel: () => {},
					isScanned: false,
					isAnswered: false,
				};
				watches.set(key, held);
				const before = held.subscribers.get(subscriber);
				if (before !== undefined && areSame(before, ones)) continue;
				held.subscribers.set(subscriber, ones);
				held.watch.want([...held.subscribers.values()].flat().map(({ onlyTag }) => onlyTag));
				plan(held);
			}
		},
		knowledge: (key) => watches.get(key)?.watch.knowledge() ?? { kind: "unknown" },
		ask(key, tags) {
			const held = watches.get(key);
			if (held === undefined) return;
			held.watch.ask(tags);
			answer(held);
		},
		hint({ repository, tag, digest }) {
			const concerned = [...watches.values()].filter(({ watch }) => watch.name === repository);
			for (const held of concerned) {
				held.watch.hint(tag, digest);
				answer(held);
			}
			return concerned.length;
		},
		lastScans: () =>
			new Map(
				[...watches].flatMap(([key, { watch, isScanned }]) => {
					const at = isScanned ? undefined : watch.lastScanAt();
					return at === undefined ? [] : [[key, at] as const];
				}),
			),
		tagsSeen: () => [...watches.values()].reduce((sum, { watch }) => sum + watch.size(), 0),
		stop() {
			stopped.abort();
			for (const { cancel, watch } of watches.values()) {
				cancel();
				watch.stop();
			}
			watches.clear();
			scans.clear();
			answers.clear();
		},
	};
}

/** Works on what is added, each once, in order of arrival and so many at a time. */
function lane<T>(most: number, work: (one: T) => Promise<void>) {
	const waiting = new Set<T>();
	let working = 0;
	const start = () => {
		for (const one of waiting) {
			if (working >= most) return;
			waiting.delete(one);
			working += 1;
			void work(one).finally(() => {
				working -= 1;
				start();
			});
		}
	};
	return {
		add(one: T) {
			waiting.add(one);
			start();
		},
		clear: () => waiting.clear(),
	};
}

function areSame(ones: readonly Wanted[], others: readonly Wanted[]): boolean {
	return ones.length === others.length && ones.every((one, index) => isSame(one, others[index] ?? one));
}

function isSame(one: Wanted, other: Wanted): boolean {
	const { schedule, timeZone, onlyTag } = one;
	return (
		JSON.stringify(schedule) === JSON.stringify(other.schedule) &&
		timeZone === other.timeZone &&
		onlyTag === other.onlyTag &&
		// When was looked is only told apart from never: what is not known any more is looked at at once.
		(one.lastScanAt === undefined) === (other.lastScanAt === undefined)
	);
}
