import type { PolicyType } from "../rule.ts";
import { all } from "./all.ts";
import { calver } from "./calver.ts";
import { digest } from "./digest.ts";
import { force } from "./force.ts";
import { glob } from "./glob.ts";
import { major } from "./major.ts";
import { minor } from "./minor.ts";
import { never } from "./never.ts";
import { newest } from "./newest.ts";
import { numeric } from "./numeric.ts";
import { patch } from "./patch.ts";
import { regexp } from "./regexp.ts";
import { semver } from "./semver.ts";
import type { TagPolicy } from "./tag-policy.ts";

/** Every way to choose a tag. */
export const tagPolicies = {
	all,
	calver,
	digest,
	force,
	glob,
	major,
	minor,
	never,
	newest,
	numeric,
	patch,
	regexp,
	semver,
} as const satisfies Record<PolicyType, TagPolicy>;

/** The policy, its ranks unknown to whoever asks: they compare only by the policy's own `compare`. */
export function policyOf(type: PolicyType): TagPolicy {
	return tagPolicies[type];
}
