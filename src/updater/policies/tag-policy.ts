import type { Instant } from "../../domain/instant.ts";

/** A tag that may be chosen. */
export interface Candidate {
	/** As the registry has it, and as it is written into the workload. */
	readonly tag: string;
	/** What policies read: the tag, or what the rule's pattern extracts of it. */
	readonly text: string;
	/** Of the image's configuration; undefined when unknown. Only policies that rank by it may need it. */
	readonly createdAt?: Instant | undefined;
	/** What the tag points at; undefined when unknown. */
	readonly digest?: string | undefined;
}

/** How a candidate fares. Ranks of one policy compare by its `compare`. */
export type Judgement<Rank> =
	| { readonly kind: "eligible"; readonly rank: Rank }
	/** Why not, as the end of "1.3.0 …": "is not newer than 1.4.0", "is a prerelease". At most some 100 characters. */
	| { readonly kind: "passedOver"; readonly why: string }
	/** It passed what its name can tell; this must be known of it, or of the current tag, before more can be said. */
	| { readonly kind: "unknown"; readonly fact: "createdAt" | "digest" };

/** What policies may be told beside their type; each reads its own and none other's. */
export interface PolicySettings {
	/** semver: a range such as `>=1.4 <2`. */
	readonly range?: string | undefined;
	/** glob and regexp: the pattern. */
	readonly pattern?: string | undefined;
	/** calver: the format, such as `YYYY.0M.0D`. */
	readonly format?: string | undefined;
	/**
	 * Of versions. `same`: the text behind the dash must be the current one's, to the letter (keel's matchPreRelease: true), and
	 * what is meant when absent; `none`: never a prerelease; `any`: prereleases as well as releases; any other text: releases,
	 * and prereleases whose first identifier it is, whatever its number. All but `same` tell prereleases from variants
	 * (`-alpine`), and keep the variant.
	 */
	readonly prereleases?: string | undefined;
	/** The answer may be older than the current tag. */
	readonly allowDowngrade?: boolean | undefined;
	/** force and digest: only the current tag itself is looked at (keel's matchTag). */
	readonly sameTag?: boolean | undefined;
}

/**
 * How tags are chosen. Pure.
 *
 * Guarantees, proven by one suite for all: the order of tags never matters; the answer is one of the tags; it is never
 * older than the current tag by the policy's own order unless `allowDowngrade`; choosing again from the answer keeps it.
 */
export interface TagPolicy<Rank = unknown> {
	/** One line for people: what it chooses. */
	readonly describe: string;
	/** What is wrong with the settings, as sentences that name the mend; empty when nothing is. */
	problems(settings: PolicySettings): readonly string[];
	/**
	 * Never throws, whatever the texts are; settings have no `problems`. `current` is undefined when the workload has no tag; one
	 * that means nothing to the policy is the policy's to recognise. The current tag is itself judged when the registry has it.
	 */
	judge(candidate: Candidate, current: Candidate | undefined, settings: PolicySettings): Judgement<Rank>;
	/** Positive when `one` is to be preferred; a total order. Where it is 0, the current tag goes first, and then names decide. */
	compare(one: Rank, other: Rank): number;
}
