import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { readKubeconfig } from "../../../support/sandbox/read-kubeconfig.ts";
import { multiplexed } from "./multiplexed.ts";
import { clientOf, configMap, maps, start } from "./servers.ts";

const FIFTY_MIB = 50 * 1024 * 1024;
const tooLarge = { status: 413, body: { kind: "Status", code: 413, reason: "RequestEntityTooLarge" } };

test("a body of 50 MiB is refused with a Status, and the sandbox goes on", async () => {
	const { kubeconfig, mistakes } = await start();
	const client = clientOf(kubeconfig);
	const answer = await client.open("POST", maps, Buffer.alloc(FIFTY_MIB, "x"));
	expect({ status: answer.statusCode, body: JSON.parse((await answer.toArray()).join("")) }).toMatchObject(tooLarge);
	expect((await client.send("GET", maps)).body.items).toEqual([]);
	expect(mistakes).toEqual([]);
	client.close();
});

test("a body of 50 MiB is refused over HTTP/2 too, and the other requests of that connection go on", async () => {
	const { kubeconfig, api, mistakes } = await start();
	const client = multiplexed(kubeconfig);
	const watch = await client.open(`${maps}?watch=true`);
	expect(await client.send(maps, "POST", Buffer.alloc(FIFTY_MIB, "x"))).toMatchObject(tooLarge);
	api.create(configMap("after"));
	const [event] = (await once(watch.stream.setEncoding("utf8"), "data")) as [string];
	expect(JSON.parse(event).object.metadata.name).toBe("after");
	expect(mistakes).toEqual([]);
	client.close();
});

test("a client that hangs up in the middle of a body is no mistake of ours, and nothing is made of it", async () => {
	const { kubeconfig, mistakes, api } = await start();
	const client = multiplexed(kubeconfig);
	const stream = client.begin(maps, "POST");
	stream.write('{"apiVersion":"v1",');
	await client.send(maps);
	client.close();
	const other = clientOf(kubeconfig);
	expect((await other.send("GET", maps)).status).toBe(200);
	expect(mistakes).toEqual([]);
	const made = api
		.list({ apiVersion: "v1", kind: "ConfigMap" })
		.filter(({ metadata }) => metadata.namespace === "default");
	expect(made).toEqual([]);
	other.close();
});

test("what is no JSON is refused by what is wrong with it", async () => {
	const { kubeconfig } = await start();
	const client = clientOf(kubeconfig);
	const answer = await client.open("POST", maps, '{"metadata":{"name":');
	const { code, message } = JSON.parse((await answer.toArray()).join(""));
	expect({ code, message }).toEqual({ code: 400, message: expect.stringMatching(/json parse error: .+/) });
	client.close();
});

test("connections beyond the limit are told what to do, and those within it go on", async () => {
	const { kubeconfig } = await start({ limits: { connections: 2 } });
	const within = [multiplexed(kubeconfig), multiplexed(kubeconfig)];
	for (const client of within) expect((await client.send(maps)).status).toBe(200);
	const beyond = clientOf(kubeconfig);
	const { status, headers, body } = await beyond.send("GET", maps);
	expect({ status, retryAfter: headers["retry-after"], message: body.message }).toEqual({
		status: 429,
		retryAfter: "1",
		message:
			"2 connections are open, which is the most that this sandbox serves: close some, or use HTTP/2, where one connection takes 250 requests at once, then try again",
	});
	const alsoBeyond = multiplexed(kubeconfig);
	expect(await alsoBeyond.send(maps)).toMatchObject({ status: 429, body: { reason: "TooManyRequests" } });
	for (const client of within) expect((await client.send(maps)).status).toBe(200);
	for (const client of [...within, beyond, alsoBeyond]) client.close();
});

test.each([
	["what is no TLS", undefined, "GET / HTTP/1.1\r\n\r\n"],
	["what is no HTTP/1.1", ["http/1.1"], "\u0000\u0001nonsense\r\n\r\n"],
	["what is no HTTP/2", ["h2"], "nonsense that is long enough to be no preface\r\n\r\n"],
])("who sends %s is hung up on, and the sandbox goes on", async (_what, protocols, sent) => {
	const { kubeconfig, mistakes } = await start();
	const { server, ca } = readKubeconfig(kubeconfig);
	const port = Number(new URL(server).port);
	const host = "127.0.0.1";
	const socket = protocols ? connectTls({ host, port, ca, ALPNProtocols: protocols }) : connectPlain(port, host);
	await once(socket, protocols ? "secureConnect" : "connect");
	const closed = new Promise((resolve) => socket.once("close", resolve));
	socket.on("error", () => {});
	socket.resume().write(sent);
	await closed;
	const client = clientOf(kubeconfig);
	expect((await client.send("GET", maps)).status).toBe(200);
	expect(mistakes).toEqual([]);
	client.close();
});
