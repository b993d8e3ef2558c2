import { describe, expect, test } from "vitest";
import { type Case, dryRun } from "../../../src/simulate/dry-run.ts";
import { brokenBy } from "../../../src/simulate/expectation.ts";
import { svgOf } from "../../../src/simulate/svg.ts";
import { textOf } from "../../../src/simulate/text.ts";
import { canary, options, type ShapeName, scenario, shapes, subject, weighted } from "./canaries.ts";
import { elementsOf } from "./xml.ts";

const caseOf = (text: string, expectation: Case["expectation"] = {}, name = text): Case => ({
	name,
	scenario: scenario(text),
	expectation,
});
const report = (shape: ShapeName, ...cases: readonly Case[]) => dryRun(subject(shapes[shape]), cases, options);

describe("expectations", () => {
	// Errors from 20 % on: back after 30 s, 600 of 4000 requests met them, and 30 failed.
	test.each<[Case["expectation"], readonly string[]]>([
		[{ outcome: "rolled-back" }, []],
		[{ outcome: "rolled-back", withinMs: 30_000, atMostPercent: 15, atMostFailedPercent: 0.75 }, []],
		[{ outcome: "promoted" }, ["expected promoted, but it was rolled-back (TooManyFailedChecks)"]],
		[
			{ withinMs: 29_000 },
			["expected at most 29s from the first bad request until all traffic was back, but it took 30s"],
		],
		[
			{ atMostPercent: 0.5 },
			["expected at most 0.5 % of requests to meet a bad version, but 600 of 4000 requests (15 %) did"],
		],
		[{ atMostFailedPercent: 0.5 }, ["expected at most 0.5 % of requests to fail, but 30 of 4000 (0.75 %) did"]],
		[
			{ outcome: "unfinished", withinMs: 0, atMostPercent: 0, atMostFailedPercent: 0 },
			expect.objectContaining({ length: 4 }),
		],
	])("%j", (expectation, broken) => {
		const [one] = report("weighted", caseOf("errors=5%", expectation)).scenarios;
		expect(one?.broken).toEqual(broken);
		expect(one?.asExpected).toBe(one?.broken.length === 0);
	});

	test("hold a rollback that no request met to the time since the push", () => {
		const [one] = report("weighted", caseOf("not-ready", { withinMs: 59_000 })).scenarios;
		expect(one?.broken).toEqual(["expected at most 59s from the push to the end, but it took 1m"]);
	});

	test("hold a promotion to its whole time", () => {
		const requests = {
			rate: 1,
			total: 50,
			candidate: 0,
			mirrored: 0,
			bad: 0,
			badPercent: 0,
			failed: 0,
			failedPercent: 0,
		};
		const seen = { outcome: "promoted", reason: "Promoted", endedMs: 50_000, requests } as const;
		expect(brokenBy({ withinMs: 50_000 }, seen)).toEqual([]);
		expect(brokenBy({ withinMs: 49_999 }, seen)).toHaveLength(1);
	});

	test("are a promotion where none is said, and every scenario's own", () => {
		expect(report("weighted", caseOf("ok")).asExpected).toBe(true);
		expect(report("weighted", caseOf("errors=5%")).asExpected).toBe(false);
		const rolledBack = caseOf("errors=5%", { outcome: "rolled-back" });
		expect(report("weighted", caseOf("ok"), rolledBack).asExpected).toBe(true);
		expect(report("weighted", rolledBack, caseOf("no-data")).asExpected).toBe(false);
	});
});

describe("notes", () => {
	test.each<[string, object, string, string]>([
		["errors", { metrics: [] }, "errors=5%", "nothing here notices errors: it has no metrics"],
		["slowness", { metrics: [] }, "slow=5x", "nothing here notices slow answers"],
		["a gate", {}, "gate-closed=5m", "no gate is there to be closed"],
		["a phase", {}, "crash@WaitingPromotion", "never came to WaitingPromotion"],
	])("say that %s is missed", (_what, analysis, text, words) => {
		const [one] = dryRun(subject(canary({ ...weighted, ...analysis })), [caseOf(text)], options).scenarios;
		expect(one?.notes.join("; ")).toContain(words);
	});

	test("are silent where the Canary notices it", () => {
		for (const text of ["ok", "errors=5%", "slow=2x", "crash@Promoting"]) {
			expect(report("weighted", caseOf(text)).scenarios[0]?.notes).toEqual([]);
		}
	});
});

describe("the text", () => {
	test("has the timeline and the summary", () => {
		const text = textOf(report("weighted", caseOf("errors=5%@40")), { timelines: true });
		expect(text).toContain(
			"A good version is promoted in 50s at best, in 1m10s with 2 failed rounds, the most that may fail.",
		);
		expect(text).toMatch(/Scenario errors=5%@40: rolled back \(TooManyFailedChecks\) after 50s\n/);
		expect(text).toMatch(/ 30s {2}Progressing {2}2\/3 {3}40 % {4}checks failed, 1 so far: request-success-rate 95/);
		expect(text).toContain(
			"1200 of 5000 requests (24 %) met a bad version, 60 of them failed; all traffic was back 30s",
		);
	});

	test("says only the last of many that are the same", () => {
		const endless = subject(canary({ ...weighted, inconclusiveLimit: 0 }));
		const told = textOf(dryRun(endless, [caseOf("no-data")], { ...options, horizonMs: 3_600_000 }), {
			timelines: true,
		});
		// Rounds from 20 s to 3600 s are 359: the first two and the last are shown.
		expect(told).toContain("… 356 more of the same");
		expect(told.split("\n").filter((line) => line.includes("without an answer"))).toHaveLength(3);
	});

	test("leaves timelines out, and broken bounds in", () => {
		const text = textOf(report("weighted", caseOf("ok", { outcome: "rolled-back" })), { timelines: false });
		expect(text).not.toContain("TIME");
		expect(text).toContain("NOT AS EXPECTED");
		expect(text).toContain("Broken: expected rolled-back, but it was promoted (Promoted).");
	});

	test("holds nothing that a terminal would obey", () => {
		const evil = canary(weighted);
		const named = { ...evil, metadata: { ...evil.metadata, name: "a\u001b[2Jb\u202ec" } };
		const text = textOf(dryRun(subject(named), [caseOf("ok")], options), { timelines: true });
		expect(["\u001b", "\u202e"].filter((character) => text.includes(character))).toEqual([]);
		expect(text).toContain("a [2Jb c");
	});
});

describe("the picture", () => {
	test.each<[ShapeName, string]>([
		["weighted", "ok"],
		["weighted", "errors=5%@40"],
		["blue/green", "no-data"],
		["mirrored", "flaky=2"],
		["steps", "not-ready"],
		["held", "ok"],
	])("of %s with %s is well-formed and says what it shows", (shape, text) => {
		const elements = elementsOf(svgOf(report(shape, caseOf(text))));
		const names = elements.map(({ name }) => name);
		expect(elements[0]).toMatchObject({
			name: "svg",
			attributes: { role: "img", xmlns: "http://www.w3.org/2000/svg" },
		});
		const [title, desc] = elements[0]?.attributes["aria-labelledby"]?.split(" ") ?? [];
		expect(elements.find(({ attributes }) => attributes.id === title)?.text).toBe("Dry run of Canary shop/cart");
		expect(elements.find(({ attributes }) => attributes.id === desc)?.text).toContain(text);
		expect(names).not.toContain("script");
		expect(elements.flatMap(({ attributes }) => Object.keys(attributes)).filter((key) => /^on|href/.test(key))).toEqual(
			[],
		);
		expect(elements.find(({ name }) => name === "style")?.text).toContain("prefers-color-scheme: dark");
	});

	test("has ids of its own, for a page with more than one", () => {
		const idsOf = (...texts: readonly string[]) =>
			elementsOf(svgOf(report("weighted", ...texts.map((text) => caseOf(text)))))
				.map(({ attributes }) => attributes.id)
				.filter((id) => id !== undefined);
		const ids = [...idsOf("ok"), ...idsOf("no-data"), ...idsOf("ok", "no-data")];
		expect(new Set(ids).size).toBe(6);
		expect(idsOf("ok")).toEqual(idsOf("ok"));
	});

	test.each<[ShapeName, string, readonly string[]]>([
		["weighted", "ok", ["candidate's share", "answered by the new version", "passed"]],
		["weighted", "errors=5%", ["candidate's share", "failed"]],
		["mirrored", "no-data", ["candidate's share", "copies to the candidate", "no answer"]],
	])("of %s with %s explains what is in it, within its width", (shape, text, explained) => {
		const elements = elementsOf(svgOf(report(shape, caseOf(text))));
		const legend = elements.filter(({ name, attributes }) => name === "text" && attributes.y === "306");
		expect(legend.map(({ text: said }) => said)).toEqual(explained);
		const last = legend.at(-1);
		expect(Number(last?.attributes.x) + (last?.text.length ?? 0) * 8).toBeLessThan(900);
	});

	test("has a dot for each verdict and a band for each phase that lasts", () => {
		const elements = elementsOf(svgOf(report("weighted", caseOf("errors=5%@40"))));
		const dots = elements.filter(({ name, attributes }) => name === "circle" && !attributes.cy?.startsWith("30"));
		expect(dots.map(({ attributes }) => attributes.class)).toEqual(["passed", "failed", "failed", "failed"]);
		// 55 s on nine tenths of 820 points from 56 on: rounds at 20, 30, 40 and 50 s.
		expect(dots.map(({ attributes }) => Number(attributes.cx))).toEqual([324.4, 458.5, 592.7, 726.9]);
		const bands = elements.filter(({ attributes }) => attributes.class?.startsWith("band"));
		expect(bands).toHaveLength(2);
		const weight = elements.find(({ attributes }) => attributes.class === "weight");
		expect(weight?.attributes.d).toBe("M56 264H190.2V228H324.4V192H726.9V264H876");
	});

	test("escapes what names and messages hold", () => {
		const name = `<script>alert("1")</script>&amp;'\u0007`;
		const evil = canary({ ...weighted, metrics: [{ name: "<b>", query: "up", thresholdRange: { min: 1 } }] });
		const named = { ...evil, metadata: { ...evil.metadata, name } };
		const text = svgOf(dryRun(subject(named), [caseOf("metric <b>=0", {}, "</title><script/>")], options));
		const elements = elementsOf(text);
		expect(elements.map((element) => element.name)).not.toContain("script");
		expect(elements.map((element) => element.name)).not.toContain("b");
		expect(elements.find(({ attributes }) => attributes.id?.endsWith("-title"))?.text).toBe(
			`Dry run of Canary shop/<script>alert("1")</script>&amp;'`,
		);
		expect(text).not.toContain("\u0007");
	});
});

test("the JSON says the same as the report, and keeps its shape", () => {
	const one = report("weighted", caseOf("errors=5%", { outcome: "rolled-back" }));
	const read = JSON.parse(JSON.stringify(one));
	expect(read).toEqual(one);
	expect(Object.keys(read)).toEqual(
		"version canary provider steps intervalSeconds threshold bestSeconds worstSeconds asExpected notes scenarios".split(
			" ",
		),
	);
	expect(Object.keys(read.scenarios[0])).toEqual(
		"name scenario outcome reason message durationSeconds requests asExpected broken notes events traffic".split(" "),
	);
});
