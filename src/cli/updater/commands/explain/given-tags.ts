import type { Instant } from "../../../../domain/instant.ts";
import type { ImageSituation, Knowledge, KnownFacts } from "../../../../updater/decide/situation.ts";

/** Stands for the digest of a tag that nobody was asked about. */
export const UNKNOWN_DIGEST = "unknown";

/**
 * Tags as if the registry had listed them. Where something is recorded of a tag it is taken to have the content that it
 * had then, so that what failed or was rejected is passed over.
 */
export function knowledgeOf(
	tags: readonly string[],
	{ written, record: { chosen, failed = [], rejected = [] } }: Pick<ImageSituation, "written" | "record">,
	now: Instant,
): Knowledge {
	const digests = new Map<string, string | undefined>([
		...(written.tag === undefined ? [] : [[written.tag, written.digest] as const]),
		...[...(chosen === undefined ? [] : [chosen]), ...rejected, ...failed].map(
			({ tag, digest }) => [tag, digest] as const,
		),
	]);
	const facts = tags.map((tag): [string, KnownFacts] => [
		tag,
		{ digest: digests.get(tag) ?? UNKNOWN_DIGEST, createdAt: undefined, platforms: [], at: now },
	]);
	return { kind: "known", tags, facts: new Map(facts), unanswered: new Map(), at: now };
}

/** The image by a rule that asks for no more than names: nothing is known of dates and platforms. */
export function withNamesOnly(image: ImageSituation): ImageSituation {
	return { ...image, rule: { ...image.rule, platforms: [], minimumAgeMs: 0 } };
}
