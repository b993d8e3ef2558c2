import type { PolicySettings } from "../policies/tag-policy.ts";
import type { PolicyType } from "../rule.ts";

/** A policy, or what is wrong with its text. How it chooses otherwise than keel's is not said here. */
export type ReadPolicy =
	| { readonly ok: true; readonly policy: PolicyType; readonly settings: PolicySettings }
	| { readonly ok: false; readonly problem: string };

/** What stands beside the policy; undefined where nothing is said. */
export interface BesidePolicy {
	readonly matchTag: string | undefined;
	readonly matchPreRelease: string | undefined;
}

const TEXT_LENGTH_MAX = 512;
const KNOWN =
	"all, major, minor, patch, force, glob:PATTERN, regexp:PATTERN, semver:RANGE, newest, numeric, calver:FORMAT, digest, never";

/** Reads the text of a policy, and leaves its settings to the policy itself; of `matchTag` and `matchPreRelease` only "true" is true, as in keel. */
export function readPolicy(text: string, beside: BesidePolicy): ReadPolicy {
	if (text.length > TEXT_LENGTH_MAX) return problem(`is longer than ${TEXT_LENGTH_MAX} characters`);
	const colon = text.indexOf(":");
	const name = colon < 0 ? text : text.slice(0, colon);
	const argument = colon < 0 ? undefined : text.slice(colon + 1);
	if (argument === undefined) return plainPolicy(name, beside);
	if (argument.trim() === "") return problem(`'${text}' says nothing after the colon`);
	switch (name) {
		case "glob":
			if (argument.includes(":")) return problem(`'${text}' can match nothing, for no tag has a colon in it`);
			return policy("glob", { pattern: argument });
		case "regexp":
			return policy("regexp", { pattern: argument });
		case "semver":
			return policy("semver", {
				range: argument.trim(),
				...(beside.matchPreRelease !== undefined && { prereleases: prereleases(beside) }),
			});
		case "calver":
			return policy("calver", { format: argument.trim() });
		default:
			return problem(`'${text}' is no policy; write one of ${KNOWN}`);
	}
}

function plainPolicy(name: string, beside: BesidePolicy): ReadPolicy {
	switch (name) {
		case "all":
			return policy("all", {});
		case "major":
		case "minor":
		case "patch":
			return policy(name, { prereleases: prereleases(beside) });
		case "force":
			if (beside.matchTag === "true") return policy("force", { sameTag: true });
			return policy("force", {});
		case "newest":
		case "numeric":
		case "digest":
		case "never":
			return policy(name, {});
		case "semver":
		case "glob":
		case "regexp":
		case "calver":
			return problem(`'${name}' needs a colon and what to look for; write one of ${KNOWN}`);
		default:
			return problem(`'${name}' is no policy; write one of ${KNOWN}`);
	}
}

/** keel compares the whole text of a prerelease unless told otherwise. */
function prereleases({ matchPreRelease = "true" }: BesidePolicy): string {
	return matchPreRelease === "true" ? "same" : "any";
}

function policy(type: PolicyType, settings: PolicySettings) {
	return { ok: true, policy: type, settings } as const;
}

function problem(text: string): ReadPolicy {
	return { ok: false, problem: text };
}
