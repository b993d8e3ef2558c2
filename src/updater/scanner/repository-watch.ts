import type { Instant } from "../../domain/instant.ts";
import type { Log } from "../../domain/log.ts";
import type { Timers } from "../../http/timers.ts";
import type { Knowledge, KnownFacts } from "../decide/situation.ts";
import { type RepositoryKey, repositoryKey } from "../image-reference.ts";
import type { RegistryAnswer, RegistryClient, Repository } from "../image-registry/image-registry.ts";

/** `unchanged`: nobody need look at the knowledge again. */
export type Outcome = "changed" | "unchanged" | "failed";

/** What is known of one repository, and the looks at it. One scan at a time, and beside it one answer to questions. */
export interface RepositoryWatch {
	readonly name: RepositoryKey;
	/** Which tags alone are wanted; undefined among them stands for all. */
	want(onlyTags: readonly (string | undefined)[]): void;
	knowledge(): Knowledge;
	/** Puts questions that the next answer is about. */
	ask(tags: readonly string[]): void;
	hint(tag: string, digest: string | undefined): void;
	hasQuestions(): boolean;
	/** Asks what tags there are. */
	scan(signal: AbortSignal): Promise<Outcome>;
	/** Asks what is open, and what tags there are if that was never answered. */
	answer(signal: AbortSignal): Promise<Outcome>;
	lastScanAt(): Instant | undefined;
	size(): number;
}

/** Facts of so many tags are kept for each repository, the latest asked. */
const FACTS_MAX = 512;
/** Older facts are asked anew when they matter: a tag may point at something else by now. */
const FACTS_AGE_MS_MAX = 600_000;
/** Questions that wait for the next look. */
const QUESTIONS_MAX = 64;

export function createWatch(
	{ client, timers, log }: { readonly client: RegistryClient; readonly timers: Timers; readonly log: Log },
	repository: Repository,
): RepositoryWatch {
	const name = repositoryKey(repository);
	let wantsList = true;
	let onlyTags: readonly string[] = [];
	let tags: readonly string[] | undefined;
	let etag: string | undefined;
	let problem: string | undefined;
	let scannedAt: Instant | undefined;
	let facts: ReadonlyMap<string, KnownFacts> = new Map();
	let unanswered: ReadonlyMap<string, string> = new Map();
	/** Tag to the digest that a hint gave, if it did. */
	const questions = new Map<string, string | undefined>();
	/** A list that was made before these were pushed may lack them. */
	const learntMeanwhile = new Set<string>();
	let known: Knowledge | undefined;

	function learn(tag: string, fact: KnownFacts | undefined, why?: string): void {
		const kept = [...facts].filter(([one]) => one !== tag).slice(-FACTS_MAX + 1);
		facts = new Map(fact === undefined ? kept : [...kept, [tag, fact]]);
		const open = [...unanswered].filter(([one]) => one !== tag).slice(-FACTS_MAX + 1);
		unanswered = new Map(why === undefined ? open : [...open, [tag, why]]);
		if (fact !== undefined) learntMeanwhile.add(tag);
		if (fact !== undefined && !(tags ?? []).includes(tag)) tags = [...(tags ?? []), tag];
		known = undefined;
	}

	/** What is too old to be relied on is forgotten, so that whoever needs it asks. */
	function forgetOld(now: Instant): void {
		const fresh = [...facts].filter(([, { at }]) => now - at <= FACTS_AGE_MS_MAX);
		if (fresh.length < facts.size) facts = new Map(fresh);
		unanswered = new Map();
		known = undefined;
	}

	async function scan(signal: AbortSignal): Promise<Outcome> {
		forgetOld(timers.now());
		learntMeanwhile.clear();
		const hadProblem = problem !== undefined;
		const outcome = wantsList ? await scanList(signal) : await scanTags(signal);
		scannedAt = timers.now();
		known = undefined;
		return outcome === "unchanged" && hadProblem && problem === undefined ? "changed" : outcome;
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
				tags = listed;
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
		tags = there;
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
	async function answerQuestion(tag: string, hinted: string | undefined, signal: AbortSignal): Promise<void> {
		const answer = await client.facts(repository, tag, signal);
		const at = timers.now();
		if (answer.kind === "found") learn(tag, { ...answer.value, at });
		else if (answer.kind === "unreachable" && hinted !== undefined)
			learn(tag, { digest: hinted, createdAt: undefined, platforms: [], at });
		else if (answer.kind !== "unchanged") learn(tag, undefined, answer.detail);
	}

	return {
		name,
		want(wanted) {
			wantsList = wanted.includes(undefined);
			onlyTags = [...new Set(wanted.filter((tag) => tag !== undefined))];
		},
		knowledge() {
			if (known !== undefined) return known;
			if (tags === undefined) return problem === undefined ? { kind: "unknown" } : { kind: "problem", detail: problem };
			known = { kind: "known", tags, facts, unanswered, at: scannedAt ?? timers.now(), problem };
			return known;
		},
		ask(asked) {
			for (const tag of asked) if (questions.size < QUESTIONS_MAX && !questions.has(tag)) questions.set(tag, undefined);
		},
		hint(tag, digest) {
			if (questions.size < QUESTIONS_MAX) questions.set(tag, digest);
		},
		hasQuestions: () => questions.size > 0,
		scan,
		async answer(signal) {
			const asked = [...questions];
			questions.clear();
			const outcome = tags === undefined ? await scan(signal) : "unchanged";
			await Promise.all(asked.map(([tag, hinted]) => answerQuestion(tag, hinted, signal)));
			return asked.length > 0 ? "changed" : outcome;
		},
		lastScanAt: () => scannedAt,
		size: () => tags?.length ?? 0,
	};
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((text, index) => text === other[index]);
}
