import { expect, test } from "vitest";
import { Slots } from "../../../src/kube/slots.ts";

/** What has resolved by now, in order. */
function recorder() {
	const done: string[] = [];
	return {
		done,
		when: (name: string, promise: Promise<unknown>) => void promise.then(() => done.push(name)),
		settle: () => new Promise((resolve) => setImmediate(resolve)),
	};
}

test("no more than so many have a place, and the next in line gets the one that is given back", async () => {
	const { done, when, settle } = recorder();
	const slots = new Slots(2);
	for (const name of ["a", "b", "c", "d"]) when(name, slots.take());
	await settle();
	expect(done).toEqual(["a", "b"]);
	slots.give();
	await settle();
	expect(done).toEqual(["a", "b", "c"]);
});

test("a place that is lent is somebody else's until it is given back", async () => {
	const { done, when, settle } = recorder();
	const slots = new Slots(1);
	await slots.take();
	const world = Promise.withResolvers<string>();
	const lent = slots.lend(() => world.promise);
	when("lent", lent);
	when("other", slots.take());
	await settle();
	expect(done).toEqual(["other"]);
	world.resolve("an answer");
	await settle();
	expect(done).toEqual(["other"]);
	slots.give();
	await settle();
	expect(done).toEqual(["other", "lent"]);
	expect(await lent).toBe("an answer");
});

test("a wait that fails has its place back when it says so", async () => {
	const { done, when, settle } = recorder();
	const slots = new Slots(1);
	await slots.take();
	await expect(slots.lend(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
	when("other", slots.take());
	await settle();
	expect(done).toEqual([]);
});
