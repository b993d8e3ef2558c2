import { describe, expect, test } from "vitest";
import { createLanes, laneLimits, type Parcel, type ParcelEnd, safeWord } from "../../../src/notify/lanes.ts";
import type { SendResult } from "../../../src/notify/notifiers/notifier.ts";
import { type HandTimers, handTimers, settled } from "./cart.ts";

const sent: SendResult = { kind: "sent" };
const failed: SendResult = { kind: "retry", detail: "answered 500" };

/** Lanes whose parcels answer with what the script of their destination says next; what happens is written down. */
function bench(scripts: Record<string, readonly (SendResult | "hangs" | "late" | Error)[]>, limits = {}) {
	const timers: HandTimers = handTimers();
	const lanes = createLanes(timers, { ...laneLimits, ...limits });
	const happened: string[] = [];
	const ends: Record<string, ParcelEnd> = {};
	const rests = new Map(Object.entries(scripts).map(([destination, script]) => [destination, [...script]]));
	const post = (destination: string, sender: string, name: string) => {
		const parcel: Parcel = {
			destination,
			sender,
			deadlineMs: 5_000,
			async attempt(signal) {
				happened.push(`${timers.now()} ${name}`);
				const answer = rests.get(destination)?.shift() ?? sent;
				if (answer instanceof Error) throw answer;
				if (answer === "late")
					return await new Promise((resolve) => signal.addEventListener("abort", () => resolve(sent)));
				if (answer !== "hangs") return answer;
				return await new Promise(() =>
					signal.addEventListener("abort", () => happened.push(`${timers.now()} ${name} aborted`)),
				);
			},
			attempted() {},
			done(end) {
				ends[name] = end;
			},
		};
		lanes.post(parcel);
	};
	return { timers, lanes, post, happened, ends };
}

describe("lanes", () => {
	test("send at once, and leave nothing behind", async () => {
		const { timers, lanes, post, ends } = bench({});
		post("chat", "cart", "a");
		expect(lanes.pending()).toBe(1);
		await settled();
		expect(ends).toEqual({ a: sent });
		expect(lanes.pending()).toBe(0);
		expect(timers.alarms()).toBe(0);
	});

	test("try again after 1, 2, 4 … seconds, and give up after eight attempts", async () => {
		const { timers, post, happened, ends } = bench({ chat: Array(20).fill(failed) });
		post("chat", "cart", "a");
		await timers.pass(600_000);
		expect(happened.map((line) => Number.parseInt(line, 10) / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
		expect(ends.a).toEqual({ kind: "undeliverable", detail: "answered 500", attempts: 8 });
		expect(timers.alarms()).toBe(0);
	});

	test("keep the order of one sender at one destination, whatever fails", async () => {
		const { timers, post, happened } = bench({ chat: [failed, failed] });
		for (const name of ["a", "b", "c"]) post("chat", "cart", name);
		await timers.pass(60_000);
		expect(happened).toEqual(["0 a", "1000 a", "3000 a", "3000 b", "3000 c"]);
	});

	test("begin with short waits again for each parcel", async () => {
		const { timers, post, happened } = bench({ chat: [failed, failed, sent, failed] });
		for (const name of ["a", "b"]) post("chat", "cart", name);
		await timers.pass(60_000);
		expect(happened).toEqual(["0 a", "1000 a", "3000 a", "3000 b", "4000 b"]);
	});

	test("hold up neither other senders nor other destinations for one that fails", async () => {
		const { timers, post, happened } = bench({ down: Array(20).fill("hangs") });
		post("down", "cart", "a");
		post("down", "pay", "b");
		post("chat", "cart", "c");
		await settled();
		expect(happened).toEqual(["0 a", "0 b", "0 c"]);
		await timers.pass(6_000);
		expect(happened.slice(3)).toEqual(["5000 a aborted", "5000 b aborted", "6000 a", "6000 b"]);
	});

	test("give up a refused parcel at once, and go on with the next", async () => {
		const refused: SendResult = { kind: "refused", detail: "answered 404" };
		const { post, happened, ends } = bench({ chat: [refused] });
		post("chat", "cart", "a");
		post("chat", "cart", "b");
		await settled();
		expect(happened).toEqual(["0 a", "0 b"]);
		expect(ends).toEqual({ a: { kind: "undeliverable", detail: "answered 404", attempts: 1 }, b: sent });
	});

	test("leave a destination alone for as long as it asks, all senders alike", async () => {
		const { timers, post, happened } = bench({ chat: [{ ...failed, afterMs: 30_000 } as SendResult] });
		post("chat", "cart", "a");
		await timers.pass(10_000);
		post("chat", "pay", "b");
		post("mail", "pay", "c");
		await timers.pass(60_000);
		expect(happened.slice(0, 2)).toEqual(["0 a", "10000 c"]);
		expect(happened.slice(2).sort()).toEqual(["30000 a", "30000 b"]);
		expect(timers.alarms()).toBe(0);
	});

	test("are not held longer than two minutes, whatever a destination asks", async () => {
		const { timers, post, happened } = bench({ chat: [{ ...failed, afterMs: 9e9 } as SendResult] });
		post("chat", "cart", "a");
		await timers.pass(120_000);
		expect(happened).toEqual(["0 a", "120000 a"]);
	});

	test("take what was thrown as a failure, and ignore what comes after the deadline", async () => {
		const { timers, post, happened, ends } = bench({ chat: [new TypeError("https://hooks.example/secret"), "hangs"] });
		post("chat", "cart", "a");
		await timers.pass(60_000);
		expect(happened).toEqual(["0 a", "1000 a", "6000 a aborted", "8000 a"]);
		expect(ends.a).toEqual(sent);
	});

	test("take an answer that comes after its deadline for none", async () => {
		const { timers, lanes, post, happened, ends } = bench({ chat: ["late", failed] });
		post("chat", "cart", "a");
		post("chat", "cart", "b");
		await timers.pass(60_000);
		expect(happened).toEqual(["0 a", "6000 a", "8000 a", "8000 b"]);
		expect(ends).toEqual({ a: sent, b: sent });
		expect(lanes.pending()).toBe(0);
	});

	test("have no more under way, nor waiting, than they may", async () => {
		const { timers, lanes, post, happened, ends } = bench(
			{ chat: Array(9).fill("hangs") },
			{ inFlightMax: 2, parcelsMax: 3 },
		);
		for (const name of ["a", "b", "c", "d"]) post("chat", name, name);
		await settled();
		expect(happened).toEqual(["0 a", "0 b"]);
		expect(ends).toEqual({ d: { kind: "undeliverable", detail: "3 are waiting already", attempts: 0 } });
		expect(lanes.pending()).toBe(3);
		await timers.pass(5_000);
		expect(happened).toContain("5000 c");
	});

	test("abort what is under way when they are stopped, and call nobody any more", async () => {
		const { timers, lanes, post, happened, ends } = bench({ chat: ["hangs"], mail: [failed] });
		post("chat", "cart", "a");
		post("mail", "cart", "b");
		await settled();
		lanes.stop();
		expect(timers.alarms()).toBe(0);
		post("chat", "cart", "c");
		await timers.pass(600_000);
		expect(happened).toEqual(["0 a", "0 b", "0 a aborted"]);
		expect(ends).toEqual({});
	});
});

test.each([
	["the code of a system error", Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
	["the code of a cause", new Error("x", { cause: Object.assign(new Error("y"), { code: "ENOTFOUND" }) }), "ENOTFOUND"],
	["no message", new TypeError("Invalid URL https://hooks.slack.com/services/T/B/s3cret"), "TypeError"],
	["no odd code", Object.assign(new Error("x"), { code: "https://s3cret" }), "Error"],
	["no odd name", Object.assign(new Error("x"), { name: "s3cret!" }), "failed"],
	["no text", "s3cret", "failed"],
])("a safe word for what was thrown is %s", (_name, thrown, word) => {
	expect(safeWord(thrown)).toBe(word);
});
