import type { ChosenImage, ImageRecord } from "../../api/image-record.ts";
import type { Instant } from "../../domain/instant.ts";
import type { ImageReason } from "../../notify/image-reasons.ts";
import type { ImageReference } from "../image-reference.ts";
import type { TagFacts } from "../image-registry/image-registry.ts";
import type { UpdateRule } from "../rule.ts";
import type { WatchKey } from "../scanner/watch-key.ts";
import type { WorkloadImage } from "../workload.ts";
import type { NewImage } from "../write-back/edit.ts";

/** What is known of a repository's tags. */
export type Knowledge =
	/** Nobody has looked yet, or the look is under way. */
	| { readonly kind: "unknown" }
	| {
			readonly kind: "known";
			readonly tags: readonly string[];
			readonly facts: ReadonlyMap<string, KnownFacts>;
			/** Tags whose facts could not be had, with why. */
			readonly unanswered: ReadonlyMap<string, string>;
			readonly at: Instant;
			/** Why the last look brought nothing new; what was known before stands. */
			readonly problem?: string | undefined;
	  }
	/** What stands in the way; the next look may go better. */
	| { readonly kind: "problem"; readonly detail: string };

export interface KnownFacts extends TagFacts {
	/** When the registry said so. */
	readonly at: Instant;
}

/** How the workload's Canary stands to the image that is written in its target; `none` when it has no Canary. */
export type Rollout =
	| { readonly kind: "none" }
	/** Nothing is under way: the primary runs what the target asks for, or the Canary has not begun yet. */
	| { readonly kind: "settled" }
	| { readonly kind: "running" }
	/** The target's revision was rolled back, and the primary serves what it served before. */
	| { readonly kind: "failed"; readonly why: string };

/** One image of a workload, with all that is to be known to decide about it. */
export interface ImageSituation {
	readonly image: WorkloadImage;
	/** As written in the target now. */
	readonly written: ImageReference;
	/** As the primary of its Canary has it; the same as `written` without one. */
	readonly serving: ImageReference;
	readonly rule: UpdateRule;
	readonly watch: WatchKey;
	readonly record: ImageRecord;
	readonly knowledge: Knowledge;
	/** Who said what about the chosen digest, one entry a person; undefined while nobody vouches for who said what. */
	readonly votes: readonly Vote[] | undefined;
}

export interface Vote {
	readonly user: string;
	readonly decision: "approve" | "reject";
}

/** A workload with those of its images that are kept up to date. */
export interface Situation {
	/** `Deployment shop/cart`. */
	readonly workload: string;
	readonly images: readonly ImageSituation[];
	readonly rollout: Rollout;
	/** Images are written into a repository, and somebody else brings them into the workload. */
	readonly writesBack: boolean;
	/** What the nodes run on that the workload's pods may come to; empty when unknown. */
	readonly nodePlatforms: readonly string[];
	readonly now: Instant;
}

/** Something to tell people; the shell gives it its number and its time. */
export interface Told {
	readonly reason: ImageReason;
	readonly message: string;
}

/** Like a Canary's: either the record changes and nothing else is done, or what is done follows from the record as it is. */
export type Decision =
	| { readonly do: "record"; readonly records: readonly ImageRecord[]; readonly told: readonly Told[] }
	| { readonly do: "write"; readonly images: readonly WorkloadImage[]; readonly changeCause: string }
	/** Into the repository; `pushed` makes the record of it. */
	| { readonly do: "push"; readonly images: readonly NewImage[] }
	/** The registry must be asked for facts of these tags. */
	| { readonly do: "ask"; readonly questions: readonly Question[] }
	/** Nothing, until something changes or that time has come. */
	| { readonly do: "rest"; readonly lookAgainAt: Instant | undefined };

export interface Question {
	/** Whose knowledge lacks them. */
	readonly watch: WatchKey;
	readonly tags: readonly string[];
}

export type { ChosenImage, ImageRecord };
