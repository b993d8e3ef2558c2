import type { UpdateRule } from "../../../src/updater/rule.ts";

/** A rule that asks for nothing but its policy. */
export function ruleOf(rule: Pick<UpdateRule, "policy"> & Partial<UpdateRule>): UpdateRule {
	return {
		settings: {},
		filter: undefined,
		ignoreTags: [],
		schedule: undefined,
		timeZone: undefined,
		minimumAgeMs: 0,
		platforms: "nodes",
		pinDigest: false,
		windows: [],
		freezes: [],
		approvals: 0,
		approvalDeadlineMs: 0,
		supersede: false,
		pullSecrets: [],
		releaseNotes: undefined,
		...rule,
	};
}

/** Another one for each text. */
export function digestOf(text: string): string {
	const hex = [...text].map((char) => char.charCodeAt(0).toString(16)).join("");
	return `sha256:${hex.padEnd(64, "0").slice(0, 64)}`;
}
