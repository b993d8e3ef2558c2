import { describe, expect, test } from "vitest";
import type { Canary } from "../../../src/api/canary.ts";
import { details } from "../../../src/cli/get/details.ts";
import { get } from "../../../src/cli/get/get.ts";
import { ageText, nextText, table } from "../../../src/cli/get/table.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { inSeconds, NOW, recorded, running } from "../../support/situations.ts";

type Analysis = NonNullable<Canary["spec"]["analysis"]>;

const status = recorded("Progressing", {
	canaryWeight: 40,
	failedChecks: 1,
	run: running({ nextCheckAt: inSeconds(7), rounds: 2 }),
	checks: [
		{ name: "rate", value: 99.5, threshold: ">= 99", verdict: "passed", at: inSeconds(-3) },
		{ name: "latency", verdict: "inconclusive", message: "no data", at: inSeconds(-3) },
	],
	history: [
		{
			revision: "r9",
			startedAt: inSeconds(-9_000),
			endedAt: inSeconds(-8_000),
			outcome: "Failed",
			reason: "TooManyFailedChecks",
			message: "rate fell",
		},
	],
});

function cart(change: Partial<Canary["status"]> = {}, spec: Partial<Canary["spec"]> = {}): Canary {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { namespace: "shop", name: "cart", creationTimestamp: inSeconds(-3 * 86_400) },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			analysis: { stepWeights: [20, 40, 60], threshold: 5 } as Analysis,
			...spec,
		},
		status: { ...status, ...change },
	} as unknown as Canary;
}

const cells = (line: string | undefined) => line?.split(/\s{2,}/);
const plain = { namespaces: false, wide: false, now: NOW };

describe("the table of Canaries", () => {
	test("says where each stands, how it is judged, and when something happens next", () => {
		const [head, row] = table([cart()], { ...plain, namespaces: true }).split("\n");
		expect(cells(head)).toEqual([
			"NAMESPACE",
			"NAME",
			"PHASE",
			"WEIGHT",
			"STEP",
			"CHECKS",
			"READY",
			"NEXT",
			"MESSAGE",
			"AGE",
		]);
		expect(cells(row)).toEqual(["shop", "cart", "Progressing", "40", "2/3", "1/2", "Unknown", "in 7s", "-", "3d"]);
	});

	test("has limits and targets when it is wide", () => {
		const [head, row] = table([cart()], { ...plain, wide: true }).split("\n");
		const byTitle = Object.fromEntries((cells(head) ?? []).map((title, index) => [title, cells(row)?.[index]]));
		expect(byTitle).toMatchObject({ FAILED: "1/5", TARGET: "Deployment/cart", REVISION: "r1", PROVIDER: "-" });
	});

	test("clips a long message, and not when it is wide", () => {
		const message = "the route is not accepted ".repeat(9).trim();
		const conditions = [
			{ type: "Ready", status: "False" as const, reason: "X", message, lastTransitionTime: inSeconds(0) },
		];
		expect(table([cart({ conditions })], plain)).not.toContain(message);
		expect(table([cart({ conditions })], { ...plain, wide: true })).toContain(message);
	});

	test("has a row for one that nobody has looked at yet", () => {
		const fresh = { ...cart(), status: undefined } as unknown as Canary;
		expect(cells(table([fresh], plain).split("\n")[1])).toEqual([
			"cart",
			"-",
			"0",
			"-",
			"-",
			"Unknown",
			"-",
			"-",
			"3d",
		]);
	});
});

describe("one Canary", () => {
	test("is told whole: steps, checks, what comes next and what came before", () => {
		const lines = details(cart(), NOW)
			.split("\n")
			.map((line) => cells(line.trim()));
		for (const expected of [
			["Phase", "Progressing for 60s"],
			["Candidate", "revision r1"],
			["Traffic", "primary 60 %, candidate 40 %"],
			["Next", "checks in 7s; step 3 follows this step"],
			["✓  1", "20 %", "1 round"].flatMap((cell) => cell.split(/\s{2,}/)),
			["▸", "2", "40 %", "1 round", "in force for 10s, 2 rounds passed; in the whole run 0 failed"],
			["3", "60 %", "1 round"],
			["rate", "passed", "99.5", ">= 99", "3s ago"],
			["latency", "inconclusive", "no value", "3s ago", "no data"],
			["133m ago", "r9", "Failed", "TooManyFailedChecks", "rate fell"].map((cell) => cell.replace("133m", "2h")),
		]) {
			expect(lines).toContainEqual(expected);
		}
	});

	test.each<[string, Canary, string]>([
		["waits for its candidate", cart({ run: running({ step: -1 }) }), "the candidate becomes ready"],
		["is on its last step", cart({ run: running({ step: 2, nextCheckAt: inSeconds(-1) }) }), "checks now; promotion"],
		["is paused by command", cart({ run: running({ paused: true }) }), "`haldane resume cart`"],
		["is paused by its spec", cart({}, { paused: true }), "paused by spec.paused"],
		["is suspended", cart({}, { suspend: true }), "suspended by spec.suspend"],
		["stands at a pausing step", cart({ run: running({ waitingFor: "pause" }) }), "waits for a person"],
		[
			"stands at a gate",
			cart({ run: running({ waitingFor: "confirm-promotion", nextCheckAt: inSeconds(4) }) }),
			"waits for confirm-promotion, asked again in 4s",
		],
		["has failed", cart({ phase: "Failed" }), "`haldane retry`"],
		["is promoted", cart({ phase: "Succeeded" }), "a change of the target"],
	])("that %s says what comes next", (_state, canary, expected) => {
		const next = details(canary, NOW)
			.split("\n")
			.find((line) => line.startsWith("Next"));
		expect(next).toContain(expected);
	});

	test("that is stalled says what a person has to do", () => {
		const conditions = [
			{
				type: "Stalled",
				status: "True" as const,
				reason: "TargetMissing",
				message: "create the Deployment",
				lastTransitionTime: inSeconds(0),
			},
		];
		expect(details(cart({ conditions }), NOW)).toContain("nothing until a person helps: create the Deployment");
	});

	test("whose plan was edited in mid-run shows the step it is on, not steps it never took", () => {
		const text = details(cart({ run: running({ steps: 7 }) }), NOW);
		expect(text).toContain("▸  2 of 7  40 %");
		expect(text).not.toContain("60 %  1 round");
	});
});

test.each([
	["7s", inSeconds(-7)],
	["119s", inSeconds(-119)],
	["2m", inSeconds(-120)],
	["119m", inSeconds(-7_199)],
	["2h", inSeconds(-7_200)],
	["2d", inSeconds(-172_800)],
	["0s", inSeconds(5)],
	["-", undefined],
])("an age is said in its largest unit: %s", (text, moment) => {
	expect(ageText(moment, NOW)).toBe(text);
});

test.each([
	["in 1s", new Date(NOW + 1).toISOString()],
	["in 1m30s", inSeconds(90)],
	["now", inSeconds(0)],
	["-", "soon"],
])("what is due is said to be %s", (text, moment) => {
	expect(nextText(moment, NOW)).toBe(text);
});

test.each([
	["an output that is none", undefined, { output: "xml" }, "--output xml: write table, wide, json, yaml, name"],
	["a name in all namespaces", "cart", { allNamespaces: true }, "cart is in one namespace"],
])("refuses %s before it connects", async (_what, name, flags, problem) => {
	const refused = get(name, flags, NOW);
	await expect(refused).rejects.toThrow(UsageError);
	await expect(refused).rejects.toThrow(problem);
});
