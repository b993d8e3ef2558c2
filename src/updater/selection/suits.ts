import { durationText } from "../../domain/duration.ts";
import { type Instant, timestamp } from "../../domain/instant.ts";
import type { TagFacts } from "../image-registry/image-registry.ts";
import type { UpdateRule } from "../rule.ts";

/** A tag that must not be chosen, and why: it failed in a canary, or was rejected. With a digest only while it points at that. */
export interface BarredTag {
	readonly tag: string;
	readonly digest: string | undefined;
	readonly why: string;
}

/** Why an image does not suit the rule, as the end of "1.3.0 …", and when it may be looked at again, if time helps. */
export interface Unsuitable {
	readonly why: string;
	readonly lookAgainAt?: Instant | undefined;
}

const NAMED_PLATFORMS_MAX = 4;

/** What the tag's name does not tell. `nodePlatforms` is empty when unknown. */
export function unsuitable(
	facts: TagFacts,
	{
		rule,
		nodePlatforms,
		now,
	}: {
		readonly rule: Pick<UpdateRule, "minimumAgeMs" | "platforms">;
		readonly nodePlatforms: readonly string[];
		readonly now: Instant;
	},
): Unsuitable | undefined {
	// What nobody asked for must not keep away what nobody can look at.
	const ofNodes = facts.isHearsay ? [] : nodePlatforms;
	return lacksPlatform(facts, rule.platforms === "nodes" ? ofNodes : rule.platforms) ?? tooYoung(facts, rule, now);
}

export function barredWhy(barred: readonly BarredTag[], tag: string, digest: string | undefined): string | undefined {
	return barred.find((one) => one.tag === tag && (one.digest === undefined || one.digest === digest))?.why;
}

function tooYoung(
	{ createdAt }: TagFacts,
	{ minimumAgeMs }: Pick<UpdateRule, "minimumAgeMs">,
	now: Instant,
): Unsuitable | undefined {
	if (minimumAgeMs <= 0) return undefined;
	const asked = `must be ${durationText(minimumAgeMs)} old`;
	if (createdAt === undefined) return { why: `does not say when it was built, and ${asked}` };
	const lookAgainAt = createdAt + minimumAgeMs;
	if (now >= lookAgainAt) return undefined;
	// The date and not the age, which would be another with each look, and a status that changes without news.
	const built = timestamp(createdAt).replace(/:\d\d\.\d+Z$/, "Z");
	return { why: `was built at ${built}, and ${asked}`, lookAgainAt };
}

function lacksPlatform({ platforms }: TagFacts, wanted: readonly string[]): Unsuitable | undefined {
	if (wanted.length === 0) return undefined;
	if (platforms.length === 0) return { why: "does not say for which platforms it is" };
	const missing = wanted.filter((one) => !platforms.some((platform) => runsOn(platform, one)));
	if (missing.length === 0) return undefined;
	const more = missing.length > NAMED_PLATFORMS_MAX ? " and others" : "";
	return { why: `is not for ${missing.slice(0, NAMED_PLATFORMS_MAX).join(", ")}${more}` };
}

/** `linux/arm64` is any arm64, and an image for `linux/arm/v6` runs on v7. */
function runsOn(platform: string, wanted: string): boolean {
	const [os, architecture, variant] = platform.split("/");
	const [wantedOs, wantedArchitecture, wantedVariant] = wanted.split("/");
	if (os !== wantedOs || architecture !== wantedArchitecture) return false;
	if (variant === undefined || wantedVariant === undefined || variant === wantedVariant) return true;
	return architecture === "arm" && variant < wantedVariant;
}
