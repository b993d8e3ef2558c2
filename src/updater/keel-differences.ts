import type { UpdateRule } from "./rule.ts";
import { isCommit, readVersion } from "./version.ts";

/** A choice of ours that is not keel's, on purpose. Sentences without their full stop. */
export interface KeelDifference {
	readonly id: string;
	readonly keel: string;
	readonly haldane: string;
	readonly why: string;
}

type Asked = Pick<UpdateRule, "policy" | "settings">;

interface ConditionalDifference extends KeelDifference {
	readonly applies: (rule: Asked, currentTag: string | undefined) => boolean;
}

const differences: readonly ConditionalDifference[] = [
	{
		id: "latest",
		keel: "from the tag latest, a policy of versions takes any tag at all, even dev",
		haldane: "from latest, or no tag, it takes the newest release that is a version",
		why: "what the registry lists first is not newer than latest, and may not be a release",
		applies: (rule, currentTag) => isOfVersions(rule) && (currentTag === undefined || currentTag === "latest"),
	},
	{
		id: "variant",
		keel: "all, and matchPreRelease: false, take 1.3.0-debian or 1.3.0 over 1.2.0-alpine, and 1.3.0-alpine over 1.2.0",
		haldane: "text behind the dash that is no prerelease is a variant, and stays as it is",
		why: "another base image, edition or architecture is another image, not a newer one",
		applies: ignoresSuffix,
	},
	{
		id: "prerelease-numbers",
		keel: "rc10 is older than rc9, as text is compared",
		haldane: "numbers within a prerelease are counted, with or without a dot: rc9, rc10, rc.11",
		why: "people count so when they name prereleases",
		applies: ignoresSuffix,
	},
	{
		id: "bare-number",
		keel: "a tag without a dot, such as 16, is never chosen",
		haldane: "it is chosen when the current tag has none either, and the number is no date or build",
		why: "from 15 to 16 is a major version; from 1.2.0 to 20240105 is not",
		applies: (rule, currentTag) =>
			isOfVersions(rule) && currentTag !== undefined && readVersion(currentTag)?.numbers.length === 1,
	},
	{
		id: "glob-order",
		keel: "a tag must come after the current one as text: v9 is never followed by v10, and v1 is followed by v1-old",
		haldane: "what the stars stand for is compared as versions, else with numbers counted",
		why: "tags with numbers in them are meant to count",
		applies: ({ policy }) => policy === "glob",
	},
	{
		id: "regexp-order",
		keel: "the last tag as text is chosen: build-9 over build-10",
		haldane: "what is compared is ordered as versions, else with numbers counted: build-10 over build-9",
		why: "tags with numbers in them are meant to count",
		applies: ({ policy }) => policy === "regexp",
	},
	{
		id: "regexp-downgrade",
		keel: "the current tag is not looked at, so that an older one can be chosen",
		haldane: "only what comes after the current tag is chosen, unless allowDowngrade is set",
		why: "a deleted tag, or a repeated webhook, must not bring an old version back",
		applies: ({ policy }) => policy === "regexp",
	},
	{
		id: "regexp-syntax",
		keel: "all of Go's regular expressions are understood",
		haldane: "word borders, Unicode classes and flags in the middle are refused",
		why: "they have no use in tags, and all that is understood takes linear time",
		applies: ({ policy, settings }) =>
			policy === "regexp" && /\\[bBpPQ]|\(\?[a-zA-Z-]+[:)]/.test(settings.pattern ?? ""),
	},
	{
		id: "commit-hash",
		keel: "glob and regexp order hashes of commits as text",
		haldane: "a bare hash is never chosen by glob or regexp; newest and force go by the date of the build",
		why: "a hash says nothing about age: such a workload ends at the highest hash, and stays there",
		applies: ({ policy }, currentTag) =>
			(policy === "glob" || policy === "regexp") && (currentTag ?? "").split(/[-._]/).some(isCommit),
	},
	{
		id: "force-order",
		keel: "force without matchTag takes whatever tag is reported, of two versions the higher one",
		haldane:
			"it takes the image that was built last, none older than the current one, and from a version only a higher one",
		why: "the answer must not depend on the order in which a registry lists or reports tags",
		applies: ({ policy, settings }) => policy === "force" && settings.sameTag !== true,
	},
];

/** Every difference in what is chosen, as `haldane updater explain` and the documentation tell it. */
export const keelDifferences: readonly KeelDifference[] = differences.map(told);

/** Those that can matter to the rule, the tag being what it is. */
export function differencesFor(rule: Asked, currentTag: string | undefined): readonly KeelDifference[] {
	return differences.filter(({ applies }) => applies(rule, currentTag)).map(told);
}

function told({ id, keel, haldane, why }: ConditionalDifference): KeelDifference {
	return { id, keel, haldane, why };
}

function isOfVersions({ policy }: Asked): boolean {
	return ["all", "major", "minor", "patch"].includes(policy);
}

/** In keel, what is behind the dash may be another. */
function ignoresSuffix({ policy, settings }: Asked): boolean {
	return policy === "all" || (isOfVersions({ policy, settings }) && (settings.prereleases ?? "same") !== "same");
}
