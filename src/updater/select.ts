import type { Instant } from "../domain/instant.ts";
import { isTag } from "./image-reference.ts";
import type { TagFacts } from "./image-registry/image-registry.ts";
import { policyOf } from "./policies/registry.ts";
import type { Candidate, PolicySettings } from "./policies/tag-policy.ts";
import type { PolicyType, UpdateRule } from "./rule.ts";
import { Foremost, PASSED_OVER_MAX, type PassedOver, type RankedTags, rankTags } from "./selection/rank-tags.ts";
import { type BarredTag, barredWhy, unsuitable } from "./selection/suits.ts";
import { currentCandidate, globMatches, readFilter } from "./selection/tag-filter.ts";

export type { PassedOver } from "./selection/rank-tags.ts";
export type { BarredTag } from "./selection/suits.ts";

/** Everything that a choice depends on. */
export interface SelectionInput {
	readonly rule: UpdateRule;
	/** What serves now: for a Canary's target, the image of its primary. */
	readonly current: {
		readonly tag: string | undefined;
		readonly digest: string | undefined;
		readonly createdAt?: Instant | undefined;
	};
	/** As the registry lists them, in any order. */
	readonly tags: readonly string[];
	/** By tag, as far as known. */
	readonly facts: ReadonlyMap<string, TagFacts>;
	/** Tags whose facts the registry did not give, and why not. */
	readonly unanswered?: ReadonlyMap<string, string> | undefined;
	readonly barred: readonly BarredTag[];
	/** What `nodes` means in the rule; when empty, platforms are not asked for. */
	readonly nodePlatforms: readonly string[];
	readonly now: Instant;
}

/** `why` is a sentence without its first capital and its full stop; `passedOver` has at most ten, the best first. */
export type Selection =
	| {
			readonly kind: "keep";
			readonly why: string;
			readonly passedOver: readonly PassedOver[];
			/** When time alone may change the answer. */
			readonly lookAgainAt?: Instant | undefined;
	  }
	| {
			readonly kind: "update";
			readonly tag: string;
			readonly digest: string;
			readonly why: string;
			readonly passedOver: readonly PassedOver[];
			readonly lookAgainAt?: Instant | undefined;
	  }
	/** Facts of these tags must be known first; ask, and select again. */
	| { readonly kind: "ask"; readonly tags: readonly string[] };

/** Tags that are asked about at a time. */
export const FACTS_MAX = 20;
/** Tags that a policy may need facts of before it can choose: more is a filter that is missing. */
export const UNKNOWN_MAX = 500;

/**
 * Which tag the rule chooses. Pure, and quick for 10,000s of tags.
 *
 * Flow: what cannot be read is told; tags are filtered, then judged by the policy; from the best to the worst, the first that
 * is not barred and suits the rule is the answer. Facts are asked for only of those the walk comes to.
 *
 * Guarantees: the order of tags never matters; asking ends, as every tag that was asked for is either in `facts` or in
 * `unanswered` the next time.
 */
export function select(input: SelectionInput): Selection {
	const read = candidatesOf(input.rule, input.current.tag, input.tags);
	if (!read.ok) return { kind: "keep", why: read.problem, passedOver: [] };
	if (isUnversioned(input)) return { kind: "keep", why: UNVERSIONED, passedOver: [] };
	const known = input.facts;
	const candidates = read.candidates.map((candidate) => withFacts(candidate, known.get(candidate.tag)));
	const current = read.current && { ...read.current, digest: input.current.digest, createdAt: builtAt(input) };
	const { policy, settings } = input.rule;
	const ranked = rankTags({ policy, settings, candidates, current });
	return beforeRanking(ranked, input) ?? walk(ranked, input, read.passedOver);
}

/** Policies that go on from the version that serves. */
const FROM_VERSION: ReadonlySet<PolicyType> = new Set(["all", "major", "minor", "patch"]);
const UNVERSIONED = "the image is written by its digest alone, which says no version; write a tag before it";

/** Without a tag and without a digest it is `latest`; a digest may be of any version, and what is newest may be older. */
function isUnversioned({ rule, current }: SelectionInput): boolean {
	return current.tag === undefined && current.digest !== undefined && FROM_VERSION.has(rule.policy);
}

/** What a policy chooses of tags by their names alone, for tables and explanations. */
export function chooseAmong(
	policy: PolicyType,
	settings: PolicySettings,
	currentTag: string | undefined,
	tags: readonly string[],
): { readonly tag?: string; readonly why: string; readonly passedOver: readonly PassedOver[] } {
	const read = candidatesOf({ policy, settings, filter: undefined, ignoreTags: [] }, currentTag, tags);
	if (!read.ok) return { why: read.problem, passedOver: [] };
	const ranked = rankTags({ policy, settings, ...read });
	const { unknown, passedOver } = ranked;
	const [best] = ranked.eligible;
	if (best !== undefined && best.tag !== currentTag)
		return { tag: best.tag, why: whyChosen(best.tag, currentTag, policy), passedOver };
	if (unknown.length > 0) return { why: `${policy} needs more than names to choose`, passedOver };
	return { why: whyKept(ranked, { policy, currentTag }, []), passedOver };
}

type ReadCandidates =
	| {
			readonly ok: true;
			readonly candidates: readonly Candidate[];
			readonly current: Candidate | undefined;
			/** Those that never came before the policy. */
			readonly passedOver: readonly PassedOver[];
	  }
	| { readonly ok: false; readonly problem: string };

function candidatesOf(
	rule: Pick<UpdateRule, "policy" | "settings" | "filter" | "ignoreTags">,
	currentTag: string | undefined,
	tags: readonly string[],
): ReadCandidates {
	const filter = readFilter(rule.filter);
	const problems = [...policyOf(rule.policy).problems(rule.settings), ...(filter.ok ? [] : [filter.problem])];
	if (!filter.ok || problems.length > 0) return { ok: false, problem: problems.join("; ") };
	const candidates: Candidate[] = [];
	const passedOver = new Foremost();
	const considered = looksAtContent(rule) ? tags.filter((tag) => tag === currentTag) : tags;
	for (const tag of new Set(considered)) {
		if (!isTag(tag)) continue;
		const ignoring = rule.ignoreTags.find((glob) => globMatches(glob, tag));
		const text = filter.extract(tag);
		if (ignoring !== undefined) passedOver.add({ tag, text: tag }, `is ignored by ${ignoring}`);
		else if (text === undefined) passedOver.add({ tag, text: tag }, "does not match the filter");
		else candidates.push({ tag, text });
	}
	return {
		ok: true,
		candidates,
		current: currentTag === undefined ? undefined : currentCandidate(currentTag, filter.extract),
		passedOver: passedOver.list(),
	};
}

function withFacts(candidate: Candidate, facts: TagFacts | undefined): Candidate {
	return facts === undefined ? candidate : { ...candidate, digest: facts.digest, createdAt: facts.createdAt };
}

/** When what serves was built: as told, or as the registry says of its tag. */
function builtAt({ current, facts }: SelectionInput): Instant | undefined {
	return current.createdAt ?? (current.tag === undefined ? undefined : facts.get(current.tag)?.createdAt);
}

/** Only the content of the current tag counts. */
export function looksAtContent({ policy, settings }: Pick<UpdateRule, "policy" | "settings">): boolean {
	return policy === "digest" || (policy === "force" && settings.sameTag === true);
}

/** What the policy must know before it can rank at all; nothing when that is known, or never will be. */
function beforeRanking(
	{ unknown }: RankedTags,
	{ rule, current, facts, unanswered }: SelectionInput,
): Selection | undefined {
	const keep = (why: string): Selection => ({ kind: "keep", why, passedOver: [] });
	if (unknown.length > UNKNOWN_MAX)
		return keep(
			`${rule.policy} would have to ask about ${unknown.length} tags, more than ${UNKNOWN_MAX}; narrow them with a filter`,
		);
	const open = unknown.map(({ tag }) => tag).filter((tag) => !facts.has(tag) && unanswered?.has(tag) !== true);
	if (open.length > 0) return { kind: "ask", tags: open.slice(0, FACTS_MAX) };
	// Without the current image's date everything would look newer.
	const ofCurrent = current.tag !== undefined && !facts.has(current.tag) ? unanswered?.get(current.tag) : undefined;
	return ofCurrent !== undefined && unknown.some(({ tag }) => tag === current.tag)
		? keep(`the current tag ${current.tag} ${ofCurrent}`)
		: undefined;
}

/** From the best to the worst, until one suits. */
function walk(ranked: RankedTags, input: SelectionInput, filtered: readonly PassedOver[]): Selection {
	const { rule, current, facts, unanswered, barred } = input;
	const walked: PassedOver[] = ranked.unknown.map(({ tag }) => ({
		tag,
		why: (facts.has(tag) ? undefined : unanswered?.get(tag)) ?? "does not say when it was built",
	}));
	let lookAgainAt: Instant | undefined;
	const rest = () => ({
		passedOver: [...walked, ...ranked.passedOver, ...filtered].slice(0, PASSED_OVER_MAX),
		lookAgainAt,
	});
	for (const [at, { tag }] of ranked.eligible.entries()) {
		const known = facts.get(tag);
		const hindrance = barredWhy(barred, tag, known?.digest) ?? (known === undefined ? unanswered?.get(tag) : undefined);
		if (hindrance !== undefined) {
			walked.push({ tag, why: hindrance });
			continue;
		}
		if (tag === current.tag && !looksAtContent(rule)) break;
		if (known === undefined)
			return { kind: "ask", tags: nextUnknown(ranked.eligible.slice(at), walked.length + 1, input) };
		const unsuited = unsuitable(known, input);
		if (unsuited === undefined) {
			const { digest } = known;
			return { kind: "update", tag, digest, why: whyChosen(tag, current.tag, rule.policy), ...rest() };
		}
		walked.push({ tag, why: unsuited.why });
		lookAgainAt = earlier(lookAgainAt, unsuited.lookAgainAt);
	}
	return { kind: "keep", why: whyKept(ranked, { policy: rule.policy, currentTag: current.tag }, walked), ...rest() };
}

/** The more were passed over for what was learnt of them, the more are asked about at once. */
function nextUnknown(
	candidates: readonly Candidate[],
	count: number,
	{ current, facts, unanswered, barred }: SelectionInput,
): readonly string[] {
	const tags: string[] = [];
	for (const { tag } of candidates) {
		if (tags.length === Math.min(count, FACTS_MAX) || tag === current.tag) break;
		const isOpen = !facts.has(tag) && unanswered?.has(tag) !== true;
		if (isOpen && barredWhy(barred, tag, undefined) === undefined) tags.push(tag);
	}
	return tags;
}

function earlier(one: Instant | undefined, other: Instant | undefined): Instant | undefined {
	return one === undefined || (other !== undefined && other < one) ? other : one;
}

function whyChosen(tag: string, currentTag: string | undefined, policy: PolicyType): string {
	if (tag === currentTag) return `${tag} has new content`;
	return currentTag === undefined ? `${policy} chooses ${tag}` : `${policy} chooses ${tag} after ${currentTag}`;
}

function whyKept(
	{ ofCurrent }: RankedTags,
	{ policy, currentTag }: { readonly policy: PolicyType; readonly currentTag: string | undefined },
	[first]: readonly PassedOver[],
): string {
	if (policy === "never") return "the policy is never";
	if (first !== undefined) return `${first.tag} ${first.why}`;
	if (policy === "digest" && ofCurrent !== undefined) return `${currentTag} ${ofCurrent}`;
	return currentTag === undefined ? `${policy} finds no tag` : `${policy} finds nothing after ${currentTag}`;
}
