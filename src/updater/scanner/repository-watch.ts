import type { Instant } from "../../domain/instant.ts";
import type { Log } from "../../domain/log.ts";
import type { Timers } from "../../http/timers.ts";
import type { Knowledge, KnownFacts } from "../decide/situation.ts";
import { type RepositoryKey, repositoryKey } from "../image-reference.ts";
import type { RegistryAnswer, RegistryClient, Repository } from "../image-registry/image-registry.ts";

/** `unchanged`: nobody need look at the knowledge again. */
export type Outcome = "changed" | "unchanged" | "failed";

/** What is known of one repository, and the looks at it. One that is due at a time, and beside it one for questions. */
export interface RepositoryWatch {
	readonly name: RepositoryKey;
	/** Which tags alone are wanted; undefined among them stands for all. */
	want(onlyTags: readonly (string | undefined)[]): void;
	/** More is wanted than the last look was about. */
	lacks(): boolean;
	knowledge(): Knowledge;
	/** Puts questions that the next look asks. */
	ask(tags: readonly string[]): void;
	hint(tag: string, digest: string | undefined): void;
	hasQuestions(): boolean;
	/** The last look, or a question since, went wrong in a way that another try may mend. */
	isTroubled(): boolean;
	/** Asks what is open, and with `isDue` what tags there are. */
	look(isDue: boolean, signal: AbortSignal): Promise<Outcome>;
	lastScanAt(): Instant | undefined;
	size(): number;
	/** Calls off what is planned. */
	stop(): void;
}

/** Why a tag's facts could not be had. */
interface Unanswered {
	readonly why: string;
	readonly at: Instant;
	/** The next look may go better: it is asked again then, and otherwise when facts are too old. */
	readonly passes: boolean;
}

/** Facts of so many tags are kept for each repository, the latest asked. */
const FACTS_MAX = 512;
/** Older facts are asked anew when they matter: a tag may point at something else by now. */
const FACTS_AGE_MS_MAX = 600_000;
/** Questions that wait for the next look. */
const QUESTIONS_MAX = 64;
/** A registry may show a tag a moment after it told of it: so long is waited before each further question. */
const HINT_PAUSES_MS = [1_000, 3_000, 10_000] as const;

interface Asked {
	/** A hint's, if it gave one. */
	readonly digest?: string | undefined;
	/** How often a hinted tag was asked about; undefined when nobody hinted at it. */
	readonly tries?: number;
}

interface WatchPorts {
	readonly client: RegistryClient;
	readonly timers: Timers;
	readonly log: Log;
	/** There is a question to ask. */
	readonly look: () => void;
}

export function createWatch({ client, timers, log, look }: WatchPorts, repository: Repository): RepositoryWatch {
	const name = repositoryKey(repository);
	let wantsList = true;
	let onlyTags: readonly string[] = [];
	let tags: readonly string[] | undefined;
	let etag: string | undefined;
	let problem: string | undefined;
	let scannedAt: Instant | undefined;
	let lacks = false;
	let facts: ReadonlyMap<string, KnownFacts> = new Map();
	let unanswered: ReadonlyMap<string, Unanswered> = new Map();
	const questions = new Map<string, Asked>();
	/** Hinted tags that are asked about again, each with what calls that off. */
	const again = new Map<string, () => void>();
	/** A list that was made before these were pushed may lack them. */
	const learntMeanwhile = new Set<string>();
	let known: Knowledge | undefined;

	function learn(tag: string, fact: KnownFacts | undefined, open?: Unanswered): void {
		const kept = [...facts].filter(([one]) => one !== tag).slice(-FACTS_MAX + 1);
		facts = new Map(fact === undefined ? kept : [...kept, [tag, fact]]);
		const others = [...unanswered].filter(([one]) => one !== tag).slice(-FACTS_MAX + 1);
		unanswered = new Map(open === undefined ? others : [...others, [tag, open]]);
		if (fact !== undefined) learntMeanwhile.add(tag);
		if (fact !== undefined && !(tags ?? []).includes(tag)) tags = [...(tags ?? []), tag];
		known = undefined;
	}

	/** What is too old to be relied on is forgotten, so that whoever needs it asks. True when a question is open again. */
	function forgetOld(now: Instant): boolean {
		const fresh = [...facts].filter(([, { at }]) => now - at <= FACTS_AGE_MS_MAX);
		const lasting = [...unanswered].filter(([, { at, passes }]) => !passes && now - at <= FACTS_AGE_MS_MAX);
		const isOpenAgain = lasting.length < unanswered.size || fresh.length < facts.size;
		facts = new Map(fresh);
		unanswered = new Map(lasting);
		known = undefined;
		return isOpenAgain;
	}

	async function scan(signal: AbortSignal): Promise<Outcome> {
		const hadProblem = problem !== undefined;
		lacks = false;
		learntMeanwhile.clear();
		const outcome = wantsList ? await scanBoth(signal) : await scanTags(signal);
		scannedAt = timers.now();
		known = undefined;
		const isWellAgain = hadProblem && problem === undefined;
		if (isWellAgain) unanswered = new Map();
		return outcome === "unchanged" && isWellAgain ? "changed" : outcome;
	}

	/** The list, and of those tags that are wanted alone what they point at, where that is known: whoever lacks it asks. */
	async function scanBoth(signal: AbortSignal): Promise<Outcome> {
		const before = problem;
		const outcome = await scanList(signal);
		if (problem !== undefined) return outcome;
		let isMoved = false;
		for (const tag of onlyTags) {
			const fact = facts.get(tag);
			if (fact === undefined || !(tags ?? []).includes(tag)) continue;
			const answer = await client.digest(repository, tag, signal);
			if (answer.kind === "found" && facts.get(tag)?.digest !== answer.value) {
				learn(tag, undefined);
				isMoved = true;
			} else if (answer.kind !== "found" && answer.kind !== "unchanged" && answer.kind !== "missing") {
				// What was told the last time is not told again.
				problem = before;
				return failed(answer);
			}
		}
		return isMoved ? "changed" : outcome;
	}

	async function scanList(signal: AbortSignal): Promise<Outcome> {
		const answer = await client.tags(repository, tags === undefined ? undefined : etag, signal);
		switch (answer.kind) {
			case "unchanged":
				problem = undefined;
				return "unchanged";
			case "found": {
				const listed = [...new Set([...answer.value, ...learntMeanwhile])];
				const isSame = tags !== undefined && sameTexts(tags, listed);
				// The same list once more is forgotten while it is young: thousands of tags need not grow old each minute.
				if (!isSame) tags = listed;
				etag = answer.etag;
				problem = undefined;
				return isSame ? "unchanged" : "changed";
			}
			default:
				return failed(answer);
		}
	}

	/** With one request a tag: its facts are only asked for when it points at something else. */
	async function scanTags(signal: AbortSignal): Promise<Outcome> {
		let outcome: Outcome = tags === undefined ? "changed" : "unchanged";
		const there: string[] = [];
		for (const tag of onlyTags) {
			const answer = await client.digest(repository, tag, signal);
			if (answer.kind === "unchanged") continue;
			if (answer.kind === "found") {
				there.push(tag);
				const fact = facts.get(tag);
				if (fact?.digest === answer.value) continue;
				learn(tag, undefined);
				outcome = "changed";
			} else if (answer.kind !== "missing") return failed(answer);
		}
		if (tags !== undefined && !sameTexts(tags, there)) outcome = "changed";
		tags = there;
		etag = undefined;
		problem = undefined;
		return outcome;
	}

	function failed(answer: Exclude<RegistryAnswer<unknown>, { kind: "found" | "unchanged" }>): "failed" | "unchanged" {
		const isNew = problem !== answer.detail;
		problem = answer.detail;
		if (isNew)
			log.warn({ repository: name, kind: answer.kind, detail: answer.detail }, "a repository could not be looked at");
		return isNew ? "failed" : "unchanged";
	}

	/** The registry has the last word; a hint that gave a digest is believed when the registry cannot be reached. */
	async function answerQuestion(tag: string, asked: Asked, signal: AbortSignal): Promise<void> {
		const hinted = asked.digest;
		const answer = await client.facts(repository, tag, signal);
		const at = timers.now();
		if (answer.kind === "missing" && !signal.aborted) askAgain(tag, asked);
		if (answer.kind === "found") learn(tag, { ...answer.value, at });
		else if (answer.kind === "unreachable" && hinted !== undefined)
			learn(tag, { digest: hinted, createdAt: undefined, platforms: [], isHearsay: true, at });
		else if (answer.kind !== "unchanged") {
			const passes = answer.kind === "throttled" || answer.kind === "unreachable";
			learn(tag, undefined, { why: answer.detail, at, passes });
		}
	}

	function askAgain(tag: string, { digest, tries }: Asked): void {
		const pauseMs = tries === undefined ? undefined : HINT_PAUSES_MS[tries];
		if (tries === undefined || pauseMs === undefined || again.size >= QUESTIONS_MAX) return;
		again.get(tag)?.();
		const cancel = timers.after(pauseMs, () => {
			again.delete(tag);
			if (questions.size < QUESTIONS_MAX) questions.set(tag, { digest, tries: tries + 1 });
			look();
		});
		again.set(tag, cancel);
	}

	return {
		name,
		want(wanted) {
			const before = { wantsList, onlyTags };
			wantsList = wanted.includes(undefined);
			onlyTags = [...new Set(wanted.filter((tag) => tag !== undefined))];
			if (scannedAt === undefined || before.wantsList) return;
			lacks ||= wantsList || onlyTags.some((tag) => !before.onlyTags.includes(tag));
		},
		lacks: () => lacks,
		knowledge() {
			if (known !== undefined) return known;
			if (tags === undefined) return problem === undefined ? { kind: "unknown" } : { kind: "problem", detail: problem };
			const why = new Map([...unanswered].map(([tag, open]) => [tag, open.why]));
			known = { kind: "known", tags, facts, unanswered: why, at: scannedAt ?? timers.now(), problem };
			return known;
		},
		ask(asked) {
			for (const tag of asked) if (questions.size < QUESTIONS_MAX && !questions.has(tag)) questions.set(tag, {});
		},
		hint(tag, digest) {
			if (questions.size < QUESTIONS_MAX) questions.set(tag, { digest, tries: 0 });
		},
		hasQuestions: () => questions.size > 0,
		isTroubled: () => problem !== undefined || [...unanswered.values()].some(({ passes }) => passes),
		async look(isDue, signal) {
			const asked = [...questions];
			questions.clear();
			let outcome: Outcome = "unchanged";
			let isOpenAgain = false;
			if (isDue || tags === undefined) {
				isOpenAgain = forgetOld(timers.now());
				outcome = await scan(signal);
			}
			await Promise.all(asked.map(([tag, question]) => answerQuestion(tag, question, signal)));
			return asked.length > 0 || (isOpenAgain && outcome === "unchanged") ? "changed" : outcome;
		},
		lastScanAt: () => scannedAt,
		size: () => tags?.length ?? 0,
		stop() {
			for (const cancel of again.values()) cancel();
			again.clear();
		},
	};
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((text, index) => text === other[index]);
}
