import {
	createServer,
	request as httpRequest,
	type IncomingHttpHeaders,
	type RequestListener,
	type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Endpoint } from "../../../../src/sandbox/contract.ts";
import { startGateway } from "../../../../src/sandbox/mesh/gateway.ts";
import { fakeApi } from "./fake-api.ts";
import { seeded, service } from "./objects.ts";

/** A gateway before pods that are servers in this process; all end with the test. */
export async function gatewayWorld() {
	const fake = fakeApi();
	const behind = new Map<string, Endpoint[]>();
	const clock = { now: 1_000_000 };
	const gateway = await startGateway({
		api: fake.api,
		endpoints: { of: (namespace, name, port) => behind.get(`${namespace}/${name}:${port}`) },
		port: 0,
		random: seeded(7),
		now: () => clock.now,
	});
	onTestFinished(() => gateway.stop());
	return {
		...fake,
		clock,
		gateway,
		/** A Service with one pod, which answers so; undefined: with none. */
		async serveBy(name: string, listener: RequestListener | undefined) {
			fake.put(service(name));
			if (listener === undefined) behind.set(`shop/${name}:80`, []);
			else
				behind.set(`shop/${name}:80`, [
					{ pod: `${name}-1`, host: "127.0.0.1", port: portOf(await listening(listener)) },
				]);
		},
		/** When everything that was put is obeyed: watches tell in microtasks, tables are made in the next turn. */
		async settled() {
			for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
		},
		ask: (host: string, path = "/", more: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
			ask(gateway.url, { ...more, path, headers: { ...more.headers, host } }),
	};
}

export async function listening(listener: RequestListener): Promise<Server> {
	const server = createServer(listener);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		server.closeAllConnections();
		await closed;
	});
	return server;
}

export function portOf(server: Server): number {
	return (server.address() as AddressInfo).port;
}

export function ask(
	url: string,
	{ body, ...options }: { path: string; method?: string; headers: Record<string, string>; body?: string },
): Promise<{ readonly code: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
	return new Promise((resolve, reject) => {
		const request = httpRequest(url, { ...options, agent: false }, (answer) => {
			let text = "";
			answer.setEncoding("utf8");
			answer.on("data", (piece: string) => {
				text += piece;
			});
			answer.once("end", () => resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text }));
			answer.once("error", reject);
		});
		request.once("error", reject);
		request.end(body);
	});
}
