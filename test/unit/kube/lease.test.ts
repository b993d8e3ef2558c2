import { describe, expect, test } from "vitest";
import { contest, once } from "./contest.ts";
import type { Fate } from "./lease-api.ts";

const other = { holderIdentity: "b", leaseDurationSeconds: 15, leaseTransitions: 3 };

describe("a contender", () => {
	test("makes the lease when there is none", async () => {
		const { api, clock, contend, leading } = contest();
		contend("a");
		await clock.advance(0);
		expect(leading()).toEqual(["a"]);
		expect(api.spec).toEqual({
			holderIdentity: "a",
			leaseDurationSeconds: 15,
			acquireTime: "2027-01-01T00:00:00.000000Z",
			renewTime: "2027-01-01T00:00:00.000000Z",
			leaseTransitions: 0,
		});
	});

	test.each<[string, object, number]>([
		["takes at once a lease that was given back", { ...other, holderIdentity: "" }, 0],
		["takes at once a lease that nobody ever held", {}, 0],
		["takes at once its own", { ...other, holderIdentity: "a" }, 0],
		[
			"waits for another's to run out by its own count, whatever dates it bears",
			{ ...other, renewTime: "2001-01-01T00:00:00.000000Z" },
			16_000,
		],
		["waits as long as the other's says", { ...other, leaseDurationSeconds: 40 }, 40_000],
		["waits when the other's does not say how long", { holderIdentity: "b" }, 16_000],
	])("%s", async (_name, spec, from) => {
		const { api, clock, contend, leads } = contest();
		api.put(spec as typeof other);
		contend("a");
		await clock.advance(60_000);
		expect(leads).toEqual([{ who: "a", from, to: undefined }]);
	});

	test("waits while the other renews", async () => {
		const { api, clock, contend, leading } = contest();
		contend("a");
		for (let n = 0; n < 20; n++) {
			api.put({ ...other, renewTime: n });
			await clock.advance(14_000);
			expect(leading()).toEqual([]);
		}
		await clock.advance(16_000);
		expect(leading()).toEqual(["a"]);
	});

	test("hears what the one who leads has to tell, and tells it itself once it leads", async () => {
		const { api, clock, contend, told } = contest();
		api.put({}, { "example.com/team": "shop" });
		const first = contend("a", { address: "10.0.0.1:9300" });
		await clock.advance(0);
		contend("b", { address: "10.0.0.2:9300" });
		await clock.advance(2_000);
		expect(told).toEqual(["b: 10.0.0.1:9300", "b: 10.0.0.1:9300"]);
		first.stop.abort();
		await clock.advance(2_000);
		expect(api.annotations).toEqual({ "example.com/team": "shop", "haldane.dev/webhooks": "10.0.0.2:9300" });
	});

	test("counts on when the date jumps", async () => {
		const { api, clock, contend, leading } = contest();
		api.put(other);
		contend("a");
		await clock.advance(4_000);
		clock.jump(3_600_000);
		await clock.advance(9_000);
		expect(leading(), "not sooner").toEqual([]);
		clock.jump(-7_200_000);
		await clock.advance(3_000);
		expect(leading(), "and not later").toEqual(["a"]);
	});

	test("writes that it took over, and since when", async () => {
		const { api, clock, contend } = contest();
		api.put(other);
		contend("a");
		await clock.advance(16_000);
		await clock.advance(5_000);
		expect(api.spec).toMatchObject({
			holderIdentity: "a",
			leaseTransitions: 4,
			acquireTime: "2027-01-01T00:00:16.000000Z",
			renewTime: "2027-01-01T00:00:21.000000Z",
		});
	});

	test("that was a moment too late waits like the others", async () => {
		const { api, clock, contend, leading } = contest();
		for (const who of ["a", "b", "c"]) contend(who);
		await clock.advance(60_000);
		expect(leading()).toEqual(["a"]);
		expect(api.holder).toBe("a");
	});

	test("goes on trying while the API server is away, and waits for no answer for ever", async () => {
		const { api, clock, contend, leads } = contest();
		api.fates.push("refused", "hangs", "refused");
		const { lines } = contend("a");
		await clock.advance(60_000);
		expect(leads).toEqual([{ who: "a", from: 2_000 + 2_500 + 2_000 + 2_000, to: undefined }]);
		expect(lines.map(({ level }) => level)).toEqual(["warn", "warn", "warn", "info"]);
	});

	test("that is told to stop while it waits leaves the lease alone", async () => {
		const { api, clock, contend, leads } = contest();
		api.put(other);
		const { stop, outcome } = contend("a");
		await clock.advance(5_000);
		stop.abort();
		expect(await clock.settle(outcome)).toBe("stopped");
		expect([api.spec, leads, clock.pending]).toEqual([other, [], 0]);
	});

	test("that is told to stop while its first write hangs gives back what it may have got", async () => {
		const { api, clock, contend, leads } = contest();
		api.fates.push("answered", "done, but hangs");
		const { stop, outcome } = contend("a");
		await clock.advance(100);
		expect(api.holder).toBe("a");
		stop.abort();
		expect(await clock.settle(outcome)).toBe("stopped");
		expect([api.holder, leads]).toEqual(["", []]);
	});
});

describe("a leader", () => {
	test("asks for nothing but a renewal three times in the life of the lease", async () => {
		const { api, clock, contend } = contest();
		contend("a");
		await clock.advance(0);
		api.requests.length = 0;
		await clock.advance(150_000);
		expect(api.requests).toEqual(Array.from({ length: 30 }, () => "a replaces"));
	});

	test.each<[string, readonly Fate[]]>([
		["one renewal is refused", ["refused"]],
		["two renewals are refused", ["refused", "refused"]],
		["one renewal hangs", ["hangs"]],
		["one is done and not answered", ["done, but hangs"]],
	])("leads on when %s", async (_name, fates) => {
		const { api, clock, contend, leading } = contest();
		contend("a");
		contend("b");
		await clock.advance(0);
		api.fateOf = (who) =>
			who === "a" ? fates[api.requests.filter((each) => each.startsWith("a")).length - 3] : undefined;
		await clock.advance(60_000);
		expect(leading()).toEqual(["a"]);
	});

	test.each<Fate>(["refused", "hangs", "done, but hangs"])(
		"stops before another can begin when all is %s",
		async (fate) => {
			const { api, clock, contend, leads } = contest();
			const { outcome, lines } = contend("a");
			contend("b");
			await clock.advance(0);
			api.fateOf = (who) => (who === "a" ? fate : undefined);
			expect(await clock.settle(outcome)).toBe("lost");
			expect(leads).toEqual([{ who: "a", from: 0, to: 10_000 }]);
			expect(lines.at(-1)).toMatchObject({ level: "error", fields: { reason: "it was not renewed in time" } });
			await clock.advance(30_000);
			expect(leads.map(({ who }) => who)).toEqual(["a", "b"]);
			expect(leads[1]?.from).toBeGreaterThanOrEqual(15_000);
		},
	);

	test("counts its time from when the renewal was sent, not from its answer", async () => {
		const { api, clock, contend, leads } = contest();
		const prompt = api.clientOf("a");
		const slow: typeof prompt = {
			...prompt,
			create: async (object, options) => {
				const answer = await prompt.create(object, options);
				await new Promise<void>((resolve) => clock.after(2_000, resolve));
				return answer;
			},
		};
		const { outcome } = contend("a", { client: slow });
		await clock.advance(2_000);
		api.fateOf = () => "refused";
		await clock.settle(outcome);
		expect(leads).toEqual([{ who: "a", from: 2_000, to: 10_000 }]);
	});

	test("stops at once when another has taken the lease, and leaves it to them", async () => {
		const { api, clock, contend, leads } = contest();
		const { outcome, lines } = contend("a");
		await clock.advance(1_000);
		api.put(other);
		expect(await clock.settle(outcome)).toBe("lost");
		expect([leads, api.spec]).toEqual([[{ who: "a", from: 0, to: 5_000 }], other]);
		expect(lines.at(-1)).toMatchObject({ level: "error", fields: { reason: "another holds it" } });
	});

	test("leads on when somebody has only annotated the lease, or deleted it", async () => {
		const { api, clock, contend, leading } = contest();
		contend("a");
		await clock.advance(1_000);
		api.put(api.spec ?? {}, { note: "mine" });
		await clock.advance(20_000);
		api.drop();
		await clock.advance(20_000);
		expect([leading(), api.holder]).toEqual([["a"], "a"]);
	});

	test("leads on when the date jumps", async () => {
		const { clock, contend, leading } = contest();
		contend("a");
		contend("b");
		await clock.advance(1_000);
		for (const byMs of [3_600_000, -7_200_000]) {
			clock.jump(byMs);
			await clock.advance(30_000);
			expect(leading()).toEqual(["a"]);
		}
	});

	test("gives the lease back when its work has ended, so that the next need not wait", async () => {
		const { api, clock, contend, leads } = contest();
		const brings = (signal: AbortSignal) =>
			once(signal).then(() => new Promise<void>((resolve) => clock.after(3_000, resolve)));
		const { stop, outcome } = contend("a", { work: brings });
		contend("b");
		await clock.advance(1_000);
		stop.abort();
		await clock.advance(2_900);
		expect(api.holder, "while work is in hand").toBe("a");
		expect(await clock.settle(outcome)).toBe("stopped");
		expect(api.holder).toBe("");
		await clock.advance(2_000);
		expect(leads.map(({ who, from, to }) => [who, from, to])).toEqual([
			["a", 0, 1_000],
			["b", 4_000, undefined],
		]);
	});

	test("gives the lease back when its work fails, and says how", async () => {
		const { api, clock, contend } = contest();
		const { outcome } = contend("a", { work: () => Promise.reject(new TypeError("oh no")) });
		await expect(clock.settle(outcome)).rejects.toThrow("oh no");
		expect([api.holder, clock.pending]).toEqual(["", 0]);
	});

	test("says how its work failed also while a renewal hangs", async () => {
		const { api, clock, contend } = contest();
		const fails = () =>
			new Promise<void>((_resolve, reject) => clock.after(6_000, () => reject(new TypeError("oh no"))));
		const { outcome } = contend("a", { work: fails });
		await clock.advance(0);
		api.fates.push("hangs");
		await expect(clock.settle(outcome)).rejects.toThrow("oh no");
		expect([api.holder, clock.pending]).toEqual(["", 0]);
	});
});
