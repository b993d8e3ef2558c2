import { describe, expect, test } from "vitest";
import { played, requests, started } from "./played-cache.ts";
import { answered, bookmark, breaks, deployment, fails, noAnswer, page, type Turn, watch } from "./scripted-client.ts";

describe("how long a cache waits", () => {
	const refused = (count: number, error: Error = noAnswer) => Array.from({ length: count }, () => fails(error));
	const waits = (asked: readonly { readonly at: number }[]) =>
		asked.slice(1).map(({ at }, n) => at - (asked[n]?.at ?? 0));

	test.each<[string, readonly Turn[], () => number, readonly number[]]>([
		["doubles, up to ten seconds", refused(9), () => 1, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]],
		["is down to half of that, by chance", refused(9), () => 0, [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]],
		["is as long as the server asks", refused(2, answered(429, 7_000)), () => 1, [7_000, 7_000]],
		["starts anew after a list", [...refused(3), page(10, []), breaks(noAnswer)], () => 1, [100, 200, 400, 0, 100]],
		[
			"starts anew after a line",
			[page(10, []), breaks(noAnswer), breaks(noAnswer, bookmark(10)), breaks(noAnswer)],
			() => 1,
			[0, 100, 100, 200],
		],
		["is nothing after a watch that has lasted", [page(10, []), watch(), watch()], () => 1, [0, 60_000, 60_000]],
		[
			"grows when each watch is closed at once",
			[page(10, []), ...Array.from({ length: 3 }, () => ({ lines: [], lastsMs: 0 }))],
			() => 1,
			[0, 100, 200, 400],
		],
		[
			"is short once the server answers again, though with 410",
			[page(10, []), ...Array.from({ length: 6 }, () => breaks(noAnswer)), breaks(answered(410))],
			() => 1,
			[0, 100, 200, 400, 800, 1600, 3200, 100],
		],
		["grows when every list expires", refused(3, answered(410)), () => 1, [100, 200, 400]],
		["is ten seconds for a resource that is not served", refused(3, answered(404)), () => 1, [10_000, 10_000, 10_000]],
	])("%s", async (_name, turns, random, expected) => {
		const { script } = await played(turns, random);
		expect(waits(script.asked)).toEqual(expected);
	});

	test("is said aloud only when it goes on", async () => {
		const { lines } = await played(refused(5));
		expect(lines.map(({ level }) => level)).toEqual(["debug", "debug", "debug", "warn", "warn"]);
	});

	test("asks for watches of four to eight minutes", async () => {
		let chance = 0;
		const { script } = await played([page(10, []), watch()], () => chance++);
		expect(script.timeouts).toEqual([240, 480]);
	});
});

describe("a cache that is told to stop", () => {
	test.each<[string, readonly Turn[]]>([
		["while it lists", []],
		["while it watches", [page(10, [])]],
		["while it waits after a failure", [fails(noAnswer)]],
		["while the resource is not served", [fails(answered(404))]],
	])("ends %s", async (_name, turns) => {
		const { clock, ended, lines, script, stop } = started(turns);
		await clock.rest();
		const before = [...requests(script)];
		stop.abort();
		await clock.settle(ended);
		expect(requests(script)).toEqual(before);
		expect(clock.pending).toBe(0);
		expect(lines.filter(({ level }) => level !== "debug")).toEqual([]);
	});
});

describe("a cache is synced", () => {
	test.each<[string, readonly Turn[], boolean]>([
		["not before the whole list is there", [page(10, [deployment("a", 1)], "p2")], false],
		["not by a failure", [fails(noAnswer)], false],
		["by a list", [page(10, [])], true],
		["when there is nothing of the kind", [fails(answered(404))], true],
	])("%s", async (_name, turns, isSynced) => {
		const { cache, clock } = started(turns);
		let count = 0;
		cache.synced.then(() => {
			count += 1;
		});
		await clock.rest();
		expect([cache.isSynced, count]).toEqual([isSynced, isSynced ? 1 : 0]);
	});

	test("and stays so while it lists anew", async () => {
		const { cache, clock, script } = started([page(10, [deployment("a", 1)]), breaks(answered(410)), fails(noAnswer)]);
		await clock.until(script.isOver);
		await cache.synced;
		expect(cache.isSynced).toBe(true);
	});
});
