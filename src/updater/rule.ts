import type { PolicySettings } from "./policies/tag-policy.ts";

/** Names of the policies; `policies/registry.ts` has one for each. */
export type PolicyType =
	| "all"
	| "major"
	| "minor"
	| "patch"
	| "semver"
	| "force"
	| "glob"
	| "regexp"
	| "newest"
	| "numeric"
	| "calver"
	| "digest"
	| "never";

/** What a tag must look like to be considered, and what of it policies read. */
export interface TagFilter {
	/** A regular expression (RE2's syntax, unanchored); tags that do not match are passed over. */
	readonly pattern: string;
	/** `$name` and `$1` are groups of the pattern; the whole tag when absent. */
	readonly extract?: string | undefined;
}

/** When something may be changed: cron times at which windows open, and for how long. */
export interface ChangeWindow {
	/** Five fields. */
	readonly cron: string;
	readonly durationMs: number;
	/** IANA name; UTC when absent. */
	readonly timeZone?: string | undefined;
}

/** How one image of a workload is kept up to date, wherever it was asked for: annotations and ImagePolicies both become this. */
export interface UpdateRule {
	readonly policy: PolicyType;
	readonly settings: PolicySettings;
	readonly filter: TagFilter | undefined;
	/** Tags that are never chosen: exact names or `*` globs. */
	readonly ignoreTags: readonly string[];
	/** Undefined: the registry is not polled, and only hints lead to a look. */
	readonly schedule: string | undefined;
	readonly timeZone: string | undefined;
	/** Nothing younger than that; 0 for no such rule. */
	readonly minimumAgeMs: number;
	/** `os/arch` or `os/arch/variant` that an image must have; `nodes`: those of the cluster's nodes. */
	readonly platforms: "nodes" | readonly string[];
	/** The digest is written beside the tag. */
	readonly pinDigest: boolean;
	/** When empty, always. */
	readonly windows: readonly ChangeWindow[];
	/** Never during these, whatever the windows say. */
	readonly freezes: readonly ChangeWindow[];
	/** How many people must approve; 0 for nobody. */
	readonly approvals: number;
	readonly approvalDeadlineMs: number;
	/** A rollout in progress is replaced by a newer tag instead of being waited for. */
	readonly supersede: boolean;
	/** Names of Secrets in the workload's namespace, beside those of its pods. */
	readonly pullSecrets: readonly string[];
	readonly releaseNotes: string | undefined;
}
