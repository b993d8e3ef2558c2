import { parse, Range, validRange } from "semver";
import type { PolicySettings } from "../policies/tag-policy.ts";
import { numberAt, type Version } from "../version.ts";
import { withoutZeros } from "./natural-order.ts";

/** A range as semver means it, and with prereleases in it as a mere order would have them. */
export interface VersionRange {
	readonly strict: Range;
	readonly withPrereleases: Range;
}

const RANGE_LENGTH_MAX = 256;
/** Ranges that were read, for as long as their settings are in use. */
const known = new WeakMap<PolicySettings, VersionRange | undefined>();

/** The settings' range; undefined when there is none or it cannot be read. Commas between comparators are as good as blanks. */
export function rangeOf(settings: PolicySettings): VersionRange | undefined {
	if (!known.has(settings)) known.set(settings, read(settings.range));
	return known.get(settings);
}

/** The range itself asks for prereleases: `>=1.0.0-0`, `~2.0.0-rc.1`. */
export function namesPrerelease({ strict }: VersionRange): boolean {
	return strict.set.some((comparators) => comparators.some(({ semver }) => (semver.prerelease?.length ?? 0) > 0));
}

/**
 * Prereleases are within when both they and their release are, or when the range names them: `<2.0.0` does not mean
 * 2.0.0-rc.1. Of variants only the numbers count.
 */
export function within(version: Version, { strict, withPrereleases }: VersionRange): boolean {
	const release = [0, 1, 2].map((place) => numberAt(version, place)).join(".");
	if (parse(release) === null) return false;
	if (version.prerelease === "") return strict.test(release);
	const identifiers = version.prerelease.match(/[0-9]+|[A-Za-z]+/g) ?? [];
	const prerelease = `${release}-${identifiers.map(withoutZeros).join(".")}`;
	return strict.test(prerelease) || (strict.test(release) && withPrereleases.test(prerelease));
}

function read(text: string | undefined): VersionRange | undefined {
	if (text === undefined || text.trim() === "" || text.length > RANGE_LENGTH_MAX) return undefined;
	const blanks = text.replaceAll(",", " ");
	if (validRange(blanks) === null) return undefined;
	return { strict: new Range(blanks), withPrereleases: new Range(blanks, { includePrerelease: true }) };
}
