import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface RunningServer {
	readonly port: number;
	/** Resolves when the last connection is closed; those that take too long are cut off. */
	close(): Promise<void>;
}

export interface Address {
	/** 0 takes any that is free. */
	readonly port: number;
	/** All addresses unless set. */
	readonly host?: string | undefined;
}

/** Lets the server listen; `drainMs` is how long `close` lets requests end that are under way. Rejects when the port cannot be had. */
export async function listening(server: Server, { port, host }: Address, drainMs: number): Promise<RunningServer> {
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
