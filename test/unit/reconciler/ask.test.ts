import { expect, test } from "vitest";
import { parseCanary } from "../../../src/api/canary.ts";
import { ask } from "../../../src/reconciler/ask.ts";
import { createMemoryCluster } from "../../support/memory-cluster.ts";
import { canary } from "./loop.ts";

test.each([
	["a quick hook", { timeout: "1s" }, 12_000],
	["a hook that takes minutes", { timeout: "5m" }, 300_000],
	["the longest that there can be", { timeout: "10m" }, 600_000],
	["retries, as far as the longest hook", { timeout: "5m", retries: 9 }, 600_000],
])("a round waits for %s", async (_claim, hook, deadlineMs) => {
	const webhooks = [{ name: "soak", url: "http://soak", ...hook }];
	const parsed = parseCanary(canary("cart", { analysis: { webhooks, metrics: [] } }));
	if (!parsed.ok) throw new Error(parsed.problems.join());
	const waits: number[] = [];
	const timers = {
		now: () => 0,
		after: (delayMs: number) => {
			waits.push(delayMs);
			return () => {};
		},
	};
	const { round } = await ask({ round: true, gates: [] }, parsed.canary, {
		cluster: createMemoryCluster(),
		gather: {
			askMetric: async () => ({ kind: "value", value: 1 }),
			askHook: async () => ({ kind: "yes" }),
			timers,
			report: () => {},
		},
		options: { provider: "gatewayapi:v1", metricsServer: undefined, crossNamespaceRefs: false },
		now: () => 0,
		signal: new AbortController().signal,
	});
	expect({ verdict: round?.verdict, waits }).toEqual({ verdict: "passed", waits: [deadlineMs] });
});
