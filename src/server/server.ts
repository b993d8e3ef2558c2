import { createServer as createHttpServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type AppPorts, createApp } from "./app.ts";
import { type Address, listening, type RunningServer } from "./listening.ts";

/** Probes and scrapes are short; whoever is slower than this, or says more, is cut off. */
const LIMITS = {
	connectionsMax: 256,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	requestTimeoutMs: 10_000,
	keepAliveMs: 65_000,
} as const;

export interface ServerOptions extends AppPorts, Address {
	/** How long `close` lets requests end that are under way; two seconds unless set. */
	readonly drainMs?: number | undefined;
}

/** Serves health and metrics. Resolves once it listens, rejects when the port cannot be had. */
export async function createServer({ port, host, drainMs = 2_000, ...ports }: ServerOptions): Promise<RunningServer> {
	const server = createHttpServer(
		{
			maxHeaderSize: LIMITS.headerBytesMax,
			headersTimeout: LIMITS.headersTimeoutMs,
			requestTimeout: LIMITS.requestTimeoutMs,
			keepAliveTimeout: LIMITS.keepAliveMs,
			connectionsCheckingInterval: 1_000,
		},
		getRequestListener(createApp(ports).fetch),
	);
	server.maxConnections = LIMITS.connectionsMax;
	return listening(server, { port, host }, drainMs);
}
