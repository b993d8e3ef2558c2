import { afterEach, describe, expect, test } from "vitest";
import { type RunningPrometheus, startPrometheus } from "../../../../src/sandbox/prometheus/start-prometheus.ts";

const running: RunningPrometheus[] = [];
afterEach(async () => {
	for (const prometheus of running.splice(0)) await prometheus.stop();
});

async function start(scrape: () => string, now = () => 1_700_000_000_000): Promise<RunningPrometheus> {
	const prometheus = await startPrometheus({ scrape, everyMs: 3_600_000, port: 0, clock: { now } });
	running.push(prometheus);
	return prometheus;
}

const asked = async (url: string, init?: RequestInit) => {
	const response = await fetch(url, init);
	return { status: response.status, body: (await response.json()) as { data: { result: { value: unknown[] }[] } } };
};

describe("a running Prometheus", () => {
	test("has scraped once when it is there, and answers by address and by form", async () => {
		const { url } = await start(() => 'a{b="c"} 5');
		const body = new URLSearchParams({ query: 'a{b="c"}' });
		const expected = {
			status: "success",
			data: {
				resultType: "vector",
				result: [
					{ metric: { __name__: "a", b: "c", instance: "sandbox", job: "sandbox" }, value: [1_700_000_000, "5"] },
				],
			},
		};
		expect(await asked(`${url}/api/v1/query?${body}`)).toEqual({ status: 200, body: expected });
		// What the form says wins.
		expect(await asked(`${url}/api/v1/query?query=1`, { method: "POST", body })).toEqual({
			status: 200,
			body: expected,
		});
	});

	test("fails every request while it is down, those that are under way too, and comes back with its series", async () => {
		const prometheus = await start(() => "a 5");
		const query = `${prometheus.url}/api/v1/query?query=a`;
		await asked(query);
		prometheus.pause(true);
		await expect(fetch(query)).rejects.toThrow();
		await expect(fetch(`${prometheus.url}/-/ready`)).rejects.toThrow();
		prometheus.pause(false);
		expect((await asked(query)).body.data.result).toHaveLength(1);
	});

	test("refuses a body without end", async () => {
		const { url } = await start(() => "");
		const body = new URLSearchParams({ query: "1", padding: "x".repeat(2 << 20) });
		expect((await asked(`${url}/api/v1/query`, { method: "POST", body })).status).toBe(413);
	});

	test("cannot be where something else is", async () => {
		const { url } = await start(() => "");
		const port = Number(new URL(url).port);
		await expect(startPrometheus({ scrape: () => "", everyMs: 1_000, port })).rejects.toThrow(
			"in use by another program: stop it, or give another port with --prometheus-port",
		);
	});

	test("is gone once it is stopped, even while somebody is connected", async () => {
		const prometheus = await start(() => "");
		await fetch(`${prometheus.url}/-/ready`);
		await prometheus.stop();
		running.length = 0;
		await expect(fetch(`${prometheus.url}/-/ready`)).rejects.toThrow();
	});
});
