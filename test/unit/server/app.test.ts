import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { silentLog } from "../../../src/domain/log.ts";
import { createMetrics } from "../../../src/metrics/metrics.ts";
import { createApp } from "../../../src/server/app.ts";
import { createServer } from "../../../src/server/server.ts";

const metrics = createMetrics({ version: "1.2.3", meshProvider: "linkerd", process: false });
const ports = { metrics, isReady: () => true, isHealthy: () => true, log: silentLog };

describe("the server's routes", () => {
	test.each([
		["/healthz", {}, 200, "ok\n"],
		["/livez", {}, 200, "ok\n"],
		["/readyz", {}, 200, "ok\n"],
		["/healthz", { isHealthy: () => false }, 503, "not ok\n"],
		["/livez", { isHealthy: () => false }, 503, "not ok\n"],
		["/readyz", { isReady: () => false }, 503, "not ok\n"],
		["/healthz", { isReady: () => false }, 200, "ok\n"],
		["/readyz", { isHealthy: () => false }, 200, "ok\n"],
		["/", {}, 404, "not found\n"],
	])("%s with %o answers %i", async (path, change, status, body) => {
		const answer = await createApp({ ...ports, ...change }).request(path);
		expect(answer.status).toBe(status);
		expect(await answer.text()).toBe(body);
		expect(answer.headers.get("cache-control")).toBe("no-store");
	});

	test("/metrics answers with what Prometheus reads", async () => {
		const answer = await createApp(ports).request("/metrics");
		expect(answer.status).toBe(200);
		expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
		expect(await answer.text()).toContain('haldane_info{version="1.2.3",mesh_provider="linkerd"} 1');
	});

	test("a route that fails says no more than that", async () => {
		const logged: unknown[] = [];
		const render = () => Promise.reject(new Error("s3cret"));
		const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
		const answer = await createApp({ ...ports, metrics: { render }, log }).request("/metrics");
		expect(answer.status).toBe(500);
		expect(await answer.text()).toBe("internal error\n");
		expect(logged).toEqual([{ error: expect.any(Error), path: "/metrics" }]);
	});

	test("only what is asked by GET or HEAD is answered", async () => {
		expect((await createApp(ports).request("/metrics", { method: "POST" })).status).toBe(404);
		expect((await createApp(ports).request("/healthz", { method: "HEAD" })).status).toBe(200);
	});
});

describe("the server", () => {
	test("listens, answers and closes", async () => {
		const server = await createServer({ ...ports, port: 0, host: "127.0.0.1" });
		const answer = await fetch(`http://127.0.0.1:${server.port}/readyz`);
		expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
		await server.close();
		await expect(fetch(`http://127.0.0.1:${server.port}/readyz`)).rejects.toThrow();
	});

	test("refuses a port that is taken", async () => {
		const server = await createServer({ ...ports, port: 0, host: "127.0.0.1" });
		await expect(createServer({ ...ports, port: server.port, host: "127.0.0.1" })).rejects.toThrow("EADDRINUSE");
		await server.close();
	});

	test("refuses headers that are too long", async () => {
		const server = await createServer({ ...ports, port: 0, host: "127.0.0.1" });
		const answer = await fetch(`http://127.0.0.1:${server.port}/healthz`, {
			headers: { "x-long": "x".repeat(20_000) },
		});
		expect(answer.status).toBe(431);
		await answer.body?.cancel();
		await server.close();
	});

	test("does not wait for ever for a connection that says nothing", async () => {
		const server = await createServer({ ...ports, port: 0, host: "127.0.0.1", drainMs: 10 });
		const idle = connect(server.port, "127.0.0.1");
		await new Promise((resolve) => idle.once("connect", resolve));
		const closed = new Promise((resolve) => idle.once("close", resolve));
		idle.resume();
		await server.close();
		await closed;
	});
});
