import { compareDigits, compareText, isDigits, withoutZeros } from "./selection/natural-order.ts";

/**
 * A text of numbers with dots between them, and maybe something behind a dash: `v1.2.3-rc.1-alpine`. What is behind the dash
 * is semver's prerelease, and in tags more often something else, so it is taken apart:
 * prerelease (`rc.1`), variant (`alpine`), and numbers that count up within one version (`-r5`, `-ls12`, `-20240105`).
 */
export interface Version {
	/** Without leading zeros; as digits, for some are too long for a number. */
	readonly numbers: readonly string[];
	/** A lower-case v was before it. */
	readonly prefixed: boolean;
	/** All that is behind the first dash, as written; empty for a release. */
	readonly suffix: string;
	/** Such as `rc.1`; empty when the suffix names none. */
	readonly prerelease: string;
	/** The word a prerelease begins with, in lower case: `rc` of `rc.1`, `rc1` and `RC-1`. */
	readonly channel: string;
	/** What must stay the same from one version to the next: `alpine3.20`, `debian-12-r#`; `#` stands for a counter. */
	readonly variant: string;
	/** What the `#` are, in their order. */
	readonly counters: readonly string[];
}

/** Numbers in a version as semver knows it; tags of four and more are read by `readDotted` only. */
const SEMVER_NUMBERS_MAX = 3;
const DOTTED = /^(v?)([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
/** Words that say: not a release yet. */
const CHANNELS = new Set([
	...["alpha", "beta", "rc", "cr", "pre", "preview", "prerelease", "milestone", "ea", "next"],
	...["dev", "devel", "develop", "snapshot", "nightly", "canary", "edge", "insider", "insiders"],
	...["test", "testing", "unstable", "experimental", "draft", "main", "master"],
]);
/** Such letters mean it only with a number right behind: `M1`, `b2`. */
const NUMBERED_CHANNELS = new Set(["a", "b", "m"]);
/** Words before a number that counts builds of one version. */
const REVISION = /^(r|ls|rev|build|p)\.?([0-9]+)$/i;
const COMMIT = /^g?(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,40}$/;
/** A number of so many digits is a date, a time or a build, not part of a name such as `debian-12`. */
const COUNTER_DIGITS_MIN = 8;

/**
 * As keel reads versions: one to three numbers (missing ones are 0), a lower-case v, leading zeros, build metadata without
 * meaning. `channel` is a word that means a prerelease here, beside the usual ones. Undefined for any other text.
 */
export function readVersion(text: string, channel?: string): Version | undefined {
	const version = readDotted(text, channel);
	return version !== undefined && version.numbers.length <= SEMVER_NUMBERS_MAX ? version : undefined;
}

/** Like `readVersion`, with any count of numbers: `10.0.19041.1`. */
export function readDotted(text: string, channel?: string): Version | undefined {
	const found = DOTTED.exec(text);
	if (found === null) return undefined;
	const suffix = found[3] ?? "";
	const {
		prerelease,
		channel: own,
		variant,
		counters,
	} = suffix === "" ? NO_SUFFIX : takenApart(suffix, channel?.toLowerCase());
	const numbers = (found[2] ?? "").split(".").map(withoutZeros);
	return { numbers, prefixed: found[1] !== "", suffix, prerelease, channel: own, variant, counters };
}

/** A name of a commit, which says nothing about its age. */
export function isCommit(text: string): boolean {
	return COMMIT.test(text);
}

/** The number at that place, 0 where none is written. */
export function numberAt(version: Version, place: number): string {
	return version.numbers[place] ?? "0";
}

/**
 * A total order: numbers, then prereleases before the release they lead to, then variants before the plain version, then
 * counters. 0 for spellings of one version: `1.2`, `v1.2.0`; commit hashes have no part in it.
 */
export function compareVersions(one: Version, other: Version): number {
	for (let place = 0; place < Math.max(one.numbers.length, other.numbers.length); place++) {
		const order = compareDigits(numberAt(one, place), numberAt(other, place));
		if (order !== 0) return order;
	}
	return (
		lastWhenEmpty(one.prerelease, other.prerelease) ||
		comparePrereleases(one.prerelease, other.prerelease) ||
		lastWhenEmpty(one.variant, other.variant) ||
		compareEach(one.counters, other.counters, compareDigits) ||
		compareText(one.variant, other.variant)
	);
}

type Suffix = Pick<Version, "prerelease" | "channel" | "variant" | "counters">;

const NO_SUFFIX: Suffix = { prerelease: "", channel: "", variant: "", counters: [] };

/** Reads the suffix word by word; a number belongs to the word before it, unless it counts something. */
function takenApart(suffix: string, channel: string | undefined): Suffix {
	const prerelease: string[] = [];
	const variant: string[] = [];
	const counters: string[] = [];
	let last = counters;
	for (const word of suffix.split("-")) {
		const revision = REVISION.exec(word);
		if (channelOf(word, channel) !== "" && prerelease.length === 0) {
			prerelease.push(word);
			last = prerelease;
		} else if (revision !== null) {
			variant.push(`${(revision[1] ?? "").toLowerCase()}#`);
			counters.push(revision[2] ?? "");
		} else if (isDigits(word) && last === prerelease) {
			prerelease.push(word);
		} else if (isDigits(word) && (last === counters || word.length >= COUNTER_DIGITS_MIN)) {
			variant.push("#");
			counters.push(word);
		} else if (isCommit(word)) {
			variant.push("commit");
			last = counters;
		} else {
			variant.push(word);
			last = variant;
		}
	}
	return {
		prerelease: prerelease.join("-"),
		channel: channelOf(prerelease[0] ?? "", channel),
		variant: variant.join("-"),
		counters,
	};
}

/** The channel that the word begins with, or nothing: `rc` of `rc.1`. */
function channelOf(word: string, more: string | undefined): string {
	const [, letters = "", rest = ""] = /^([A-Za-z]+)(.*)$/.exec(word) ?? [];
	const name = letters.toLowerCase();
	if (NUMBERED_CHANNELS.has(name) && name !== more) return /^[0-9]+$/.test(rest) ? name : "";
	return (CHANNELS.has(name) || name === more) && /^(?:[0-9.].*)?$/.test(rest) ? name : "";
}

function lastWhenEmpty(one: string, other: string): number {
	return Number(one === "") - Number(other === "");
}

/** Like semver, and counting as people do: rc2 is before rc10, and rc.1 is rc1. */
function comparePrereleases(one: string, other: string): number {
	const identifiers = (text: string) => text.toLowerCase().match(/[0-9]+|[a-z]+/g) ?? [];
	return compareEach(identifiers(one), identifiers(other), (a, b) => {
		if (isDigits(a) && isDigits(b)) return compareDigits(a, b);
		return Number(isDigits(b)) - Number(isDigits(a)) || compareText(a, b);
	});
}

function compareEach(one: readonly string[], other: readonly string[], compare: typeof compareText): number {
	for (let at = 0; at < Math.min(one.length, other.length); at++) {
		const order = compare(one[at] ?? "", other[at] ?? "");
		if (order !== 0) return order;
	}
	return one.length - other.length;
}
