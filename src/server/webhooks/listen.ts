import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Address, listening, type RunningServer } from "../listening.ts";
import { createWebhookApp, type WebhookPorts } from "./app.ts";

/** Notices are short; whoever is slower than this, or says more, is cut off. */
const LIMITS = {
	connectionsMax: 256,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	keepAliveMs: 65_000,
} as const;

export interface WebhookServerOptions extends WebhookPorts, Address {
	/** A body that is not there by then is cut off; ten seconds unless set. */
	readonly requestTimeoutMs?: number | undefined;
	/** How long `close` lets requests end that are under way; two seconds unless set. */
	readonly drainMs?: number | undefined;
}

/** Serves webhooks on a port of their own, so that what may be reached from outside is nothing else. Rejects when it cannot be had. */
export async function createWebhookServer({
	port,
	host,
	requestTimeoutMs = 10_000,
	drainMs = 2_000,
	...ports
}: WebhookServerOptions): Promise<RunningServer> {
	const server = createServer(
		{
			maxHeaderSize: LIMITS.headerBytesMax,
			headersTimeout: Math.min(LIMITS.headersTimeoutMs, requestTimeoutMs),
			requestTimeout: requestTimeoutMs,
			keepAliveTimeout: LIMITS.keepAliveMs,
			connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
		},
		getRequestListener(createWebhookApp(ports).fetch),
	);
	server.maxConnections = LIMITS.connectionsMax;
	return listening(server, { port, host }, drainMs);
}
