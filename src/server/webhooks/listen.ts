import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createWebhookApp, type WebhookPorts } from "./app.ts";

/** Notices are short; whoever is slower than this, or says more, is cut off. */
const LIMITS = {
	connectionsMax: 256,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	keepAliveMs: 65_000,
} as const;

export interface WebhookServerOptions extends WebhookPorts {
	/** 0 takes any that is free. */
	readonly port: number;
	/** All addresses unless set. */
	readonly host?: string | undefined;
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
}: WebhookServerOptions): Promise<{ readonly port: number; close(): Promise<void> }> {
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
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
			server.off("error", reject);
			resolve();
		});
	});
	return { port: (server.address() as AddressInfo).port, close: () => closed(server, drainMs) };
}

function closed(server: Server, drainMs: number): Promise<void> {
	return new Promise((resolve) => {
		const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
		server.close(() => {
			clearTimeout(cutOff);
			resolve();
		});
	});
}
