import { type AddressInfo, createServer, type Server } from "node:net";
import { Failure } from "../domain/failure.ts";

export const LOOPBACK = "127.0.0.1";

/** The sandbox cannot start as it was asked to; the message says what to change. */
export class CannotStart extends Failure {
	override readonly name = "CannotStart";
	readonly remedy = "edit";
}

/** Listens on loopback, and on it alone; answers the port. Rejects with CannotStart, naming the flag that gives another. */
export async function listenOnLoopback(server: Server, port: number, flag: string): Promise<number> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, port, flag)));
		server.listen(port, LOOPBACK, resolve);
	});
	return (server.address() as AddressInfo).port;
}

/** A port that nothing listens on just now: for those who have to be told one. */
export async function freePort(): Promise<number> {
	const server = createServer();
	const port = await listenOnLoopback(server, 0, "");
	await new Promise((resolve) => server.close(resolve));
	return port;
}

function explained(error: NodeJS.ErrnoException, port: number, flag: string): Error {
	const where = `port ${port} of ${LOOPBACK}`;
	switch (error.code) {
		case "EADDRINUSE":
			return new CannotStart(`${where} is in use by another program: stop it, or give another port with ${flag}`);
		case "EACCES":
			return new CannotStart(`${where} may not be used by this user: give one above 1023 with ${flag}`);
		default:
			return error;
	}
}
