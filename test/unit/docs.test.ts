import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { flagsTable } from "../../src/cli/flags.ts";
import { simulate } from "../../src/cli/simulate.ts";

const repository = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const rowsIn = (page: string) => page.split("\n").filter((line) => line.startsWith("| "));

test("docs/flags.md has every flag (paste what is expected there)", () => {
	expect(rowsIn(read("docs/flags.md"))).toEqual(flagsTable().split("\n"));
});

describe("docs/canary.md says why a Canary stalls", () => {
	const sources = ["src/reconciler", "src/mesh-adapters"].flatMap((folder) =>
		readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".ts") && !name.startsWith("decide"))
			.map((name) => read(join(folder, name))),
	);
	const given: readonly RegExpExecArray[] = sources.flatMap((source) => [
		...source.matchAll(/\breason: (?:[\w.]+ \? "(\w+)" : )?"(\w+)"/g),
		...source.matchAll(/, "(Foreign\w+)"\]/g),
	]);
	const reasons = [
		...new Set([...given.flatMap(([, ...found]) => found.filter((one) => one !== undefined)), "RouteRefused"]),
	];
	const documented = [...read("docs/canary.md").matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, reason = ""]) => reason);

	test("with each reason there is in the source", () => {
		expect(reasons.length).toBeGreaterThan(15);
		expect(reasons.filter((reason) => !documented.includes(reason))).toEqual([]);
	});

	test("and no other, those of failed writes apart", () => {
		const ofWrites = ["Forbidden", "FieldConflict", "Contested"];
		expect(documented.filter((reason) => !reasons.includes(reason) && !ofWrites.includes(reason))).toEqual([]);
	});
});

describe("docs/simulate.md", () => {
	const page = read("docs/simulate.md");
	const flags = {
		meshProvider: "kubernetes",
		readyAfter: "10s",
		routeAfter: "0s",
		drain: "5s",
		baselineP99: "100ms",
		rate: "100",
		horizon: "48h",
		output: "text",
	};

	test("has the picture that the command above it draws", async () => {
		const [, manifest = "", scenarios = ""] =
			/^haldane simulate -f (\S+)((?: --scenario \S+)+) -o svg > docs\/images\/simulate\.svg$/m.exec(page) ?? [];
		const filename = [join(repository, manifest)];
		const scenario = scenarios.split(" --scenario ").slice(1);
		const { text } = await simulate({ ...flags, filename, scenario, output: "svg" });
		expect(`${text}\n`).toBe(read("docs/images/simulate.svg"));
	});

	test("holds a Canary to bounds that it keeps", async () => {
		const [, manifest = "", scenario = "", expected = "", within = "", atMost = ""] =
			/^haldane simulate -f (\S+) --scenario (\S+) --expect (\S+) --within (\S+) --at-most (\S+)$/m.exec(page) ?? [];
		const held = { filename: [join(repository, manifest)], scenario: [scenario], expect: expected };
		expect(await simulate({ ...flags, ...held, within, atMost })).toMatchObject({ exitCode: 0 });
		expect(await simulate({ ...flags, ...held, within: "1m", atMost })).toMatchObject({ exitCode: 1 });
	});
});

test.each(["demo.svg", "simulate.svg"])("docs/images/%s is small, says what it is, and loads nothing", (name) => {
	const picture = read(join("docs/images", name));
	expect(picture.length).toBeLessThan(60 * 1_024);
	expect(picture).toMatch(/^<svg [^>]*role="img" aria-labelledby="[^"]+"/);
	expect(picture).not.toMatch(/<script|<foreignObject|<image|href=|url\(|@import/);
});

describe("docs/security.md", () => {
	const roles = ["deploy/rbac.yaml", "deploy/dashboard/rbac.yaml", "deploy/updater/rbac.yaml"].map(read).join("\n");
	const rules = roles.matchAll(/resources: \[(.*)\]/g);
	const resources = [...new Set([...rules].flatMap(([, list = ""]) => list.split(", ")))];

	test("says why the operator has each of its rights", () => {
		const page = read("docs/security.md");
		expect(resources.length).toBeGreaterThan(8);
		expect(resources.filter((resource) => !page.includes(`\`${resource}\``))).toEqual([]);
	});
});
