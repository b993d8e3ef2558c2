import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostBudgets, type Outcome, type Permit } from "../../../../src/updater/image-registry/host-budget.ts";
import { retryAfter, spentUntil } from "../../../../src/updater/image-registry/rate-limit.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { never } from "./scripted.ts";

function budgetsUnder(random = () => 1) {
	const clock = new FakeClock();
	return { clock, start: clock.now(), budgets: hostBudgets({ timers: clock, random }) };
}

const failed = (status: number, headers = {}): Outcome => ({ kind: "answer", status, headers });
const isGranted = (permit: Permit) => permit.kind === "granted";

describe("the budget of a host", () => {
	test("lets a burst pass and then so many a second", async () => {
		const { clock, start, budgets } = budgetsUnder();
		const at: number[] = [];
		const all = Array.from({ length: 45 }, async () => {
			const permit = await budgets.enter("a", "tags", { perSecond: 10 }, never);
			at.push(clock.now() - start);
			if (permit.kind === "granted") permit.done();
		});
		await clock.settle(Promise.all(all));
		expect(at.slice(0, 20)).toEqual(Array(20).fill(0));
		expect(at.slice(20)).toEqual(Array.from({ length: 25 }, (_, i) => (i + 1) * 100));
		expect(clock.pending).toBe(0);
	});

	test("never lets more pass in any second than the burst and the rate", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 50 }),
				fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 120 }),
				async (rate, gaps) => {
					const { clock, budgets } = budgetsUnder();
					const at: number[] = [];
					const all: Promise<void>[] = [];
					for (const gap of gaps) {
						await clock.advance(gap);
						all.push(
							budgets.enter("a", "tags", { perSecond: rate }, never).then((permit) => {
								if (permit.kind !== "granted") return;
								at.push(clock.now());
								permit.done();
							}),
						);
					}
					await clock.settle(Promise.all(all));
					for (const from of at) {
						const within = at.filter((moment) => moment >= from && moment < from + 1_000);
						expect(within.length).toBeLessThanOrEqual(20 + rate + 1);
					}
				},
			),
			{ numRuns: 20 },
		);
	});

	test("lets four at once to one host, in order, and others pass meanwhile", async () => {
		const { clock, budgets } = budgetsUnder();
		const granted: number[] = [];
		const permits: Permit[] = [];
		for (let i = 0; i < 7; i++) {
			budgets.enter("a", "tags", { perSecond: 10 }, never).then((permit) => {
				granted.push(i);
				permits.push(permit);
			});
		}
		await clock.rest();
		expect(granted).toEqual([0, 1, 2, 3]);
		expect(isGranted(await budgets.enter("b", "tags", { perSecond: 10 }, never))).toBe(true);
		const [first] = permits;
		if (first?.kind === "granted") {
			first.done();
			first.done();
		}
		await clock.rest();
		expect(granted).toEqual([0, 1, 2, 3, 4]);
	});

	test("leaves the queue and the wait when the signal aborts, and takes nobody's place", async () => {
		const { clock, budgets } = budgetsUnder();
		const permits = await Promise.all([1, 2, 3, 4].map(() => budgets.enter("a", "tags", { perSecond: 10 }, never)));
		const givesUp = new AbortController();
		const waiting = budgets.enter("a", "tags", { perSecond: 10 }, givesUp.signal);
		const after = budgets.enter("a", "tags", { perSecond: 10 }, never);
		await clock.rest();
		givesUp.abort();
		expect(await waiting).toEqual({ kind: "givenUp" });
		const [one] = permits;
		if (one?.kind === "granted") one.done();
		expect(isGranted(await after)).toBe(true);
		expect(await budgets.enter("a", "tags", { perSecond: 10 }, givesUp.signal)).toEqual({ kind: "givenUp" });
	});

	test("puts off what would wait for more than a minute", async () => {
		const { clock, budgets } = budgetsUnder();
		const abort = new AbortController();
		const permits = Array.from({ length: 200 }, () => budgets.enter("a", "tags", { perSecond: 1 }, abort.signal));
		await clock.rest();
		abort.abort();
		const kinds = (await Promise.all(permits)).map(({ kind }) => kind);
		expect(kinds.filter((kind) => kind === "later").length).toBe(200 - 20 - 60);
	});

	test("lets those pass that go first, however many others wait, and no more than so many a second in all", async () => {
		const { clock, start, budgets } = budgetsUnder();
		const granted = async (first: boolean) => {
			const permit = await budgets.enter("a", "tags", { perSecond: 10, first }, never);
			if (permit.kind === "granted") permit.done();
			return clock.now() - start;
		};
		const others = Array.from({ length: 40 }, () => granted(false));
		const first = Array.from({ length: 25 }, () => granted(true));
		const last = granted(false);
		await clock.settle(Promise.all([...others, ...first, last]));
		expect((await Promise.all(first)).slice(18)).toEqual([0, 0, 100, 200, 300, 400, 500]);
		expect((await Promise.all(others)).at(-1)).toBe(2_000);
		expect(await last).toBe(4_600);
	});
});

describe("after a failure", () => {
	test("waits for 5 s, twice as long after each further one, up to ten minutes", async () => {
		const { clock, budgets } = budgetsUnder();
		const waits: number[] = [];
		for (let i = 0; i < 9; i++) {
			const until = budgets.record("a", "tags", i % 2 ? { kind: "unreachable" } : failed(503)) ?? 0;
			waits.push((until - clock.now()) / 1_000);
			expect(await budgets.enter("a", "manifests", { perSecond: 10 }, never)).toMatchObject({
				kind: "later",
				retryAt: until,
			});
			await clock.advance(until - clock.now());
			const permit = await budgets.enter("a", "tags", { perSecond: 10 }, never);
			expect(permit.kind).toBe("granted");
			if (permit.kind === "granted") permit.done();
		}
		expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
		expect(budgets.record("a", "tags", failed(200))).toBeUndefined();
		expect((budgets.record("a", "tags", failed(504)) ?? 0) - clock.now()).toBe(5_000);
	});

	test("is spread out by chance, by half at most", () => {
		fc.assert(
			fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (chance) => {
				const { budgets, start } = budgetsUnder(() => chance);
				const waitMs = (budgets.record("a", "tags", failed(503)) ?? 0) - start;
				expect(waitMs).toBeGreaterThanOrEqual(2_500);
				expect(waitMs).toBeLessThanOrEqual(5_000);
			}),
		);
	});

	test("counts those that were under way together once", () => {
		const { budgets, start } = budgetsUnder();
		for (let i = 0; i < 4; i++) budgets.record("a", "tags", failed(502));
		expect((budgets.record("a", "tags", failed(502)) ?? 0) - start).toBe(5_000);
	});

	test("of one host the others are asked as ever, and what only says no is no failure", async () => {
		const { budgets } = budgetsUnder();
		budgets.record("a", "tags", failed(502));
		expect(isGranted(await budgets.enter("b", "tags", { perSecond: 10 }, never))).toBe(true);
		for (const status of [400, 401, 403, 404, 405, 501])
			expect(budgets.record("b", "tags", failed(status))).toBeUndefined();
	});

	test("of one repository alone the others are asked as ever, and not when there are more in a row", () => {
		const { budgets, start } = budgetsUnder();
		for (let i = 0; i < 10; i++) {
			expect(budgets.record("a", "tags", failed(500))).toBeUndefined();
			expect(budgets.record("a", "tags", failed(200))).toBeUndefined();
		}
		expect(budgets.record("a", "tags", failed(500))).toBeUndefined();
		expect(budgets.record("a", "tags", failed(500))).toBeUndefined();
		expect((budgets.record("a", "tags", failed(500)) ?? 0) - start).toBe(5_000);
		expect((budgets.record("b", "tags", failed(500, { "retry-after": "7" })) ?? 0) - start).toBe(7_000);
	});

	test("whoever waited meanwhile is told too", async () => {
		const { clock, budgets } = budgetsUnder();
		const permits = await Promise.all([1, 2, 3, 4].map(() => budgets.enter("a", "tags", { perSecond: 10 }, never)));
		const waiting = budgets.enter("a", "tags", { perSecond: 10 }, never);
		await clock.rest();
		const until = budgets.record("a", "tags", failed(429, { "retry-after": "7" }));
		for (const permit of permits) if (permit.kind === "granted") permit.done();
		expect(await waiting).toEqual({
			kind: "later",
			retryAt: until,
			detail: "a has had too many requests (429)",
		});
		await clock.advance(7_000);
		const again = await Promise.all([1, 2, 3, 4].map(() => budgets.enter("a", "tags", { perSecond: 10 }, never)));
		expect(again.every(isGranted)).toBe(true);
	});
});

describe("what a registry asks for", () => {
	const now = Date.UTC(2027, 0, 1);
	test.each<[string, string | undefined, number | undefined]>([
		["seconds", "120", 120],
		["a date", "Fri, 01 Jan 2027 00:02:00 GMT", 120],
		["a date that is over", "Thu, 31 Dec 2026 00:00:00 GMT", 0],
		["a year", "31536000", 86_400],
		["a negative number", "-5", undefined],
		["words", "soon", undefined],
		["nothing", undefined, undefined],
	])("Retry-After: %s", (_what, text, seconds) => {
		const expected = seconds === undefined ? undefined : now + seconds * 1_000;
		expect(retryAfter(text === undefined ? {} : { "retry-after": text }, now)).toBe(expected);
	});

	test.each<[string, Record<string, string>, number | undefined]>([
		["something is left", { "ratelimit-remaining": "76;w=21600" }, undefined],
		["nothing is left of a window", { "ratelimit-remaining": "0;w=21600" }, 21_600],
		["nothing is left until a reset", { "ratelimit-remaining": "0", "ratelimit-reset": "30" }, 30],
		["nothing is left, with X- before", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" }, 30],
		[
			"nothing is left until a second of the clock",
			{ "ratelimit-remaining": "0", "ratelimit-reset": `${now / 1_000 + 45}` },
			45,
		],
		[
			"nothing is left until a second that is over",
			{ "ratelimit-remaining": "0", "ratelimit-reset": `${now / 1_000 - 45}` },
			0,
		],
		["something is left, with X- before", { "x-ratelimit-remaining": "12" }, undefined],
		["nothing is left for an unknown time", { "ratelimit-remaining": "0" }, 60],
		["nothing is left for a year", { "ratelimit-remaining": "0;w=31536000" }, 86_400],
		["what is no number", { "ratelimit-remaining": "none" }, undefined],
		["nothing is said", {}, undefined],
	])("RateLimit: %s", (_what, headers, seconds) => {
		expect(spentUntil(headers, now)).toBe(seconds === undefined ? undefined : now + seconds * 1_000);
	});

	test("a spent grant holds for its own topic: who counts manifests does not count tags", async () => {
		const { clock, budgets } = budgetsUnder();
		expect(budgets.record("a", "manifests", failed(200, { "ratelimit-remaining": "0;w=21600" }))).toBeUndefined();
		expect(await budgets.enter("a", "manifests", { perSecond: 10 }, never)).toMatchObject({
			kind: "later",
			retryAt: clock.now() + 21_600_000,
		});
		expect(isGranted(await budgets.enter("a", "tags", { perSecond: 10 }, never))).toBe(true);
		await clock.advance(21_600_000);
		expect(isGranted(await budgets.enter("a", "manifests", { perSecond: 10 }, never))).toBe(true);
	});

	test("a wait of nothing is still a second", () => {
		const { budgets, start } = budgetsUnder();
		expect(budgets.record("a", "tags", failed(429, { "retry-after": "0" }))).toBe(start + 1_000);
	});
});
