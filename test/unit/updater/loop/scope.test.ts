import { describe, expect, test } from "vitest";
import { type ScopeOptions, scopeOf } from "../../../../src/updater/loop/scope.ts";

const all: ScopeOptions = { namespaces: undefined, selector: {}, excluded: [] };

describe("a namespace", () => {
	test.each<[string, Partial<ScopeOptions>, Record<string, string> | undefined, boolean]>([
		["is looked after where nothing is said", {}, undefined, true],
		["is looked after when it is listed", { namespaces: ["shop"] }, undefined, true],
		["is left alone when others are listed", { namespaces: ["other"] }, undefined, false],
		[
			"is left alone when it is excluded, listed or not",
			{ namespaces: ["shop"], excluded: ["shop"] },
			undefined,
			false,
		],
		["is looked after with all the labels", { selector: { team: "a", tier: "web" } }, { team: "a", tier: "web" }, true],
		["is left alone without one of them", { selector: { team: "a", tier: "web" } }, { team: "a" }, false],
		["is left alone while its labels are not known", { selector: { team: "a" } }, undefined, false],
	])("%s", (_name, options, labels, expected) =>
		expect(scopeOf({ ...all, ...options }).includes("shop", labels)).toBe(expected),
	);
});
