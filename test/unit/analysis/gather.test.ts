import { describe, expect, test } from "vitest";
import { type GatherPorts, gather, patienceMs } from "../../../src/analysis/gather.ts";
import { type Check, checkQuestion, hookQuestion, type Reading } from "../../../src/analysis/question.ts";
import type { Hook } from "../../../src/hooks/hook.ts";
import { HandMovedTimers } from "../http/hand-moved-timers.ts";

const check = (query: string, address = "http://prometheus"): Check => ({
	name: query,
	query,
	intervalMs: 60_000,
	range: {},
	unit: undefined,
	source: { provider: "prometheus", address, headers: {}, secret: undefined, insecureSkipVerify: false },
});
const gate: Hook = {
	name: "gate",
	type: "confirm-rollout",
	url: "http://gate",
	timeoutMs: 10_000,
	retries: 0,
	insecureSkipVerify: false,
	muteAlert: false,
	metadata: {},
	secret: undefined,
};
const canary = { namespace: "shop", name: "cart" };
const askGate = (hook = gate, index = 0) => hookQuestion(hook, { index, canary, phase: "Progressing", checksum: "c" });
const ask = (...checks: readonly Check[]) => checks.map(checkQuestion);

function world(ports: Partial<GatherPorts> = {}) {
	const timers = new HandMovedTimers();
	const reported: unknown[] = [];
	const asked: string[] = [];
	const all: GatherPorts = {
		askMetric: async ({ query }) => {
			asked.push(query);
			return { kind: "value", value: query.length };
		},
		askHook: async () => ({ kind: "yes" }),
		timers,
		report: (thrown) => reported.push(thrown),
		...ports,
	};
	const stop = new AbortController();
	const gathered = (questions: Parameters<typeof gather>[0]) =>
		timers.settle(gather(questions, { deadlineMs: 10_000, signal: stop.signal }, all));
	return { timers, reported, asked, stop, gathered, all };
}

const never = () => new Promise<never>(() => {});
const value = (number: number): Reading => ({ kind: "value", value: number });
const late = { kind: "unreachable", detail: "no answer within 10s" };

describe("gathering", () => {
	test("nothing takes no time", async () => {
		const { gathered, timers } = world();
		expect(await gathered([])).toEqual({ checks: new Map(), hooks: new Map() });
		expect(timers.asked).toEqual([]);
	});

	test("brings an answer to each question, by its id, and leaves no timer", async () => {
		const { gathered, timers } = world();
		const answers = await gathered([...ask(check("a"), check("bb"), check("a")), askGate(), askGate(gate, 1)]);
		expect([...answers.checks]).toEqual([
			["check/0/a", value(1)],
			["check/1/bb", value(2)],
			["check/2/a", value(1)],
		]);
		expect([...answers.hooks]).toEqual([
			["confirm-rollout/0/gate", { kind: "yes" }],
			["confirm-rollout/1/gate", { kind: "yes" }],
		]);
		expect(timers.pending).toBe(0);
	});

	test("asks all at once", async () => {
		let open = 0;
		const together = Promise.withResolvers<Reading>();
		const askMetric = () => {
			if (++open === 3) together.resolve(value(3));
			return together.promise;
		};
		const { gathered } = world({ askMetric });
		expect([...(await gathered(ask(check("a"), check("b"), check("c")))).checks.values()]).toEqual(
			Array(3).fill(value(3)),
		);
	});

	test("asks the same query of the same source once, and of another source again", async () => {
		const { gathered, asked } = world();
		await gathered(ask(check("a"), check("a"), check("b"), check("a", "http://thanos")));
		expect(asked).toEqual(["a", "b", "a"]);
	});

	test("waits for the slow until the deadline, and keeps what came before it", async () => {
		const askMetric: GatherPorts["askMetric"] = ({ query }) => (query === "slow" ? never() : Promise.resolve(value(1)));
		const { gathered, timers } = world({ askMetric, askHook: never });
		const answers = await gathered([...ask(check("slow"), check("quick")), askGate()]);
		expect([...answers.checks.values()]).toEqual([late, value(1)]);
		expect([...answers.hooks.values()]).toEqual([late]);
		expect(timers.now()).toBe(10_000);
	});

	test("tells the slow to give up at the deadline, and says why in its own words", async () => {
		const heard: string[] = [];
		const askMetric: GatherPorts["askMetric"] = ({ query }, signal) =>
			new Promise((resolve) => {
				signal.addEventListener("abort", () => {
					heard.push(query);
					resolve({ kind: "unreachable", detail: "given up" });
				});
			});
		const { gathered } = world({ askMetric });
		expect([...(await gathered(ask(check("a"), check("b")))).checks.values()]).toEqual([late, late]);
		expect(heard).toEqual(["a", "b"]);
	});

	test("ends at once when the operator stops", async () => {
		const { gathered, stop, timers } = world({ askMetric: never });
		const work = gathered(ask(check("a")));
		stop.abort();
		expect([...(await work).checks.values()]).toEqual([
			{ kind: "unreachable", detail: "given up, the operator is stopping" },
		]);
		expect([timers.now(), timers.pending]).toEqual([0, 0]);
	});

	test("asks nothing once the operator has stopped", async () => {
		const { gathered, stop, asked } = world();
		stop.abort();
		expect([...(await gathered(ask(check("a")))).checks.values()]).toMatchObject([{ kind: "unreachable" }]);
		expect(asked).toEqual([]);
	});

	test.each<[string, GatherPorts["askMetric"]]>([
		[
			"rejects",
			async () => {
				throw new TypeError("a secret slipped in");
			},
		],
		[
			"throws",
			() => {
				throw new TypeError("a secret slipped in");
			},
		],
	])("outlives a port that %s, and reports it", async (_name, askMetric) => {
		const { gathered, reported } = world({ askMetric });
		const answers = await gathered([...ask(check("a")), askGate()]);
		expect([...answers.checks.values()]).toEqual([
			{ kind: "unreachable", detail: "asking failed, which is a fault of the operator: see its log" },
		]);
		expect([...answers.hooks.values()]).toEqual([{ kind: "yes" }]);
		expect(reported).toEqual([new TypeError("a secret slipped in")]);
	});
});

test.each([
	["nothing needs the least", [], 15_000],
	["a check needs the least", ask(check("a")), 15_000],
	["a hook needs its own time", [askGate({ ...gate, timeoutMs: 20_000 })], 20_000],
	["a hook needs its retries and the pauses between", [askGate({ ...gate, retries: 2 })], 50_000],
	["nobody gets more than the most", [askGate({ ...gate, timeoutMs: 600_000 })], 120_000],
	["the slowest counts", [askGate(), askGate({ ...gate, timeoutMs: 30_000 }), ...ask(check("a"))], 30_000],
])("patience: %s", (_name, questions, patience) => {
	expect(patienceMs(questions, { leastMs: 15_000, mostMs: 120_000 })).toBe(patience);
});
