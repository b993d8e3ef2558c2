import { messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import type { Log } from "../../domain/log.ts";
import type { Timers } from "../../http/timers.ts";
import type { Knowledge } from "../decide/situation.ts";
import type { RegistryClient, Repository } from "../image-registry/image-registry.ts";
import { nextAfter, type Schedule } from "../schedule.ts";
import { createWatch, type RepositoryWatch } from "./repository-watch.ts";
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
	scanned(outcome: "changed" | "unchanged" | "failed", tags: number): void;
}

/**
 * Looks after repositories: one look serves all who want it, however many they are.
 *
 * Guarantees: at most `LOOKS_MAX` looks at once, and `QUESTION_LOOKS_MAX` more for questions, which wait for no poll; a
 * repository is looked at again when the earliest of its schedules says so, spread by up to a tenth of the interval; what
 * nobody wants any more is forgotten, with its timer.
 */
export interface Scanner {
	/** All that the subscriber wants from now on; nothing lets it go. */
	want(subscriber: string, wanted: readonly Wanted[]): void;
	knowledge(key: WatchKey): Knowledge;
	/** Has the facts of these tags looked up; `changed` tells when they are there. */
	ask(key: WatchKey, tags: readonly string[]): void;
	/** Somebody says that the tag was pushed. The number of repositories that it concerns. */
	hint(hint: { readonly repository: string; readonly tag: string; readonly digest?: string | undefined }): number;
	/** Keys and times of the last look, for whoever works after us. */
	lastScans(): ReadonlyMap<WatchKey, Instant>;
	stop(): void;
}

/** Looks at once, over all registries; the client bounds them for each. */
const LOOKS_MAX = 16;
/** Beside those, so that what somebody waits for is not behind what is looked at each minute. */
const QUESTION_LOOKS_MAX = 16;
/** A part of the interval by which looks are spread out. */
const SPREAD = 0.1;
const SPREAD_MS_MAX = 60_000;

export function createScanner(ports: ScannerPorts): Scanner {
	const { client, timers, random, log } = ports;
	const watches = new Map<WatchKey, Held>();
	const stopped = new AbortController();
	let looking = 0;
	const waiting = new Set<Held>();
	/** Those that wait with a question. */
	const asked = new Set<Held>();

	interface Held {
		readonly watch: RepositoryWatch;
		readonly subscribers: Map<string, Wanted>;
		cancel: () => void;
		/** A look is under way or waits for its turn. */
		isBusy: boolean;
		/** Something else was wanted meanwhile. */
		again: boolean;
	}

	function due(held: Held): Instant | undefined {
		const last = held.watch.lastScanAt();
		const times = [...held.subscribers.values()].flatMap(({ schedule, timeZone, lastScanAt }) => {
			const since = last ?? lastScanAt;
			if (since === undefined) return [timers.now()];
			const next = schedule === undefined ? undefined : nextAfter(schedule, since, timeZone);
			return next === undefined ? [] : [next];
		});
		return times.length === 0 ? undefined : Math.min(...times);
	}

	function plan(held: Held): void {
		held.cancel();
		const at = due(held);
		if (at === undefined || stopped.signal.aborted) return;
		const waitMs = Math.max(0, at - timers.now());
		const spreadMs = random() * Math.min(SPREAD_MS_MAX, waitMs * SPREAD);
		held.cancel = timers.after(waitMs + spreadMs, () => look(held));
	}

	function look(held: Held): void {
		if (held.isBusy) held.again = true;
		else waiting.add(held);
		held.isBusy = true;
		if (held.watch.hasQuestions() && waiting.delete(held)) asked.add(held);
		start();
	}

	function next(): Held | undefined {
		const [questioned] = looking < LOOKS_MAX + QUESTION_LOOKS_MAX ? asked : [];
		const [due] = looking < LOOKS_MAX ? waiting : [];
		const held = questioned ?? due;
		if (held !== undefined && !asked.delete(held)) waiting.delete(held);
		return held;
	}

	function start(): void {
		for (let held = next(); held !== undefined; held = next()) {
			looking += 1;
			void work(held).finally(() => {
				looking -= 1;
				start();
			});
		}
	}

	async function work(held: Held): Promise<void> {
		try {
			// What is due is looked at right after the questions.
			const isDue = !held.watch.hasQuestions() && (due(held) ?? Number.POSITIVE_INFINITY) <= timers.now();
			const outcome = await held.watch.look(isDue, stopped.signal);
			if (stopped.signal.aborted) return;
			if (isDue) ports.scanned(outcome, held.watch.size());
			if (outcome !== "unchanged") ports.changed([...held.subscribers.keys()]);
		} catch (thrown) {
			log.error({ repository: held.watch.name, err: messageOf(thrown) }, "looking at a repository failed");
		}
		held.isBusy = false;
		if (held.again || held.watch.hasQuestions()) {
			held.again = false;
			look(held);
		} else plan(held);
	}

	return {
		want(subscriber, wanted) {
			const keys = new Set(wanted.map(({ key }) => key));
			for (const [key, held] of watches) {
				if (keys.has(key) || !held.subscribers.delete(subscriber)) continue;
				if (held.subscribers.size > 0) continue;
				held.cancel();
				watches.delete(key);
			}
			for (const one of wanted) {
				const known = watches.get(one.key);
				const held: Held = known ?? {
					watch: createWatch({ client, timers, log }, one.repository),
					subscribers: new Map(),
					cancel: () => {},
					isBusy: false,
					again: false,
				};
				watches.set(one.key, held);
				const before = held.subscribers.get(subscriber);
				if (before !== undefined && isSame(before, one)) continue;
				held.subscribers.set(subscriber, one);
				held.watch.want([...held.subscribers.values()].map(({ onlyTag }) => onlyTag));
				if (!held.isBusy) plan(held);
			}
		},
		knowledge: (key) => watches.get(key)?.watch.knowledge() ?? { kind: "unknown" },
		ask(key, tags) {
			const held = watches.get(key);
			if (held === undefined) return;
			held.watch.ask(tags);
			look(held);
		},
		hint({ repository, tag, digest }) {
			const concerned = [...watches.values()].filter(({ watch }) => watch.name === repository);
			for (const held of concerned) {
				held.watch.hint(tag, digest);
				look(held);
			}
			return concerned.length;
		},
		lastScans: () =>
			new Map(
				[...watches].flatMap(([key, { watch }]) => {
					const at = watch.lastScanAt();
					return at === undefined ? [] : [[key, at] as const];
				}),
			),
		stop() {
			stopped.abort();
			for (const { cancel } of watches.values()) cancel();
			watches.clear();
			waiting.clear();
			asked.clear();
		},
	};
}

function isSame(one: Wanted, other: Wanted): boolean {
	const { schedule, timeZone, onlyTag } = one;
	return (
		JSON.stringify(schedule) === JSON.stringify(other.schedule) &&
		timeZone === other.timeZone &&
		onlyTag === other.onlyTag
	);
}
