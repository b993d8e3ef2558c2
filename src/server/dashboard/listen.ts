import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";

/** Probes of other programs are cut off; a page that streams is not, for it has sent its request. */
const LIMITS = {
	connectionsMax: 128,
	headerBytesMax: 16 * 1024,
	headersTimeoutMs: 5_000,
	requestTimeoutMs: 10_000,
} as const;

/** Serves on that address, on all when undefined. Resolves once it listens, rejects when the port cannot be had. */
export async function listen(
	app: (port: () => number) => Hono,
	{ port, host }: { readonly port: number; readonly host: string | undefined },
): Promise<{ port: number; close(): Promise<void> }> {
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
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
	});
	taken = (server.address() as AddressInfo).port;
	return {
		port: taken,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
