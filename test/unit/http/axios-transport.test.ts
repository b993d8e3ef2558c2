import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { axiosTransport } from "../../../src/http/axios-transport.ts";
import { outbound } from "../../../src/http/outbound.ts";
import type { OutboundRequest } from "../../../src/http/request.ts";
import { createIdentity } from "../../../src/sandbox/api-server/http/identity.ts";
import { certificate, privateKey } from "./certificate.ts";

const open: Server[] = [];
/** A server forgets the sockets that it hands out. */
const tunnels: Duplex[] = [];
afterEach(async () => {
	for (const server of open.splice(0)) {
		server.closeAllConnections();
		for (const socket of tunnels.splice(0)) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	}
});

async function listening(server: Server): Promise<number> {
	open.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
	return `http://127.0.0.1:${await listening(createServer(answer))}`;
}

const get = (url: string, change: Partial<OutboundRequest> = {}): OutboundRequest => ({
	method: "GET",
	url,
	headers: {},
	timeoutMs: 2_000,
	retries: 0,
	bodyBytesMax: 1_000,
	insecureSkipVerify: false,
	...change,
});
const never = new AbortController().signal;
const send = (request: OutboundRequest, signal = never) => outbound()(request, signal);

describe("the transport", () => {
	test("sends what is described, and nothing of its own but a name", async () => {
		const url = await serving((request, response) => {
			let body = "";
			request.on("data", (chunk) => {
				body += chunk;
			});
			request.on("end", () => {
				const { host: _host, connection: _kept, ...headers } = request.headers;
				response.end(JSON.stringify({ method: request.method, url: request.url, headers, body }));
			});
		});
		const described = get(`${url}/base?a=1`, {
			method: "POST",
			headers: { accept: "application/json", "content-type": "application/json", "x-token": "t" },
			query: { query: 'up{a="b"} + 1' },
			body: ' {"a": "ü"} ',
		});
		const answer = await send(described);
		expect(answer).toMatchObject({ kind: "answer", status: 200, truncated: false });
		expect(JSON.parse(answer.kind === "answer" ? answer.body : "")).toEqual({
			method: "POST",
			url: "/base?a=1&query=up%7Ba%3D%22b%22%7D+%2B+1",
			headers: {
				accept: "application/json",
				"accept-encoding": expect.any(String),
				"content-length": "13",
				"content-type": "application/json",
				"user-agent": "haldane",
				"x-token": "t",
			},
			body: ' {"a": "ü"} ',
		});
	});

	test.each([
		[302, { location: "http://169.254.169.254/" }],
		[404, {}],
		[500, {}],
	])("brings a %i back as it is, following nothing", async (status, headers) => {
		let asked = 0;
		const url = await serving((_request, response) => {
			asked++;
			response.writeHead(status, { ...headers, "X-Mixed": "Case" }).end("words");
		});
		expect(await send(get(url))).toMatchObject({ status, body: "words", headers: { ...headers, "x-mixed": "Case" } });
		expect(asked).toBe(1);
	});

	test.each([
		["a long answer", (text: string) => Buffer.from(text), {}],
		["a small answer that unpacks to a long one", (text: string) => gzipSync(text), { "content-encoding": "gzip" }],
	])("reads %s only up to the limit", async (_name, pack, headers) => {
		const url = await serving((_request, response) =>
			response.writeHead(200, headers).end(pack("x".repeat(1_000_000))),
		);
		expect(await send(get(url))).toMatchObject({ status: 200, body: "x".repeat(1_000), truncated: true });
	});

	test("reads an answer of exactly the limit whole", async () => {
		const url = await serving((_request, response) => response.end("x".repeat(1_000)));
		expect(await send(get(url))).toMatchObject({ body: "x".repeat(1_000), truncated: false });
	});

	test("stops reading an answer that never ends", async () => {
		const url = await serving((_request, response) => {
			const more = () => {
				while (response.write("x".repeat(10_000)));
			};
			response.on("drain", more);
			more();
		});
		expect(await send(get(url))).toMatchObject({ status: 200, body: "x".repeat(1_000), truncated: true });
	});

	test("hangs up on a server that says nothing", async () => {
		const gone = Promise.withResolvers<void>();
		const url = await serving((request) => request.socket.on("close", () => gone.resolve()));
		expect(await send(get(url, { timeoutMs: 50 }))).toMatchObject({ kind: "unreachable" });
		await gone.promise;
	});

	test("bounds the whole answer in time, not only its first byte", async () => {
		const gone: Promise<void>[] = [];
		const url = await serving((request, response) => {
			response.write("drip");
			gone.push(new Promise((resolve) => request.socket.on("close", () => resolve())));
		});
		expect(await send(get(url, { timeoutMs: 50 }))).toEqual({
			kind: "unreachable",
			detail: `GET ${url}: no answer within 50ms`,
		});
		// On a machine with much else to do the time may be over before the request is there.
		await Promise.all(gone);
	});

	test("takes an answer that breaks off for none", async () => {
		const url = await serving((request, response) => {
			response.writeHead(200, { "content-length": "100" });
			response.write("half", () => request.socket.destroy());
		});
		expect(await send(get(url))).toMatchObject({ kind: "unreachable" });
	});

	test("says which port refuses", async () => {
		const port = await listening(createServer());
		await new Promise((resolve) => open.pop()?.close(resolve));
		expect(await send(get(`http://127.0.0.1:${port}/x`))).toEqual({
			kind: "unreachable",
			detail: `GET http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
		});
	});

	test("keeps connections open, and sends again when one has gone stale", async () => {
		const sockets = new Set<unknown>();
		let asked = 0;
		const url = await serving((request, response) => {
			asked++;
			if (sockets.has(request.socket)) return void request.socket.destroy();
			sockets.add(request.socket);
			response.end("fresh");
		});
		const sendKept = outbound({ transport: axiosTransport() });
		expect(await sendKept(get(url), never)).toMatchObject({ body: "fresh" });
		// The socket goes back to its agent a turn after the answer.
		await new Promise(setImmediate);
		expect(await sendKept(get(url), never)).toMatchObject({ body: "fresh" });
		expect([asked, sockets.size]).toEqual([3, 2]);
	});

	test.each([
		"http://169.254.169.254/latest",
		"http://[fe80::1]/",
		"http://0xa9fea9fe/",
		"http://[::ffff:169.254.1.1]/",
	])("goes nowhere near %s", async (url) => {
		expect(await send(get(url))).toMatchObject({
			detail: expect.stringContaining("reserved for the machine itself"),
		});
	});

	test("refuses a header that would smuggle in another", async () => {
		const url = await serving((_request, response) => response.end());
		const answer = await send(get(url, { headers: { "x-a": "one\r\nx-b: two" }, retries: 3 }));
		const text = JSON.stringify(answer);
		// Either the value is refused or its line break is gone: never is there a second header.
		expect(text).not.toContain("x-b: two");
	});
});

describe("certificates", () => {
	async function securely(): Promise<string> {
		const server = createSecureServer({ key: privateKey, cert: certificate }, (_request, response) =>
			response.end("ok"),
		);
		return `https://127.0.0.1:${await listening(server as unknown as Server)}`;
	}

	test("an unknown one is refused", async () => {
		expect(await send(get(await securely()))).toMatchObject({
			detail: expect.stringMatching(/self-signed|certificate/),
		});
	});

	test("an unknown one is taken where the request says so, and there only", async () => {
		const url = await securely();
		const sendKept = outbound({ transport: axiosTransport() });
		expect(await sendKept(get(url, { insecureSkipVerify: true }), never)).toMatchObject({ body: "ok" });
		await new Promise(setImmediate);
		expect(await sendKept(get(url), never)).toMatchObject({ kind: "unreachable" });
	});

	test("one of an authority that the request names is taken, by that request only", async () => {
		const [ours, another] = await Promise.all([createIdentity(Date.now()), createIdentity(Date.now())]);
		const server = createSecureServer({ key: ours.key, cert: ours.certificate }, (_request, response) =>
			response.end("ok"),
		);
		const url = `https://127.0.0.1:${await listening(server as unknown as Server)}`;
		const sendKept = outbound({ transport: axiosTransport() });
		expect(await sendKept(get(url, { ca: ours.authority }), never)).toMatchObject({ body: "ok" });
		expect(await sendKept(get(url, { ca: another.authority }), never)).toMatchObject({ kind: "unreachable" });
		expect(await sendKept(get(url), never)).toMatchObject({ kind: "unreachable" });
		expect(await sendKept(get(url, { ca: ours.authority }), never)).toMatchObject({ body: "ok" });
	});

	test("of authorities without number the oldest are forgotten, and taken again when they are named again", async () => {
		const { authority, certificate: cert, key } = await createIdentity(Date.now());
		const server = createSecureServer({ key, cert }, (_request, response) => response.end("ok"));
		const url = `https://127.0.0.1:${await listening(server as unknown as Server)}`;
		const sendKept = outbound({ transport: axiosTransport() });
		for (let i = 0; i < 18; i++) {
			expect(await sendKept(get(url, { ca: `${authority}${"\n".repeat(i % 17)}` }), never)).toMatchObject({
				body: "ok",
			});
		}
	});
});

describe("proxies", () => {
	test("a plain request goes to the proxy as it is, with the proxy's password", async () => {
		const url = await serving((request, response) =>
			response.end(`${request.url} ${request.headers["proxy-authorization"]}`),
		);
		const proxy = url.replace("http://", "http://me:p%40ss@");
		const expected = `http://hooks.test/gate Basic ${Buffer.from("me:p@ss").toString("base64")}`;
		expect(await send(get("http://hooks.test/gate", { proxy }))).toMatchObject({ body: expected });
	});

	test("a secure request goes through a tunnel, end to end", async () => {
		const server = createSecureServer({ key: privateKey, cert: certificate }, (_request, response) =>
			response.end("ok"),
		);
		const port = await listening(server as unknown as Server);
		const asked: string[] = [];
		const tunnel = createServer();
		tunnel.on("connect", ({ url = "" }, socket) => {
			asked.push(url);
			const onward = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
			tunnels.push(socket, onward);
			onward.pipe(socket).pipe(onward);
			onward.on("error", () => socket.destroy());
			socket.on("error", () => onward.destroy());
		});
		const proxy = `http://127.0.0.1:${await listening(tunnel)}`;
		const url = "https://hooks.test/gate";
		expect(await send(get(url, { proxy, insecureSkipVerify: true }))).toMatchObject({ body: "ok" });
		expect(await send(get(url, { proxy }))).toMatchObject({ kind: "unreachable" });
		expect(asked).toEqual(["hooks.test:443", "hooks.test:443"]);
	});

	test("an authority that the request names counts at the far end of the tunnel", async () => {
		const { authority, certificate: cert, key } = await createIdentity(Date.now());
		const secure = createSecureServer({ key, cert }, (_request, response) => response.end("ok"));
		const port = await listening(secure as unknown as Server);
		const tunnel = createServer();
		tunnel.on("connect", (_request, socket) => {
			const onward = connect(port, "127.0.0.1", () => {
				socket.write("HTTP/1.1 200 OK\r\n\r\n");
				onward.pipe(socket).pipe(onward);
			});
			onward.on("error", () => socket.destroy());
			socket.on("error", () => onward.destroy());
			tunnels.push(socket, onward);
		});
		const proxy = `http://127.0.0.1:${await listening(tunnel)}`;
		expect(await send(get("https://localhost", { proxy, ca: authority }))).toMatchObject({ body: "ok" });
		expect(await send(get("https://localhost", { proxy }))).toMatchObject({ kind: "unreachable" });
	});

	test("the environment's proxy is none of its business", async () => {
		const url = await serving((_request, response) => response.end("direct"));
		process.env.HTTP_PROXY = "http://127.0.0.1:1";
		process.env.http_proxy = "http://127.0.0.1:1";
		try {
			expect(await send(get(url))).toMatchObject({ body: "direct" });
		} finally {
			delete process.env.HTTP_PROXY;
			delete process.env.http_proxy;
		}
	});
});
