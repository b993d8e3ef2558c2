import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkQueue } from "../../../src/kube/work-queue.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function opened() {
	const clock = new FakeClock();
	const seen = { depth: 0, added: 0, waited: [] as number[] };
	const queue = new WorkQueue(clock, {
		depth: (count) => {
			seen.depth = count;
		},
		added: () => {
			seen.added += 1;
		},
		waited: (seconds) => seen.waited.push(seconds),
	});
	const handed: (string | undefined)[] = [];
	const take = () => void queue.take().then((key) => handed.push(key));
	return { clock, queue, seen, handed, take };
}

const key = fc.constantFrom("a", "b");
const command = fc.oneof(
	fc.record({ do: fc.constant("add" as const), key, first: fc.boolean() }),
	fc.record({ do: fc.constant("later" as const), key, ms: fc.integer({ min: -1, max: 50 }) }),
	fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30 }) }),
	fc.record({ do: fc.constant("take" as const) }),
	fc.record({ do: fc.constant("done" as const) }),
);

describe("a work queue", () => {
	// The model: each key is wanted from a moment on, the earliest that was asked for since it was last handed out.
	test("hands out what is wanted, once, and never what is being worked on", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(command, { size: "large", maxLength: 40 }), async (commands) => {
				const { clock, queue, handed, take, seen } = opened();
				const wantedAt = new Map<string, number>();
				const working = new Set<string>();
				let takers = 0;
				const want = (key: string, ms: number) =>
					wantedAt.set(key, Math.min(wantedAt.get(key) ?? Number.POSITIVE_INFINITY, clock.elapsed() + Math.max(0, ms)));
				const ready = () => [...wantedAt].filter(([key, at]) => at <= clock.elapsed() && !working.has(key));
				for (const command of commands) {
					if (command.do === "add") {
						queue.add(command.key, { first: command.first });
						want(command.key, 0);
					} else if (command.do === "later") {
						queue.addAfter(command.key, command.ms);
						want(command.key, command.ms);
					} else if (command.do === "wait") await clock.advance(command.ms);
					else if (command.do === "take") {
						take();
						takers += 1;
					} else {
						const [first] = working;
						if (first === undefined) continue;
						working.delete(first);
						queue.done(first);
					}
					await clock.rest();
					for (const key of handed.splice(0)) {
						expect(ready().map(([each]) => each)).toContain(key);
						wantedAt.delete(key ?? "");
						working.add(key ?? "");
						takers -= 1;
					}
					if (takers > 0) expect(ready()).toEqual([]);
					expect(seen.depth).toBe(ready().length);
				}
				expect(clock.pending, "one timer a key at most").toBeLessThanOrEqual(wantedAt.size);
			}),
		);
	});

	test("hands out in the order of arrival", async () => {
		const { clock, queue, handed, take } = opened();
		queue.addAfter("late", 10);
		for (const key of ["b", "a", "c", "b"]) queue.add(key);
		await clock.advance(10);
		for (let n = 0; n < 5; n++) take();
		await clock.rest();
		expect(handed).toEqual(["b", "a", "c", "late"]);
	});

	test.each<[string, readonly number[], readonly number[]]>([
		["the earlier of two, given last", [50, 20], [20]],
		["the earlier of two, given first", [20, 50], [20]],
		["at once rather than later", [20, 0], [0]],
		["at once and not again later", [0, 20], [0]],
	])("wakes %s", async (_name, delays, wakes) => {
		const { clock, queue, handed, take } = opened();
		for (const ms of delays) queue.addAfter("a", ms);
		const at: number[] = [];
		for (let ms = 0; ms <= 100; ms += 10) {
			take();
			await clock.rest();
			for (const key of handed.splice(0)) {
				at.push(ms);
				queue.done(key ?? "");
			}
			await clock.advance(10);
		}
		expect(at).toEqual(wakes);
	});

	test("does not mind a date that jumps", async () => {
		const { clock, queue, handed, take } = opened();
		take();
		queue.addAfter("a", 50);
		clock.jump(-3_600_000);
		queue.addAfter("a", 60);
		await clock.advance(50);
		expect(handed).toEqual(["a"]);
	});

	test("tells how many were added, and how long they waited", async () => {
		const { clock, queue, seen, take } = opened();
		for (const key of ["a", "b", "a"]) queue.add(key);
		await clock.advance(1_500);
		take();
		await clock.rest();
		expect(seen).toEqual({ depth: 1, added: 2, waited: [1.5] });
	});

	test("when stopped lets go of all who wait, and of all that was planned", async () => {
		const { clock, queue, handed, take, seen } = opened();
		take();
		take();
		queue.add("a");
		queue.add("a");
		queue.addAfter("b", 10);
		queue.stop();
		await clock.rest();
		expect(handed).toEqual(["a", undefined]);
		queue.done("a");
		queue.add("c");
		queue.addAfter("d", 10);
		take();
		await clock.advance(100);
		expect(handed).toEqual(["a", undefined, undefined]);
		expect([clock.pending, seen.depth]).toEqual([0, 0]);
	});

	// A key with an exclamation mark is added as first.
	test.each<[string, string, string]>([
		["in order of arrival", "a b c", "a b c"],
		["what is first before the others", "a b!", "b a"],
		["what has become first before those who came earlier", "a b b!", "b a"],
		["what was first as such, though it is added again", "a b! b", "b a"],
		["the first in order of arrival", "a! b!", "a b"],
	])("hands out %s", async (_name, added, handedOut) => {
		const { queue, handed, take, seen } = opened();
		const order = handedOut.split(" ");
		for (const word of added.split(" ")) queue.add(word.replace("!", ""), { first: word.endsWith("!") });
		expect(seen).toMatchObject({ depth: order.length, added: order.length });
		for (const _key of order) take();
		await Promise.resolve();
		expect(handed).toEqual(order);
		expect(seen.depth).toBe(0);
	});
});
