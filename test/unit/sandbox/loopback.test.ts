import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CannotStart, freePort, LOOPBACK, listenOnLoopback } from "../../../src/sandbox/loopback.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

function server() {
	const made = createServer();
	servers.push(made);
	return made;
}

test("a server listens on loopback, at a port of its own when none is asked for", async () => {
	const made = server();
	const port = await listenOnLoopback(made, 0, "--port");
	expect(made.address()).toMatchObject({ address: LOOPBACK, port });
});

test("a port that is free can be listened on", async () => {
	const port = await freePort();
	expect(await listenOnLoopback(server(), port, "--port")).toBe(port);
});

test("a port that is taken is a failure that names it, and the flag for another", async () => {
	const port = await listenOnLoopback(server(), 0, "--port");
	const again = listenOnLoopback(server(), port, "--gateway-port");
	await expect(again).rejects.toThrow(CannotStart);
	await expect(again).rejects.toThrow(
		`port ${port} of 127.0.0.1 is in use by another program: stop it, or give another port with --gateway-port`,
	);
});
