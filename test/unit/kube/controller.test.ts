import { describe, expect, test } from "vitest";
import { Failure, type Remedy } from "../../../src/domain/failure.ts";
import { runController } from "../../../src/kube/controller.ts";
import { ApiError } from "../../../src/kube/errors.ts";
import { Slots } from "../../../src/kube/slots.ts";
import { WorkQueue } from "../../../src/kube/work-queue.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { keptLog } from "./logged.ts";

class Trouble extends Failure {
	readonly remedy: Remedy;

	constructor(remedy: Remedy) {
		super(`Canary shop/cart: needs ${remedy}`);
		this.remedy = remedy;
	}
}

type Outcome = Error | "a bare string" | number | undefined;
/** What comes of the work on a key, time after time; undefined is that it went well, a number when to come again. */
type Outcomes = Readonly<Record<string, readonly Outcome[]>>;

function working(outcomes: Outcomes, { concurrency = 2, lastsMs = 0, random = (): number => 1 } = {}) {
	const clock = new FakeClock();
	const queue = new WorkQueue(clock);
	const { log, lines } = keptLog();
	const stop = new AbortController();
	const starts: { readonly key: string; readonly at: number }[] = [];
	const results: (readonly [string, number])[] = [];
	const running: string[] = [];
	let most = 0;
	const ended = runController(
		{
			queue,
			slots: new Slots(concurrency),
			clock,
			random,
			log,
			reconciled: (result, seconds) => results.push([result, seconds]),
			reconcile: async (key) => {
				expect(running, "never one twice at once").not.toContain(key);
				const turn = starts.filter((start) => start.key === key).length;
				starts.push({ key, at: clock.elapsed() });
				running.push(key);
				most = Math.max(most, running.length);
				if (lastsMs > 0) await new Promise<void>((resolve) => clock.after(lastsMs, resolve));
				running.splice(running.indexOf(key), 1);
				const outcome = outcomes[key]?.[turn];
				if (outcome instanceof Error || typeof outcome === "string") throw outcome;
				return { wakeAfterMs: outcome };
			},
		},
		stop.signal,
	);
	for (const key of Object.keys(outcomes)) queue.add(key);
	return { clock, queue, lines, stop, starts, results, ended, running, most: () => most };
}

const times = (count: number, outcome: () => Outcome) => Array.from({ length: count }, outcome);
const startsOf = (key: string, starts: readonly { readonly key: string; readonly at: number }[]) =>
	starts.filter((start) => start.key === key).map(({ at }) => at);
/** The pauses between one start and the next. */
async function pauses(outcomes: readonly Outcome[], random: () => number = () => 1) {
	const run = working({ cart: outcomes }, { random });
	await run.clock.advance(3_600_000);
	const at = startsOf("cart", run.starts);
	return at.slice(1).map((moment, n) => moment - (at[n] ?? 0));
}

const retry = () => new Trouble("retry");
const refetch = () => new Trouble("refetch");
const bug = () => new TypeError("x is undefined");
const throttled = () =>
	new ApiError("Canary shop/cart", { status: 429, reason: "TooManyRequests", retryAfterMs: 7_000 });

describe("how soon a key is worked on again", () => {
	test.each<[string, readonly Outcome[], readonly number[]]>([
		["never, when all went well", [undefined], []],
		["when the work says so", [500, undefined], [500]],
		[
			"after a retry, more slowly each time",
			times(12, retry),
			[50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000],
		],
		["after a refetch, almost at once", times(3, refetch), [10, 20, 40]],
		[
			"after a refetch, up to five seconds",
			times(11, refetch),
			[10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000],
		],
		[
			"after what needs an edit, slowly",
			times(8, () => new Trouble("edit")),
			[5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000],
		],
		["after a bug, slowly", times(3, bug), [1000, 2000, 4000]],
		["after what is not even an error, slowly", times(2, () => "a bare string"), [1000, 2000]],
		["as late as the server asks", times(2, throttled), [7000, 7000]],
		["anew after it went well", [retry(), retry(), 0, retry()], [50, 100, 0, 50]],
		["each kind of trouble for itself", [retry(), retry(), refetch(), retry(), refetch()], [50, 100, 10, 200, 20]],
	])("%s", async (_name, outcomes, expected) => {
		expect(await pauses(outcomes)).toEqual(expected);
	});

	test("sooner by chance, by half at most", async () => {
		expect(await pauses(times(3, retry), () => 0)).toEqual([25, 50, 100]);
	});

	test("at once when something changed, however long it was to wait", async () => {
		const { clock, queue, starts } = working({ cart: [new Trouble("edit")] });
		await clock.advance(10);
		queue.add("cart");
		await clock.advance(60_000);
		expect(startsOf("cart", starts)).toEqual([0, 10]);
	});
});

describe("a controller", () => {
	test("works on others while one fails again and again", async () => {
		const { clock, starts } = working({ bad: times(100, bug), stuck: times(100, retry), good: times(20, () => 100) });
		await clock.advance(2_000);
		expect(startsOf("good", starts)).toEqual(Array.from({ length: 21 }, (_, n) => n * 100));
	});

	test("works on as many keys at once as it may, and no more", async () => {
		const keys = Array.from({ length: 9 }, (_, n) => [`k${n}`, []] as const);
		const { clock, most, starts } = working(Object.fromEntries(keys), { concurrency: 3, lastsMs: 100 });
		await clock.advance(1_000);
		expect(most()).toBe(3);
		expect(starts.map(({ at }) => at)).toEqual([0, 0, 0, 100, 100, 100, 200, 200, 200]);
	});

	test("works again on what was added while it was worked on, after that and once", async () => {
		const { clock, queue, starts } = working({ cart: [] }, { lastsMs: 100 });
		await clock.advance(30);
		for (let n = 0; n < 3; n++) queue.add("cart");
		await clock.advance(1_000);
		expect(startsOf("cart", starts)).toEqual([0, 100]);
	});

	test("logs a bug with its stack, and what failed by its reason", async () => {
		const { clock, lines } = working({ cart: [bug(), refetch(), retry(), new Trouble("edit"), "a bare string"] });
		await clock.advance(10_000);
		expect(lines.map(({ level, fields }) => [level, fields.key, fields.err ?? fields.reason, fields.waitMs])).toEqual([
			["error", "cart", expect.stringMatching(/^TypeError: x is undefined\n +at bug /), 1000],
			["debug", "cart", "Canary shop/cart: needs refetch", 10],
			["warn", "cart", "Canary shop/cart: needs retry", 50],
			["warn", "cart", "Canary shop/cart: needs edit", 5000],
			["error", "cart", "a bare string", 2000],
		]);
	});

	test("tells how each ended and how long it took", async () => {
		const { clock, results } = working({ cart: [retry(), 10, undefined] }, { lastsMs: 250 });
		await clock.advance(10_000);
		expect(results).toEqual([
			["error", 0.25],
			["requeue_after", 0.25],
			["success", 0.25],
		]);
	});
});

describe("a controller that is told to stop", () => {
	test("brings the work in hand to its end, and begins nothing more", async () => {
		const { clock, queue, stop, ended, starts, running, lines } = working(
			{ a: [10], b: [retry()], c: [] },
			{ lastsMs: 100 },
		);
		await clock.advance(50);
		queue.add("a");
		stop.abort();
		let isOver = false;
		ended.then(() => {
			isOver = true;
		});
		await clock.advance(49);
		expect([isOver, running]).toEqual([false, ["a", "b"]]);
		await clock.advance(1);
		expect(isOver).toBe(true);
		queue.add("a");
		await clock.advance(10_000);
		expect(starts.map(({ key }) => key)).toEqual(["a", "b"]);
		expect([clock.pending, lines]).toEqual([0, []]);
	});

	test("ends at once when it has nothing in hand", async () => {
		const { clock, stop, ended } = working({ a: [10_000] });
		await clock.advance(50);
		stop.abort();
		await clock.settle(ended);
		expect([clock.elapsed(), clock.pending]).toEqual([50, 0]);
	});

	test("does not begin what it was handed at that very moment", async () => {
		const { clock, queue, stop, ended, starts } = working({});
		await clock.rest();
		queue.add("a");
		stop.abort();
		await clock.settle(ended);
		expect(starts).toEqual([]);
	});

	test("before it began does nothing", async () => {
		const clock = new FakeClock();
		const queue = new WorkQueue(clock);
		queue.add("a");
		await clock.settle(
			runController(
				{
					queue,
					slots: new Slots(1),
					clock,
					random: () => 1,
					log: keptLog().log,
					reconciled: () => {},
					reconcile: () => Promise.reject(new Error("this is not to be called")),
				},
				AbortSignal.abort(),
			),
		);
		expect(clock.pending).toBe(0);
	});
});
