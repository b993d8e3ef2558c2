import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulateFlags, simulate } from "../../../src/cli/simulate.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { elementsOf } from "./xml.ts";

const examples = resolve(import.meta.dirname, "../../../examples");
const gateway = join(examples, "canary-gateway-api.yaml");

const flags = (change: Partial<SimulateFlags>): SimulateFlags => ({
	filename: [gateway],
	scenario: [],
	meshProvider: "kubernetes",
	readyAfter: "10s",
	routeAfter: "0s",
	drain: "5s",
	baselineP99: "100ms",
	rate: "100",
	horizon: "48h",
	output: "text",
	...change,
});

async function refusal(change: Partial<SimulateFlags>): Promise<string> {
	try {
		await simulate(flags(change), async () => "");
	} catch (thrown) {
		if (thrown instanceof UsageError) return thrown.message;
		throw thrown;
	}
	return "not refused";
}

describe("haldane simulate", () => {
	let folder = "";
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "simulate-"));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	test.each([
		["canary-gateway-api.yaml", "errors-are-rolled-back.yaml", 7],
		["canary-steps.yaml", "people-take-their-time.yaml", 4],
	])("%s comes out as %s says", async (canary, scenarios, count) => {
		const said = await simulate(
			flags({
				filename: [join(examples, canary), join(examples, "metric-template.yaml")],
				scenario: [join(examples, "scenarios", scenarios)],
				output: "json",
			}),
		);
		const report = JSON.parse(said.text);
		expect(report.scenarios.flatMap(({ broken }: { broken: string[] }) => broken)).toEqual([]);
		expect(report.scenarios).toHaveLength(count);
		expect(said.exitCode).toBe(0);
	});

	test.each(["blue-green", "gateway-api", "mirror", "steps", "traffic-split"])(
		"examples/canary-%s.yaml is promoted when all is well",
		async (name) => {
			const said = await simulate(flags({ filename: [join(examples, `canary-${name}.yaml`)] }));
			expect(said.exitCode).toBe(0);
			expect(said.text).toContain("Scenario ok: promoted after");
		},
	);

	test("ends with 1 when it is rolled back, and 0 when that was expected", async () => {
		expect((await simulate(flags({ scenario: ["errors=5%"] }))).exitCode).toBe(1);
		expect((await simulate(flags({ scenario: ["errors=5%"], expect: "rolled-back" }))).exitCode).toBe(0);
		const held = await simulate(flags({ scenario: ["errors=5%"], expect: "rolled-back", within: "2m" }));
		expect(held.exitCode).toBe(1);
		expect(held.text).toContain("Broken: expected at most 2m from the first bad request");
	});

	test("holds each scenario of the command line to the bounds", async () => {
		const said = await simulate(flags({ scenario: ["errors=5%", "ok"], expect: "rolled-back" }));
		expect(said.exitCode).toBe(1);
		expect(said.text.match(/NOT AS EXPECTED/g)).toHaveLength(1);
	});

	test("reads standard input, and draws", async () => {
		const canary = `{"apiVersion":"haldane.dev/v1beta1","kind":"Canary","metadata":{"name":"a"},"spec":{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"},"service":{"port":80},"analysis":{"iterations":2}}}`;
		const said = await simulate(flags({ filename: ["-"], output: "svg" }), async () => canary);
		expect(elementsOf(said.text)[1]?.text).toBe("Dry run of Canary default/a");
		const other = await simulate(flags({ filename: ["-"], meshProvider: "gatewayapi", output: "json" }), async () =>
			canary.replace('"port":80', '"port":80,"gatewayRefs":[{"name":"g"}]'),
		);
		expect(JSON.parse(other.text)).toMatchObject({ provider: "gatewayapi", steps: 2 });
	});

	test.each<[Partial<SimulateFlags>, string]>([
		[{ filename: ["/nowhere/x.yaml"] }, "/nowhere/x.yaml: there is no such file"],
		[{ filename: [examples] }, "is a folder; name a file"],
		[{ filename: ["-", "-"] }, "standard input can be read once"],
		[{ filename: ["-"] }, "there is no Canary in the input"],
		[{ filename: [join(examples, "podinfo.yaml")] }, "there is no Canary in the input"],
		[{ scenario: ["oops"] }, 'scenario "oops": is not known'],
		[{ scenario: ["/nowhere/s.yaml"] }, "/nowhere/s.yaml: there is no such file"],
		[{ scenario: [gateway] }, "scenarios: is missing"],
		[{ scenario: ["metric speed=1"] }, "the Canary has no metric speed"],
		[{ meshProvider: "linkrd" }, "--mesh-provider: no provider linkrd; known are"],
		[{ output: "png" }, "--output png: write text, json, svg"],
		[{ output: "constructor" }, "--output constructor: write"],
		[{ output: "svg", scenario: Array.from({ length: 21 }, () => "ok") }, "at most 20 scenarios, and there are 21"],
		[{ readyAfter: "soon" }, "--ready-after: write a duration"],
		[{ horizon: "9999h" }, "--horizon: is too long"],
		[{ rate: "0" }, "--rate: write requests a second"],
		[{ rate: "-5" }, "--rate: write requests a second"],
		[{ expect: "succeeded" }, "--expect succeeded: write promoted, rolled-back, unfinished"],
		[{ within: "2" }, "--within: write a duration"],
		[{ atMost: "half" }, "--at-most: write a share like 0.5%"],
	])("%j is refused", async (change, words) => {
		expect(await refusal(change)).toContain(words);
	});

	test("says what docs/simulate.md shows", async () => {
		const page = readFileSync(join(examples, "../docs/simulate.md"), "utf8");
		const shown = /\$ haldane simulate .*\n([^`]*)\n```/.exec(page)?.[1];
		const said = await simulate(
			flags({
				filename: [join(examples, "canary-traffic-split.yaml"), join(examples, "metric-template.yaml")],
				scenario: ["metric success=95@5"],
				expect: "rolled-back",
				within: "1m",
			}),
		);
		expect(shown).toBe(said.text);
	});

	test("says everything that is wrong with a Canary", async () => {
		const file = join(folder, "broken.yaml");
		writeFileSync(
			file,
			"apiVersion: haldane.dev/v1beta1\nkind: Canary\nmetadata: {name: a, namespace: b}\nspec: {analysis: {interval: soon, threshold: many, stepWeight: 5}}\n",
		);
		const said = await refusal({ filename: [file] });
		expect(said.split("\n")).toHaveLength(3);
		for (const field of ["spec.targetRef", "spec.analysis.interval", "spec.analysis.threshold"]) {
			expect(said).toContain(`Canary b/a: ${field}`);
		}
	});
});
