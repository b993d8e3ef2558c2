import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { triggers } from "../../../../src/updater/triggers/registry.ts";
import { bench, SECRET } from "./bench.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/webhooks.md"), "utf8");
const [actions, pipeline] = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = ""]) => parse(text));

/** What the script hands to curl. */
function argumentsOfCurl(script: string, env: Readonly<Record<string, string>>): readonly string[] {
	const curl = 'curl() { for argument in "$@"; do printf "%s\\n" "$argument"; done; }';
	const said = execFileSync("sh", ["-euc", `${curl}\n${script}`], {
		env: { PATH: process.env.PATH, ...env },
		timeout: 10_000,
		encoding: "utf8",
	});
	return said.trimEnd().split("\n");
}

describe("the snippet of docs/webhooks.md", () => {
	test.each([
		["for GitHub Actions", actions[0].run, { SECRET, IMAGE: "ghcr.io/acme/app", TAG: "1.2.0", URL: "u" }],
		[
			"for GitLab CI",
			pipeline["tell-haldane"].script[0],
			{ HALDANE_WEBHOOK_SECRET: SECRET, CI_REGISTRY_IMAGE: "ghcr.io/acme/app", CI_COMMIT_TAG: "1.2.0", URL: "u" },
		],
	])("%s is ten lines, and what it sends is taken", async (_where, script: string, env) => {
		expect(script.split("\n").length).toBeLessThanOrEqual(10);
		const given = argumentsOfCurl(script, env);
		const headers = given.flatMap((argument, index) =>
			given[index - 1] === "-H" ? [argument.split(": ") as [string, string]] : [],
		);
		const sent = Object.fromEntries(headers);
		const body = given[given.indexOf("--data") + 1] ?? "";
		expect(given.at(-1)).toBe("u");

		const seconds = Number(sent["X-Haldane-Timestamp"]);
		const at = (later: number) => bench({ now: () => (seconds + later) * 1_000 });
		const taken = at(0);
		expect((await taken.post("native", body, sent)).status).toBe(200);
		expect(taken.hints).toEqual([{ from: "native", hints: [{ image: "ghcr.io/acme/app", tag: "1.2.0" }] }]);
		expect((await at(301).post("native", body, sent)).status).toBe(401);
	});
});

test("docs/webhooks.md says of each trigger how its sender proves itself", () => {
	const rows = page.split("\n").filter((line) => line.startsWith("| `"));
	const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name));
	expect([...new Set(named)].filter((name) => Object.keys(triggers).includes(name ?? "")).sort()).toEqual(
		Object.keys(triggers).sort(),
	);
});
