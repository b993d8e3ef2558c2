import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createWebhookServer } from "../../../../src/server/webhooks/listen.ts";
import { bench, hex, notice } from "./bench.ts";

const MIB = 1024 * 1024;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

async function served(requestTimeoutMs?: number) {
	const { ports, hints } = bench();
	const server = await createWebhookServer({
		...ports,
		port: 0,
		host: "127.0.0.1",
		requestTimeoutMs,
		drainMs: 50,
	});
	closing.push(server.close);
	return { port: server.port, hints };
}

/** Says the pieces, and nothing more; what is answered until the connection is closed. */
function saying(port: number, write: (send: (piece: string | Buffer) => boolean) => void): Promise<string> {
	return new Promise((resolve) => {
		let answer = "";
		const socket = connect({ port, host: "127.0.0.1" }, () => write((piece) => socket.writable && socket.write(piece)));
		socket.on("data", (chunk) => {
			answer += chunk.toString();
		});
		// Whoever is cut off in the middle of a sentence sees an error first.
		socket.on("error", () => {});
		socket.on("close", () => resolve(answer));
	});
}
const head = (length: number | string, ...lines: readonly string[]) =>
	["POST /v1/webhooks/native HTTP/1.1", "Host: h", `Content-Length: ${length}`, ...lines, "", ""].join("\r\n");

test("a webhook comes in by a socket", async () => {
	const { port, hints } = await served();
	const body = notice("1.2.0");
	const answer = await saying(port, (send) =>
		send(`${head(body.length, "Connection: close", `X-Hub-Signature-256: sha256=${hex(body)}`)}${body}`),
	);
	expect(answer).toMatch(/^HTTP\/1\.1 200 /);
	expect(hints).toHaveLength(1);
});

test("a body that does not come is cut off", async () => {
	const { port, hints } = await served(300);
	const answer = await saying(port, (send) => send(`${head(1_000)}{"name":`));
	expect(answer).toMatch(/^HTTP\/1\.1 40[08] |^$/);
	expect(hints).toEqual([]);
});

test("a body of 50 MiB is refused when no more than its start was sent", async () => {
	const { port } = await served();
	const answer = await saying(port, (send) => send(Buffer.concat([Buffer.from(head(50 * MIB)), Buffer.alloc(1_024)])));
	expect(answer).toMatch(/^HTTP\/1\.1 413 /);
	expect(answer).toContain("longer than 1048576 bytes");
});

test("a body that does not say how long it is, neither", async () => {
	const { port } = await served();
	const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);
	const answer = await saying(port, (send) => {
		send(head(0).replace("Content-Length: 0", "Transfer-Encoding: chunked"));
		for (let count = 0; count < 17; count += 1) send(chunk);
	});
	expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});
