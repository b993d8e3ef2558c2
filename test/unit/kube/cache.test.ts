import { describe, expect, test } from "vitest";
import { played, requests, started, told } from "./played-cache.ts";
import {
	added,
	answered,
	bookmark,
	breaks,
	brokenLine,
	deleted,
	deployment,
	errorLine,
	fails,
	modified,
	noAnswer,
	page,
	type Turn,
	watch,
} from "./scripted-client.ts";

const [a1, a3, b2, b5, c4] = [
	deployment("a", 1),
	deployment("a", 3),
	deployment("b", 2),
	deployment("b", 5),
	deployment("c", 4),
];

describe("a cache", () => {
	const list = "list deployments";
	const first = page(10, [a1, b2]);

	test.each<[string, readonly Turn[], readonly string[], readonly string[]]>([
		["lists, then watches from there", [first], [list, "watch from 10"], ["a@1", "b@2"]],
		[
			"gathers the pages of a list",
			[page(10, [a1], "p2"), page(10, [b2], "p3"), page(10, [c4])],
			[list, `${list} after p2`, `${list} after p3`, "watch from 10"],
			["a@1", "b@2", "c@4"],
		],
		[
			"begins anew when a page has expired",
			[page(10, [a1, b2], "p2"), fails(answered(410)), page(12, [c4])],
			[list, `${list} after p2`, list, "watch from 12"],
			["c@4"],
		],
		[
			"takes what a watch tells",
			[first, watch(modified(deployment("a", 11)), deleted(deployment("b", 12)), added(deployment("c", 13)))],
			[list, "watch from 10", "watch from 13"],
			["a@11", "c@13"],
		],
		["goes on from a bookmark", [first, watch(bookmark(40))], [list, "watch from 10", "watch from 40"], ["a@1", "b@2"]],
		["goes on after a quiet end", [first, watch()], [list, "watch from 10", "watch from 10"], ["a@1", "b@2"]],
		[
			"goes on from the last line before a break",
			[first, breaks(noAnswer, modified(deployment("a", 11)))],
			[list, "watch from 10", "watch from 11"],
			["a@11", "b@2"],
		],
		[
			"goes on from the last line before a refusal",
			[first, watch(modified(deployment("a", 11)), errorLine(500, "etcd is away"))],
			[list, "watch from 10", "watch from 11"],
			["a@11", "b@2"],
		],
		[
			"lists anew when a watch says that its version has expired",
			[first, watch(errorLine(410, "too old resource version")), page(20, [a1])],
			[list, "watch from 10", list, "watch from 20"],
			["a@1"],
		],
		[
			"lists anew when a watch is answered 410",
			[first, breaks(answered(410)), page(20, [a1])],
			[list, "watch from 10", list, "watch from 20"],
			["a@1"],
		],
		[
			"goes on after a line that is no JSON",
			[first, breaks(brokenLine, added(deployment("c", 13)))],
			[list, "watch from 10", "watch from 13"],
			["a@1", "b@2", "c@13"],
		],
		[
			"lists anew when the same line is broken again and again",
			[first, breaks(brokenLine), breaks(brokenLine), breaks(brokenLine), page(20, [a1])],
			[list, "watch from 10", "watch from 10", "watch from 10", list, "watch from 20"],
			["a@1"],
		],
		[
			"lists anew when the server knows nothing of the version",
			[first, breaks(answered(504)), breaks(answered(504)), breaks(answered(504)), page(3, [a1, b2])],
			[list, "watch from 10", "watch from 10", "watch from 10", list, "watch from 3"],
			["a@1", "b@2"],
		],
		[
			"does not list anew because the server was away",
			[first, ...Array.from({ length: 5 }, () => breaks(noAnswer))],
			[list, ...Array.from({ length: 6 }, () => "watch from 10")],
			["a@1", "b@2"],
		],
		[
			"forgets everything when the resource is served no more",
			[first, breaks(answered(404)), fails(answered(404))],
			[list, "watch from 10", list, list],
			[],
		],
		[
			"finds a resource that is served later",
			[fails(answered(404)), fails(answered(404)), first],
			[list, list, list, "watch from 10"],
			["a@1", "b@2"],
		],
		[
			"passes over objects without a name",
			[
				page(10, [a1, { apiVersion: "apps/v1", kind: "Deployment" } as never, deployment("", 2), b2]),
				watch(
					added({ metadata: undefined } as never),
					added(undefined as never),
					deleted({ metadata: {} } as never),
					added(deployment("c", 13)),
				),
			],
			[list, "watch from 10", "watch from 13"],
			["a@1", "b@2", "c@13"],
		],
		[
			"does not mind a bookmark of nothing",
			[first, watch({ type: "BOOKMARK" } as never)],
			[list, "watch from 10", "watch from 10"],
			["a@1", "b@2"],
		],
	])("%s", async (_name, turns, asked, has) => {
		const run = await played(turns);
		expect(requests(run.script)).toEqual(asked);
		expect(run.has).toEqual(has);
	});

	test("tells what a new list lacks, and what it has that is new", async () => {
		const { changes } = await played([page(10, [a1, b2]), breaks(answered(410)), page(20, [a3, c4])]);
		expect(changes).toEqual([
			"shop/a: none → 1",
			"shop/b: none → 2",
			"shop/b: 2 → none",
			"shop/a: 1 → 3",
			"shop/c: none → 4",
		]);
	});

	test("shows readers no half of a list", async () => {
		const { cache, clock, script } = started([page(10, [a1]), watch(errorLine(410, "expired")), page(20, [b5], "p2")]);
		await clock.until(script.isOver);
		expect(cache.list()).toEqual([a1]);
	});

	test("tells each change once, however often it hears of it", async () => {
		const again = modified(deployment("a", 11));
		const { changes } = await played([page(10, [a1]), watch(again, again), page(20, [])]);
		expect(changes).toEqual(["shop/a: none → 1", "shop/a: 1 → 11"]);
	});

	test("goes on when one who is told of a change throws, and tells the others", async () => {
		const run = started([page(10, [a1]), watch(added(deployment("c", 13)))]);
		run.cache.subscribe(() => {
			throw new TypeError("oh no");
		});
		const others: string[] = [];
		run.cache.subscribe((change) => others.push(told(change)));
		await run.clock.until(run.script.isOver);
		expect(others).toEqual(["shop/a: none → 1", "shop/c: none → 13"]);
		expect(requests(run.script)).toEqual(["list deployments", "watch from 10", "watch from 13"]);
		expect(run.lines.map(({ level, fields }) => [level, fields.key, String(fields.err).split("\n")[0]])).toEqual([
			["error", "shop/a", "TypeError: oh no"],
			["error", "shop/c", "TypeError: oh no"],
		]);
	});

	test("says that it passes over what has no name, and nothing of it", async () => {
		const { lines } = await played([page(10, [deployment("", 2)])]);
		expect(lines).toEqual([
			{ level: "warn", message: "an object without a name is passed over", fields: { resource: "deployments" } },
		]);
	});

	test("keeps no managed fields", async () => {
		const { cache } = await played([page(10, [deployment("a", 1, { managedFields: [{ manager: "x" }] })])]);
		expect(cache.list()).toEqual([a1]);
	});

	test("reads back a write of our own, which an older line does not undo", async () => {
		const run = started([page(10, [a1]), { ...watch(modified(deployment("a", 12))), lastsMs: 1 }]);
		await run.clock.rest();
		run.cache.remember(deployment("a", 14, { managedFields: [] }));
		await run.clock.until(run.script.isOver);
		expect(run.cache.list()).toEqual([deployment("a", 14)]);
		expect(run.changes.at(-1)).toBe("shop/a: 12 → 14");
	});
});
