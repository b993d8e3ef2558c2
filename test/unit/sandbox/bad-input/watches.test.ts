import { once } from "node:events";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { multiplexed } from "./multiplexed.ts";
import { clientOf, configMap, maps, start } from "./servers.ts";

const WATCH = `${maps}?watch=true`;
const MEBIBYTE = 1024 * 1024;

/** Asks until the server has come to hold so many watches: what a client does is seen there a little later. */
async function untilWatches({ watches, kubeconfig }: { watches(): number; kubeconfig: string }, count: number) {
	const client = clientOf(kubeconfig);
	while (watches() !== count) await client.send("GET", maps);
	client.close();
}

async function nextEvent(stream: Readable) {
	const [text] = (await once(stream.setEncoding("utf8"), "data")) as [string];
	return JSON.parse(text);
}

test("watches beyond the limit are refused with what to do, and there is room again when one ends", async () => {
	const server = await start({ limits: { watches: 3 } });
	const client = multiplexed(server.kubeconfig);
	const open = [await client.open(WATCH), await client.open(WATCH), await client.open(WATCH)];
	const { status, headers, body } = await client.send(WATCH);
	expect({ status, retryAfter: headers["retry-after"] }).toEqual({ status: 429, retryAfter: "1" });
	expect(body).toMatchObject({
		kind: "Status",
		code: 429,
		reason: "TooManyRequests",
		message: "3 watches are open, which is the most that this sandbox serves: end some, then try again",
		details: { retryAfterSeconds: 1 },
	});
	server.api.create(configMap("told"));
	for (const { stream } of open) expect((await nextEvent(stream)).object.metadata.name).toBe("told");
	open[0]?.stream.close();
	await untilWatches(server, 2);
	expect((await client.open(WATCH)).status).toBe(200);
	client.close();
	await untilWatches(server, 0);
	expect(server.mistakes).toEqual([]);
});

test("a client that hangs up in mid-watch leaves nothing behind, and others are told on", async () => {
	const server = await start();
	const [plain, multiple, staying] = [
		clientOf(server.kubeconfig),
		multiplexed(server.kubeconfig),
		multiplexed(server.kubeconfig),
	];
	const answer = await plain.open("GET", WATCH);
	await multiple.open(WATCH);
	const { stream } = await staying.open(WATCH);
	expect(server.watches()).toBe(3);
	server.api.create(configMap("one", { text: "x".repeat(MEBIBYTE) }));
	answer.destroy();
	multiple.close();
	await untilWatches(server, 1);
	let text = "";
	for await (const chunk of stream.setEncoding("utf8")) {
		text += chunk;
		if (text.endsWith("\n")) break;
	}
	expect(JSON.parse(text).object.metadata.name).toBe("one");
	expect(server.mistakes).toEqual([]);
	staying.close();
	plain.close();
});

test.each(["HTTP/1.1", "HTTP/2"])(
	"a client that stops reading over %s is cut off once much is unread, and its buffer is freed",
	async (protocol) => {
		const server = await start();
		const [plain, multiple] = [clientOf(server.kubeconfig), multiplexed(server.kubeconfig)];
		const stalled: Readable =
			protocol === "HTTP/2" ? (await multiple.open(WATCH)).stream : await plain.open("GET", WATCH);
		const cutOff = new Promise((resolve) => stalled.once("close", resolve));
		stalled.on("error", () => {});
		stalled.pause();
		let written = 0;
		while (server.watches() > 0 && written < 40) {
			server.api.create(configMap(`big-${written}`, { text: "x".repeat(MEBIBYTE) }));
			written += 1;
			// Whatever a socket takes, it takes meanwhile.
			await new Promise(setImmediate);
		}
		await untilWatches(server, 0);
		expect(written).toBeGreaterThanOrEqual(16);
		expect(written).toBeLessThan(40);
		stalled.resume();
		await cutOff;
		expect(server.mistakes).toEqual([]);
		plain.close();
		multiple.close();
	},
);

test("of many clients that stop reading, those that hold most are cut off, and the sum has a bound", async () => {
	const server = await start({ limits: { unreadBytes: 8 * MEBIBYTE } });
	const client = multiplexed(server.kubeconfig);
	for (let number = 0; number < 8; number += 1) (await client.open(WATCH)).stream.pause();
	const other = multiplexed(server.kubeconfig);
	const reading = await other.open(WATCH);
	const read = nextEvents(reading.stream, 4);
	for (let number = 0; number < 4; number += 1) {
		server.api.create(configMap(`big-${number}`, { text: "x".repeat(MEBIBYTE) }));
		await new Promise(setImmediate);
	}
	expect(await read).toEqual(["big-0", "big-1", "big-2", "big-3"]);
	// Two that hold 4 MiB each are all there is room for; the third reads.
	expect(server.watches()).toBeLessThanOrEqual(3);
	client.close();
	other.close();
});

async function nextEvents(stream: Readable, count: number): Promise<readonly string[]> {
	let text = "";
	for await (const chunk of stream.setEncoding("utf8")) {
		text += chunk;
		if (text.split("\n").length > count) break;
	}
	return text
		.split("\n")
		.slice(0, count)
		.map((line) => JSON.parse(line).object.metadata.name);
}
