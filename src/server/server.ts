import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type AppPorts, createApp } from "./app.ts";

/** Probes and scrapes are short; whoever is slower than this, or says more, is cut off. */
const LIMITS = {
	connectionsMax: 256,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	requestTimeoutMs: 10_000,
	keepAliveMs: 65_000,
} as const;

export interface ServerOptions extends AppPorts {
	/** 0 takes any that is free. */
	readonly port: number;
	/** All addresses unless set. */
	readonly host?: string | undefined;
	/** How long `close` lets requests end that are under way; two seconds unless set. */
	readonly drainMs?: number | undefined;
}

/** A server that listens. */
export interface RunningServer {
	readonly port: number;
	/** Resolves when the last connection is closed; those that take too long are cut off. */
	close(): Promise<void>;
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
	await listening(server, port, host);
	return { port: (server.address() as AddressInfo).port, close: () => closed(server, drainMs) };
}

function listening(server: Server, port: number, host: string | undefined): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
			server.off("error", reject);
			resolve();
		});
	});
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
