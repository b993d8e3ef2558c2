import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { consequence } from "../../../src/dashboard/actions.ts";
import { boundsOf } from "../../../src/dashboard/checks.ts";
import { eventsIn } from "../../../src/dashboard/client.ts";
import { diffLines } from "../../../src/dashboard/diff.ts";
import { healthOf } from "../../../src/dashboard/graph.ts";
import { fits } from "../../../src/dashboard/overview.ts";
import { emptyWorld, taken } from "../../../src/dashboard/state.ts";
import { ageText, dueText, numberText } from "../../../src/dashboard/time.ts";
import { type Summary, VERBS } from "../../../src/server/dashboard/wire.ts";

const summary: Summary = {
	namespace: "shop",
	name: "cart",
	phase: "Progressing",
	target: "Deployment cart",
	step: 1,
	steps: 3,
	weight: 20,
	mirror: 0,
	isPaused: false,
	message: "it goes well",
	next: "",
	checks: [],
	verbs: [],
};
const standing = { isLoading: false, missing: [] };
const snapshot = { type: "snapshot", canaries: [], images: [], standing } as const;
const judged = (at: string, value: number): Summary => ({
	...summary,
	checks: [{ name: "latency", value, threshold: "<= 500", verdict: "passed", at }],
});

describe("the difference of two texts", () => {
	test("tells a changed line as removed and added, in its place", () => {
		expect(diffLines("a\nb\nc\n", "a\nx\nc\n")).toEqual([
			{ kind: "same", text: "a" },
			{ kind: "removed", text: "b" },
			{ kind: "added", text: "x" },
			{ kind: "same", text: "c" },
		]);
	});

	test("holds both texts whole, whatever they are", () => {
		const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
		fc.assert(
			fc.property(text, text, (before, after) => {
				const lines = diffLines(before.join("\n"), after.join("\n"));
				const without = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text);
				expect(without("added")).toEqual(before);
				expect(without("removed")).toEqual(after);
			}),
		);
	});

	test("is told whole for texts too long to compare", () => {
		const long = Array.from({ length: 1_001 }, (_, index) => index).join("\n");
		expect(diffLines(long, "0").filter(({ kind }) => kind === "same")).toEqual([]);
	});
});

describe("what the page knows", () => {
	test("is what the last snapshot said, and each check's values since", () => {
		const first = taken(emptyWorld, { ...snapshot, canaries: [judged("2026-01-01T00:00:00Z", 10)] });
		const again = taken(first, { type: "changed", canary: judged("2026-01-01T00:00:00Z", 10) });
		const later = taken(again, { type: "changed", canary: judged("2026-01-01T00:00:10Z", 20) });
		const { points } = later.series.get("shop/cart")?.get("latency") ?? { points: [] };
		expect(points.map(({ value }) => value)).toEqual([10, 20]);
		expect(first.series.get("shop/cart")?.get("latency")?.points).toHaveLength(1);
	});

	test("forgets what is gone, also when a snapshot leaves it out", () => {
		const world = taken(emptyWorld, { ...snapshot, canaries: [summary] });
		expect(taken(world, { type: "gone", namespace: "shop", name: "cart" })).toEqual({ ...emptyWorld, standing });
		expect(taken(world, { ...snapshot, canaries: [] })).toEqual({ ...emptyWorld, standing });
	});

	test("keeps a bounded number of values", () => {
		let world = emptyWorld;
		for (let second = 0; second < 600; second += 1) {
			world = taken(world, { type: "changed", canary: judged(new Date(second * 1_000).toISOString(), second) });
		}
		const points = world.series.get("shop/cart")?.get("latency")?.points ?? [];
		expect(points).toHaveLength(500);
		expect(points.at(-1)?.value).toBe(599);
	});
});

test("reads events that come in pieces, and passes over heartbeats", () => {
	const event = { type: "gone", namespace: "a", name: "b" };
	const text = `: still here\n\ndata: ${JSON.stringify(event)}\n\ndata: {"ty`;
	expect(eventsIn(text)).toEqual({ events: [event], rest: 'data: {"ty' });
});

test.each([
	["cart", true],
	["SHOP progressing", true],
	["", true],
	["cart failed", false],
])("the filter %j", (filter, expected) => {
	expect(fits(summary, filter)).toBe(expected);
});

test.each([
	["<= 500", [500]],
	["99 to 100.5", [99, 100.5]],
	[undefined, []],
])("the bounds of %j", (threshold, bounds) => {
	expect(boundsOf(threshold)).toEqual(bounds);
});

test("each action says what will happen to which Canary", () => {
	const told = VERBS.map((verb) => consequence(verb, summary));
	expect(new Set(told).size).toBe(VERBS.length);
	for (const text of told) expect(text).toContain("cart");
});

test("health is unknown without requests, and never healthy by default", () => {
	expect(healthOf(undefined)).toBe("unknown");
	expect(
		[100, 96, 50, 0].map((successRate) => healthOf({ kind: "Pod", name: "p", of: "primary", successRate })),
	).toEqual(["healthy", "degraded", "failing", "failing"]);
});

test("moments and numbers as people read them", () => {
	const now = Date.parse("2026-01-01T00:10:00Z");
	expect(ageText("2026-01-01T00:09:15Z", now)).toBe("45 s");
	expect(ageText("2026-01-01T00:00:00Z", now)).toBe("10 min");
	expect(ageText("nonsense", now)).toBe("");
	expect(dueText("2026-01-01T00:10:07Z", now)).toBe("in 7 s");
	expect(dueText("2026-01-01T00:10:00Z", now)).toBe("now");
	expect([numberText(undefined), numberText(99.8765, "%"), numberText(0, "ms")]).toEqual(["–", "99.9 %", "0 ms"]);
});
