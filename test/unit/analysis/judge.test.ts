import { describe, expect, test } from "vitest";
import { judge, judgeHook, judgeRound, thresholdText, type Verdict } from "../../../src/analysis/judge.ts";
import type { Range, Reading } from "../../../src/analysis/question.ts";
import type { HookAnswer } from "../../../src/hooks/hook.ts";

const value = (number: number): Reading => ({ kind: "value", value: number });

describe("a check", () => {
	test.each<[string, Range, Reading, Verdict]>([
		["passes on the least value", { min: 99 }, value(99), "passed"],
		["fails below the least value", { min: 99 }, value(98.999), "failed"],
		["passes on the greatest value", { max: 500 }, value(500), "passed"],
		["fails above the greatest value", { max: 500 }, value(500.001), "failed"],
		["passes between both", { min: 1, max: 5 }, value(3), "passed"],
		["fails outside of both", { min: 1, max: 5 }, value(0), "failed"],
		["takes a limit of zero for a limit", { max: 0 }, value(0.1), "failed"],
		["passes on any value when it asks for none", {}, value(-1), "passed"],
		["is in doubt without data", { min: 99 }, { kind: "noData", detail: "no series" }, "inconclusive"],
		["is in doubt without a backend", { min: 99 }, { kind: "unreachable", detail: "down" }, "inconclusive"],
		["is in doubt about nonsense", { min: 99 }, { kind: "malformed", detail: "a table" }, "inconclusive"],
		["is in doubt about NaN, whoever let it through", {}, value(Number.NaN), "inconclusive"],
		["is in doubt about infinity too", {}, value(Number.POSITIVE_INFINITY), "inconclusive"],
	])("%s", (_name, range, reading, verdict) => {
		const judged = judge({ name: "c", range, unit: undefined }, reading);
		expect(judged.verdict).toBe(verdict);
		expect(judged.value).toBe(verdict !== "inconclusive" && reading.kind === "value" ? reading.value : undefined);
		expect(judged.message === undefined).toBe(verdict === "passed");
	});

	test.each<[Parameters<typeof judge>[0], Reading, string]>([
		[
			{ name: "request-success-rate", range: { min: 99 }, unit: "%" },
			value(97.23456789),
			"request-success-rate is 97.2346%, wanted >= 99",
		],
		[
			{ name: "request-duration", range: { max: 500 }, unit: "ms" },
			value(812),
			"request-duration is 812 ms, wanted <= 500",
		],
		[{ name: "errors", range: { min: 1, max: 5 }, unit: undefined }, value(1e-9), "errors is 1e-9, wanted 1 to 5"],
		[
			{ name: "errors", range: {}, unit: undefined },
			{ kind: "noData", detail: "no series" },
			"errors: no data: no series",
		],
	])("says what is wrong with %o", (check, reading, message) => {
		expect(judge(check, reading).message).toBe(message);
	});
});

test.each<[Range, string]>([
	[{ min: 99 }, ">= 99"],
	[{ max: 0 }, "<= 0"],
	[{ min: 0, max: 5 }, "0 to 5"],
	[{}, "any value"],
])("the range %o reads as '%s'", (range, text) => {
	expect(thresholdText(range)).toBe(text);
});

test.each<[HookAnswer, Verdict, string | undefined]>([
	[{ kind: "yes" }, "passed", undefined],
	[{ kind: "no", detail: "HTTP 500: tests failed" }, "failed", "hook load says no: HTTP 500: tests failed"],
	[{ kind: "unreachable", detail: "no answer" }, "inconclusive", "hook load cannot be reached: no answer"],
])("a hook that answers %o is %s", (answer, verdict, message) => {
	expect(judgeHook({ name: "load" }, answer)).toMatchObject({ verdict, ...(message === undefined ? {} : { message }) });
});

describe("a round", () => {
	const verdicts = ["passed", "failed", "inconclusive"] as const;
	const rounds = verdicts.flatMap((one) => verdicts.flatMap((two) => verdicts.map((three) => [one, two, three])));

	test("without checks passes", () => {
		expect(judgeRound([])).toBe("passed");
	});

	test.each(rounds)("of %s, %s and %s goes by the worst of them", (...round) => {
		const worst = round.includes("failed") ? "failed" : round.includes("inconclusive") ? "inconclusive" : "passed";
		expect(judgeRound(round.map((verdict) => ({ verdict })))).toBe(worst);
	});
});
