import { describe, expect, test } from "vitest";
import { goldenTable } from "../../../../src/server/dashboard/golden.ts";
import type { Sample } from "../../../../src/server/dashboard/ports.ts";

const subject = {
	provider: "linkerd",
	namespace: "shop",
	window: "1m",
	workloads: [
		{ of: "primary" as const, name: "cart-primary", pods: ["cart-primary-a"] },
		{ of: "candidate" as const, name: "cart", pods: [] },
	],
};

describe("the golden table", () => {
	test("has a row a workload and a pod, with what Prometheus says", async () => {
		const asked: string[] = [];
		const query = async (promql: string): Promise<readonly Sample[]> => {
			asked.push(promql);
			const labels: Record<string, string> = promql.includes("by (pod)") ? { pod: "cart-primary-a" } : {};
			if (promql.includes("quantile(0.99")) return [{ labels, value: 120 }];
			if (promql.includes("quantile(0.5,")) return [{ labels, value: Number.NaN }];
			return promql.includes("* 100") ? [{ labels, value: 99.5 }] : [];
		};
		expect(await goldenTable(query, subject)).toEqual({
			rows: [
				{ kind: "Deployment", name: "cart-primary", of: "primary", successRate: 99.5, p99: 120 },
				{ kind: "Pod", name: "cart-primary-a", of: "primary", successRate: 99.5 },
				{ kind: "Deployment", name: "cart", of: "candidate" },
			],
		});
		expect(asked[0]).toBe(
			'sum by (pod)(rate(response_total{namespace="shop",pod=~"cart-primary-a",direction="inbound"}[1m]))',
		);
	});

	test("tells silence as such", async () => {
		const { message, rows } = await goldenTable(async () => [], subject);
		expect(message).toContain("no requests of these pods in the last 1m");
		expect(rows[0]).toEqual({ kind: "Deployment", name: "cart-primary", of: "primary" });
	});

	test.each([
		["no Prometheus is known", undefined, subject, "--metrics-server"],
		["the provider's series are unknown", async () => [], { ...subject, provider: "osm" }, "provider osm"],
		["there is no pod", async () => [], { ...subject, workloads: [] }, "no pods"],
	])("says why it is empty when %s", async (_what, query, asked, says) => {
		const table = await goldenTable(query, asked);
		expect(table.rows).toEqual([]);
		expect(table.message).toContain(says);
	});

	test("says why Prometheus could not be asked", async () => {
		const query = async () => {
			throw new Error("http://prometheus: connection refused");
		};
		expect((await goldenTable(query, subject)).message).toContain("connection refused");
	});

	test("lets no name out of its quotes", async () => {
		const asked: string[] = [];
		await goldenTable(
			async (promql) => {
				asked.push(promql);
				return [];
			},
			{ ...subject, namespace: 'a"} or x{b="', workloads: [{ of: "primary", name: "n", pods: ["p.1"] }] },
		);
		expect(asked[0]).toContain('namespace="a\\"} or x{b=\\""');
		expect(asked[0]).toContain('pod=~"p\\\\.1"');
	});
});
