import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { request } from "node:https";
import { afterEach, describe, expect, test } from "vitest";
import { createIdentity, type Identity } from "../../../../src/sandbox/api-server/http/identity.ts";
import { EXCHANGE_MS_MAX, type Listening, listen } from "../../../../src/sandbox/api-server/http/listen.ts";
import type { ApiResponse } from "../../../../src/sandbox/api-server/rest/exchange.ts";

const LARGE = "x".repeat(32 * 1024 * 1024);

const running: Listening[] = [];
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
	for (const session of sessions.splice(0)) session.destroy();
	for (const server of running.splice(0)) await server.stop();
});

/** A server whose time passes when the test says so. */
async function stage(answered: ApiResponse) {
	let now = 0;
	const ticking = new Set<() => void>();
	const mistakes: unknown[] = [];
	let asked = 0;
	const identity: Identity = await createIdentity(Date.now());
	const server = await listen({
		port: 0,
		identity,
		now: () => now,
		ticks(listener) {
			ticking.add(listener);
			return () => void ticking.delete(listener);
		},
		answer() {
			asked += 1;
			return answered;
		},
		onMistake: (error) => void mistakes.push(error),
	});
	running.push(server);
	const url = `https://127.0.0.1:${server.port}`;
	const session = connect(url, { ca: identity.authority });
	session.on("error", () => {});
	sessions.push(session);
	return {
		url,
		ca: identity.authority,
		session,
		mistakes,
		asked: () => asked,
		pass(ms: number) {
			now += ms;
			for (const listener of ticking) listener();
		},
	};
}

const whole: ApiResponse = { status: 200, headers: {}, body: "{}" };

describe("within a minute", () => {
	test("a body that does not come is waited for, and no longer", async () => {
		const { url, ca, session, mistakes, asked, pass } = await stage(whole);
		const half = session.request({ ":method": "POST", ":path": "/" });
		half.on("error", () => {});
		half.write("{");
		const plain = request(url, { method: "POST", ca, agent: false, headers: { expect: "100-continue" } });
		plain.write("{");
		// Of a request that came later: by its answer the one before it has begun.
		const another = async () => {
			const stream = session.request({ ":path": "/" });
			await stream.setEncoding("utf8").toArray();
		};
		await once(plain, "continue");
		const refused = once(plain, "error");
		await another();
		pass(EXCHANGE_MS_MAX);
		await another();
		expect(half.closed).toBe(false);
		pass(1);
		await Promise.all([once(half, "close"), refused]);
		expect({ asked: asked(), mistakes }).toEqual({ asked: 2, mistakes: [] });
	});

	test("an answer that is not taken is kept, and no longer", async () => {
		const { session, mistakes, pass } = await stage({ ...whole, body: LARGE });
		const unread = session.request({ ":path": "/" });
		unread.on("error", () => {}).pause();
		await once(unread, "response");
		pass(EXCHANGE_MS_MAX + 1);
		let bytes = 0;
		await new Promise((resolve) => {
			unread.once("close", resolve);
			unread.on("data", (chunk: Buffer) => {
				bytes += chunk.byteLength;
			});
			unread.resume();
		});
		expect(bytes).toBeLessThan(LARGE.length);
		expect(mistakes).toEqual([]);
	});

	test("a watch may take longer", async () => {
		const told: string[] = [];
		const open: ApiResponse = {
			status: 200,
			headers: {},
			open(reader) {
				reader.write("one\n");
				return () => void told.push("closed");
			},
		};
		const { session, pass } = await stage(open);
		const stream = session.request({ ":path": "/" });
		await once(stream.setEncoding("utf8"), "data");
		pass(EXCHANGE_MS_MAX * 10);
		// By the first words of a later one, an end of this one would have been seen.
		await once(session.request({ ":path": "/" }).setEncoding("utf8"), "data");
		expect({ told, closed: stream.closed }).toEqual({ told: [], closed: false });
	});
});
