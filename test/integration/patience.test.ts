import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { canary } from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";

describe.skipIf(!canStartBed)("a hook that does not answer", () => {
	let bed: Bed;
	let operator: InProcessOperator;
	/** Calls that nobody has answered yet. */
	const calls: ServerResponse[] = [];
	const server = createServer((request, response) => {
		request.resume();
		calls.push(response);
	});

	beforeAll(async () => {
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		bed = await startBed();
		operator = startOperator({ ...bed.options, concurrency: 1 });
	});
	afterAll(async () => {
		server.closeAllConnections();
		server.close();
		await operator?.stop();
		await bed?.stop();
	});

	test("holds its own Canary, and nobody else's", async () => {
		const { port } = server.address() as AddressInfo;
		const webhooks = [{ name: "load", url: `http://127.0.0.1:${port}/`, timeout: "5m" }];
		const slow = ["slow-a", "slow-b"];
		await Promise.all(slow.map((name) => bed.initialised(canary(name, { analysis: { stepWeights: [20], webhooks } }))));
		await Promise.all(slow.map((name) => bed.push(name, "web:2.0.0")));
		await eventually("both are waited for", () => calls.length === 2);

		await bed.initialised(canary("quick", { analysis: { stepWeights: [20, 40] } }));
		await bed.push("quick", "web:2.0.0");
		await bed.phase("quick", "Succeeded");
		for (const name of slow) await bed.until(name, "is where it was", ({ run }) => run?.step === 0, { withinMs: 0 });

		expect(calls).toHaveLength(2);
		for (const response of calls) response.end();
		await Promise.all(slow.map((name) => bed.phase(name, "Succeeded")));
	});

	test("keeps nobody from aborting", async () => {
		await bed.push("slow-b", "web:3.0.0");
		await eventually("it is waited for", () => calls.length === 3);
		await bed.command("slow-b", "abort");
		await bed.phase("slow-b", "Failed");
		expect(calls[2]?.writableEnded).toBe(false);
	});

	test("does not keep the operator from stopping", async () => {
		await bed.push("slow-a", "web:3.0.0");
		await eventually("it is waited for", () => calls.length === 4);
		expect(await operator.stop()).toBe(0);
	});
});
