import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { keelDifferences } from "../../../src/updater/keel-differences.ts";
import { tagPolicies } from "../../../src/updater/policies/registry.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/tag-policies.md"), "utf8");
const rowsAfter = (heading: string) => {
	const lines = page.slice(page.indexOf(heading)).split("\n");
	const from = lines.findIndex((line) => line.startsWith("| ---")) + 1;
	const rest = lines.slice(from);
	return rest.slice(
		0,
		rest.findIndex((line) => !line.startsWith("| ")),
	);
};

test("docs/tag-policies.md has every policy, in its own words", () => {
	const told = rowsAfter("## Policies").map((row) => row.split(" | ").slice(0, 2).join(" | "));
	const expected = Object.entries(tagPolicies).map(([type, { describe }]) => `| \`${type}\` | ${describe}`);
	expect([...told].sort()).toEqual(expected.sort());
});

test("docs/tag-policies.md has every difference from keel (paste what is expected there)", () => {
	const expected = keelDifferences.map(({ id, keel, haldane, why }) => `| \`${id}\` | ${keel} | ${haldane} | ${why} |`);
	expect(rowsAfter("## Where keel chooses otherwise")).toEqual(expected);
});
