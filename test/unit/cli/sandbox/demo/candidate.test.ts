import { describe, expect, test } from "vitest";
import { durationsBetween, servedBy, servedNothing } from "../../../../../src/cli/sandbox/demo/candidate.ts";
import { createTraffic } from "../../../../../src/sandbox/mesh/metrics/traffic.ts";

const outcome = {
	namespace: "default",
	service: "podinfo",
	backendNamespace: "default",
	pod: "podinfo-1",
	code: 200,
	isMirror: false,
};

function gateway() {
	const traffic = createTraffic(() => 0);
	return {
		answers(ms: number, change: Partial<{ backend: string; code: number; isMirror: boolean; pod: string }> = {}) {
			traffic.count({ ...outcome, backend: "podinfo-canary", ...change, seconds: ms / 1_000 });
		},
		read: (former: readonly string[] = []) => servedBy("podinfo-canary", traffic.render(), new Set(former)),
	};
}

describe("the candidate's durations", () => {
	test("are of its own answers and of copies, whatever they say, between two readings", () => {
		const { answers, read } = gateway();
		answers(8_000);
		const before = read();
		for (const ms of [8, 8, 8, 8, 8, 8, 8, 8, 8]) answers(ms);
		answers(8, { isMirror: true });
		answers(900, { code: 500 });
		answers(8_000, { backend: "podinfo-primary" });
		answers(8_000, { code: 499 });
		const { p50Ms, p95Ms, p99Ms } = durationsBetween(before, read()) ?? { p50Ms: 0, p95Ms: 0, p99Ms: 0 };
		expect(p50Ms).toBeLessThan(10);
		expect(p50Ms).toBeGreaterThan(1);
		expect(p95Ms).toBeGreaterThan(10);
		expect(p99Ms).toBeGreaterThan(p95Ms);
		expect(p99Ms).toBeLessThanOrEqual(1_000);
	});

	test("are not of pods that answered for a version before", () => {
		const { answers, read } = gateway();
		answers(8);
		const former = [...read().pods];
		answers(9_000);
		answers(8, { pod: "podinfo-2" });
		expect(durationsBetween(servedNothing, read(former))?.p99Ms).toBeLessThan(10.1);
	});

	test("are none when it has answered nothing since", () => {
		const { answers, read } = gateway();
		answers(8);
		expect(durationsBetween(read(), read())).toBeUndefined();
	});

	test("are the last bound where an answer took longer than any", () => {
		const { answers, read } = gateway();
		const before = read();
		answers(3_600_000);
		const most = durationsBetween(before, read());
		expect(most?.p99Ms).toBeGreaterThan(1_000);
		expect(most?.p99Ms).toBeLessThan(Number.POSITIVE_INFINITY);
	});
});
