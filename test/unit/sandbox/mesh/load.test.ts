import { describe, expect, test } from "vitest";
import { createLatencies } from "../../../../src/sandbox/mesh/load/latencies.ts";
import { createPace } from "../../../../src/sandbox/mesh/load/pace.ts";
import { createTally } from "../../../../src/sandbox/mesh/load/tally.ts";
import { startLoad } from "../../../../src/sandbox/mesh/load.ts";
import { listening, portOf } from "./gateway-world.ts";

describe("the pace", () => {
	test("is even, and the same after a stall", () => {
		const pace = createPace(1_000, 10);
		expect(pace.take(999, 100)).toEqual({ due: [], beyond: 0 });
		expect(pace.take(1_000, 100)).toEqual({ due: [1_000], beyond: 0 });
		expect(pace.next()).toBe(1_100);
		expect(pace.take(1_450, 100)).toEqual({ due: [1_100, 1_200, 1_300, 1_400], beyond: 0 });
		expect(pace.take(1_499, 100)).toEqual({ due: [], beyond: 0 });
	});

	test("gives up the oldest of what is too many", () => {
		const pace = createPace(0, 10);
		expect(pace.take(1_000, 2)).toEqual({ due: [900, 1_000], beyond: 9 });
		expect(pace.take(1_100, 2)).toEqual({ due: [1_100], beyond: 0 });
		expect(pace.take(1_200, -1)).toEqual({ due: [], beyond: 1 });
	});

	test("is none at a rate of 0", () => {
		const pace = createPace(0, 0);
		expect(pace.next()).toBeUndefined();
		expect(pace.take(10_000, 5)).toEqual({ due: [], beyond: 0 });
	});

	test.each([3, 7, 11, 333])("loses none at %d a second", (perSecond) => {
		const pace = createPace(0.1, perSecond);
		let count = 0;
		for (let now = 0; now <= 60_000; now += 7) count += pace.take(now, 1_000).due.length;
		expect(Math.abs(count - 60 * perSecond)).toBeLessThanOrEqual(1);
	});
});

describe("latencies", () => {
	test("are told within 2 %", () => {
		const latencies = createLatencies();
		for (let ms = 1; ms <= 1_000; ms++) latencies.observe(ms);
		const { p50 = 0, p95 = 0, p99 = 0 } = latencies.quantiles();
		expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.021);
		expect(Math.abs(p95 / 950 - 1)).toBeLessThan(0.021);
		expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.021);
	});

	test("are unknown before the first", () => {
		expect(createLatencies().quantiles()).toEqual({ p50: undefined, p95: undefined, p99: undefined });
	});
});

describe("the tally", () => {
	test("counts by code, image, pod and second", () => {
		const tally = createTally();
		tally.sent(1_000, 0);
		tally.sent(1_500, 60);
		tally.ended(1_600, { code: 200, image: "a:1", pod: "a-1", latencyMs: 10 });
		tally.sent(2_000, 0);
		tally.dropped(2_100, 5);
		tally.ended(2_600, { code: 500, image: "a:2", pod: "a-2", latencyMs: 20 });
		tally.ended(2_700, { failure: "ECONNREFUSED", latencyMs: 1 });
		expect(tally.report(3_000)).toMatchObject({
			sent: 3,
			late: 1,
			dropped: 5,
			underWay: 0,
			answered: { 200: 1, 500: 1 },
			failed: { ECONNREFUSED: 1 },
			byImage: { "a:1": 1, "a:2": 1 },
			byPod: { "a-1": 1, "a-2": 1 },
			seconds: [
				{ at: 1, sent: 2, answered: { 200: 1 } },
				{ at: 2, sent: 1, dropped: 5, answered: { 500: 1 }, failed: 1, byImage: { "a:2": 1 } },
			],
		});
	});

	test("keeps 300 seconds and 200 names", () => {
		const tally = createTally();
		for (let second = 0; second < 1_000; second++) {
			tally.sent(second * 1_000, 0);
			tally.ended(second * 1_000, { code: 200, image: undefined, pod: `pod-${second}`, latencyMs: 1 });
		}
		const report = tally.report(999_000);
		expect(report.seconds).toHaveLength(300);
		expect(Object.keys(report.byPod)).toHaveLength(200);
		expect(report.byPod).toHaveProperty("pod-999");
		expect(tally.report(1_100_000).seconds).toHaveLength(199);
	});

	test("lets a timeout count as slow", () => {
		const tally = createTally();
		tally.sent(0, 0);
		tally.ended(0, { failure: "timeout", latencyMs: 30_000 });
		expect(tally.report(0).latency.p50).toBeGreaterThan(29_000);
	});
});

describe("the load", () => {
	test("goes on while nothing answers, and counts from when requests were due", async () => {
		const held: (() => void)[] = [];
		let enough = () => {};
		const came = new Promise<void>((resolve) => {
			enough = resolve;
		});
		const hosts = new Set<string | undefined>();
		const server = await listening((request, response) => {
			hosts.add(request.headers.host);
			held.push(() => void response.writeHead(200, { "x-image": "cart:2", "x-pod": "cart-1" }).end("ok"));
			if (held.length === 10) enough();
		});
		const load = startLoad({ url: `http://127.0.0.1:${portOf(server)}`, host: "cart.shop", perSecond: 500 });
		await came;
		expect(load.report()).toMatchObject({ answered: {}, dropped: 0 });
		expect(load.report().underWay).toBeGreaterThanOrEqual(10);
		expect(load.longestWaitMs()).toBeGreaterThan(0);
		for (const answer of held) answer();
		await load.stop();
		const { sent, answered, failed, underWay } = load.report();
		expect(underWay).toBe(0);
		expect(load.longestWaitMs()).toBe(0);
		const ended = Object.values({ ...answered, ...failed }).reduce((sum, count) => sum + count, 0);
		expect(ended).toBe(sent);
		expect(hosts).toEqual(new Set(["cart.shop"]));
	});

	test("tells answers by image and pod", async () => {
		let enough = () => {};
		const came = new Promise<void>((resolve) => {
			enough = resolve;
		});
		let count = 0;
		const server = await listening((_request, response) => {
			response.writeHead(200, { "x-image": "cart:2", "x-pod": "cart-1" }).end("ok");
			if (++count === 20) enough();
		});
		const load = startLoad({ url: `http://127.0.0.1:${portOf(server)}`, host: "cart.shop", perSecond: 300 });
		await came;
		const { answered, byImage, byPod, latency } = load.report();
		await load.stop();
		expect(answered["200"]).toBeGreaterThan(10);
		expect(byImage["cart:2"]).toBe(answered["200"]);
		expect(byPod["cart-1"]).toBe(answered["200"]);
		expect(latency.p50).toBeGreaterThan(0);
	});

	test("tells refused connections by kind", async () => {
		const server = await listening(() => {});
		const port = portOf(server);
		await new Promise((resolve) => server.close(resolve));
		const load = startLoad({ url: `http://127.0.0.1:${port}`, host: "cart.shop", perSecond: 200 });
		while (load.report().failed.ECONNREFUSED === undefined) await new Promise((resolve) => setImmediate(resolve));
		await load.stop();
		expect(load.report().failed.ECONNREFUSED).toBeGreaterThan(0);
	});
});
