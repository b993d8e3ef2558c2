import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { type Address, listening, type RunningServer } from "../listening.ts";

/** Probes of other programs are cut off; a page that streams is not, for it has sent its request. */
const LIMITS = {
	connectionsMax: 128,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	requestTimeoutMs: 10_000,
} as const;

/** Serves on that address, on all when undefined. Resolves once it listens, rejects when the port cannot be had. */
export async function listen(app: (port: () => number) => Hono, { port, host }: Address): Promise<RunningServer> {
	let taken = port;
	const server = createServer(
		{
			maxHeaderSize: LIMITS.headerBytesMax,
			headersTimeout: LIMITS.headersTimeoutMs,
			requestTimeout: LIMITS.requestTimeoutMs,
		},
		getRequestListener(app(() => taken).fetch),
	);
	server.maxConnections = LIMITS.connectionsMax;
	const running = await listening(server, { port, host }, 0);
	taken = running.port;
	return running;
}
