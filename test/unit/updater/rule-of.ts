import type { UpdateRule } from "../../../src/updater/rule.ts";
import { plainRule } from "../../../src/updater/rules.ts";

/** A rule that asks for nothing but its policy. */
export function ruleOf(rule: Pick<UpdateRule, "policy"> & Partial<UpdateRule>): UpdateRule {
	return { ...plainRule, approvalDeadlineMs: 0, ...rule };
}

/** Another one for each text. */
export function digestOf(text: string): string {
	const hex = [...text].map((char) => char.charCodeAt(0).toString(16)).join("");
	return `sha256:${hex.padEnd(64, "0").slice(0, 64)}`;
}
