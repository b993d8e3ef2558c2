import type { Candidate, Judgement, PolicySettings } from "../policies/tag-policy.ts";
import { compareVersions, numberAt, readVersion, type Version } from "../version.ts";

/** A version, and how much it is written as the current one is; `1.3.0` and `v1.3.0` are one version, and one is more like `v1.2.0`. */
export interface VersionRank {
	readonly version: Version;
	readonly likeness: number;
}

export interface VersionRule {
	/** Why a version is out of the policy's reach, as the end of "1.3.0 …"; undefined when it is not. */
	readonly beyond: (version: Version, current: Version | undefined) => string | undefined;
	/** As `PolicySettings.prereleases`. */
	readonly prereleases: string;
	/** A current tag that is no version stands in nothing's way; otherwise only `latest` does so. */
	readonly adopts?: boolean;
}

/** A bare number of more digits is a date or a build. */
const BARE_DIGITS_MAX = 4;

/** What all policies of versions have in common: newer than the current one, of its kind, and within the policy's reach. */
export function judgeVersion(
	candidate: Candidate,
	current: Candidate | undefined,
	settings: PolicySettings,
	{ beyond, prereleases, adopts = false }: VersionRule,
): Judgement<VersionRank> {
	const channel = ["same", "none", "any"].includes(prereleases) ? undefined : prereleases;
	const version = readVersion(candidate.text, channel);
	if (version === undefined) return passedOver("is not a version");
	const now = current && currentVersion(current, channel);
	// Without a tag the runtime takes `latest`.
	if (now === undefined && current !== undefined && current.text !== "latest" && !adopts)
		return passedOver(`cannot be compared with ${current.text}, which is not a version`);
	const why =
		bareNumber(version, now) ??
		(settings.allowDowngrade === true ? undefined : notNewer(version, now, current)) ??
		beyond(version, now) ??
		otherKind(version, now, prereleases);
	if (why !== undefined) return passedOver(why);
	return { kind: "eligible", rank: { version, likeness: now === undefined ? 0 : likeness(version, now) } };
}

/** The current tag is compared with thousands, and read once. */
const read = new WeakMap<Candidate, { readonly channel: string | undefined; readonly version: Version | undefined }>();

function currentVersion(current: Candidate, channel: string | undefined): Version | undefined {
	const known = read.get(current);
	if (known !== undefined && known.channel === channel) return known.version;
	const version = readVersion(current.text, channel);
	read.set(current, { channel, version });
	return version;
}

export function compareVersionRanks(one: VersionRank, other: VersionRank): number {
	return compareVersions(one.version, other.version) || one.likeness - other.likeness;
}

function bareNumber({ numbers }: Version, now: Version | undefined): string | undefined {
	if (numbers.length > 1) return undefined;
	if (now?.numbers.length !== 1) return "is a bare number, without a dot";
	const digitsMax = Math.max(BARE_DIGITS_MAX, now.numbers[0]?.length ?? 0);
	return (numbers[0]?.length ?? 0) > digitsMax ? "is a date or the number of a build" : undefined;
}

function notNewer(version: Version, now: Version | undefined, current: Candidate | undefined): string | undefined {
	if (now === undefined || current === undefined) return undefined;
	const order = compareVersions(version, now);
	if (order > 0) return undefined;
	return order === 0 ? `is the same version as ${current.text}` : `is not newer than ${current.text}`;
}

/** Prereleases and variants: what is behind the dash. */
function otherKind(version: Version, now: Version | undefined, prereleases: string): string | undefined {
	if (prereleases === "same") {
		const suffix = now?.suffix ?? "";
		if (version.suffix === suffix) return undefined;
		if (version.suffix === "") return `lacks the current tag's suffix -${suffix}`;
		return suffix === "" ? `has the suffix -${version.suffix}` : `has the suffix -${version.suffix}, not -${suffix}`;
	}
	const variant = now?.variant ?? "";
	if (version.variant !== variant) {
		if (version.variant === "") return `lacks the current tag's variant ${variant}`;
		return `is the variant ${version.variant}${variant === "" ? "" : `, not ${variant}`}`;
	}
	if (version.prerelease === "" || prereleases === "any") return undefined;
	if (prereleases === "none") return "is a prerelease";
	return version.channel === prereleases.toLowerCase() ? undefined : `is a prerelease, and not one of ${prereleases}`;
}

function likeness(version: Version, now: Version): number {
	return Number(version.prefixed === now.prefixed) + Number(version.numbers.length === now.numbers.length);
}

/** Why a version is not of the current one's major, or not of its minor either; nothing when there is no current one. */
export function beyondNumbers(places: 1 | 2): VersionRule["beyond"] {
	const names = ["another major version", "another minor version"];
	return (version, now) => {
		if (now === undefined) return undefined;
		const place = [0, 1].slice(0, places).find((at) => numberAt(version, at) !== numberAt(now, at));
		return place === undefined ? undefined : `is ${names[place]}`;
	};
}
function passedOver(why: string): Judgement<VersionRank> {
	return { kind: "passedOver", why };
}
