import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SUPPORTED_ALERT_PROVIDERS } from "../../../src/api/unsupported.ts";
import { imageReasons } from "../../../src/notify/image-reasons.ts";
import { notifierOf, notifiers } from "../../../src/notify/notifiers/registry.ts";
import { isReason, reasons, reasonsTable, reasonTitle } from "../../../src/notify/reasons.ts";

describe("the table of reasons", () => {
	test("is the one in docs/events.md (paste what is expected there)", () => {
		const page = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");
		const tables = [reasons, imageReasons].flatMap((told) => reasonsTable(told).split("\n"));
		expect(page.split("\n").filter((line) => line.startsWith("| "))).toEqual(tables);
	});

	test.each(Object.entries({ ...reasons, ...imageReasons }))(
		"%s is a word that Kubernetes takes, and says when and what to do",
		(id, row) => {
			expect(id).toMatch(/^[A-Z][A-Za-z]{1,127}$/);
			expect(row.describe).toMatch(/^[A-Z].*\.$/);
			expect(row.whatToDo).toMatch(/^[A-Z`].*\.$/);
			expect(`${row.describe}${row.whatToDo}`).not.toMatch(/[|\n]/);
		},
	);

	test("alarms nobody about what is normal", () => {
		const normal = Object.values({ ...reasons, ...imageReasons }).filter(({ type }) => type === "Normal");
		expect(new Set(normal.map(({ severity }) => severity))).toEqual(new Set(["info", undefined]));
	});

	test.each([
		["Promoted", true],
		["promoted", false],
		["toString", false],
		["", false],
	])("says of %j whether it is one: %s", (text, isOne) => {
		expect(isReason(text)).toBe(isOne);
	});

	test.each([
		["TooManyFailedChecks", "Too many failed checks"],
		["Promoted", "Promoted"],
		["", ""],
	])("puts %j into words", (reason, words) => {
		expect(reasonTitle(reason)).toBe(words);
	});
});

describe("the registry of notifiers", () => {
	test("holds what the API says is supported", () => {
		expect(Object.keys(notifiers).sort()).toEqual([...SUPPORTED_ALERT_PROVIDERS].sort());
	});

	test("knows no notifier by a name that every object has", () => {
		expect(notifierOf("toString")).toBeUndefined();
		expect(notifierOf("slack")).toBe(notifiers.slack);
	});
});
