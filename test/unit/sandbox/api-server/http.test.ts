import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ApiServer, startApiServer } from "../../../../src/sandbox/api-server/start-api-server.ts";
import { configMap, definition, rules } from "./stand-in.ts";

const started: ApiServer[] = [];
const folders: string[] = [];

afterEach(async () => {
	for (const server of started.splice(0)) await server.stop();
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
	folders.push(folder);
	return folder;
}

async function start(options: { readonly dataDir?: string; readonly port?: number; readonly folder?: string } = {}) {
	const mistakes: unknown[] = [];
	const onMistake = (error: unknown) => void mistakes.push(error);
	const server = await startApiServer({ port: 0, folder: newFolder(), rules, onMistake, ...options });
	started.push(server);
	return { ...server, mistakes, client: clientOf(server) };
}

/** A client that trusts and shows what the kubeconfig says, and nothing else. */
function clientOf({ kubeconfig }: ApiServer) {
	const { clusters, users } = parse(readFileSync(kubeconfig, "utf8"));
	const { server, "certificate-authority-data": authority } = clusters[0].cluster;
	const agent = new Agent({ keepAlive: true, ca: Buffer.from(authority, "base64") });
	const headers = { authorization: `Bearer ${users[0].user.token}` };

	async function open(method: string, path: string, body?: string): Promise<IncomingMessage> {
		const sent = request(`${server}${path}`, { method, agent, headers });
		sent.end(body);
		const [answer] = (await once(sent, "response")) as [IncomingMessage];
		// An answer may come before all of a body was taken, and what is left of that then goes nowhere.
		sent.on("error", () => {});
		return answer.setEncoding("utf8");
	}

	return {
		open,
		async send(method: string, path: string, body?: unknown) {
			const answer = await open(method, path, body === undefined ? undefined : JSON.stringify(body));
			const chunks = await answer.toArray();
			return { status: answer.statusCode, body: JSON.parse(chunks.join("")) };
		},
	};
}

const maps = "/api/v1/namespaces/default/configmaps";

describe("the server", () => {
	test("shows a certificate that its kubeconfig's authority signed, and is read by its owner alone", async () => {
		const { client, kubeconfig, api } = await start();
		expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
		expect((await client.send("POST", maps, configMap("one"))).status).toBe(201);
		expect(api.get({ ...configMap("one"), namespace: "default", name: "one" })?.metadata.name).toBe("one");
	});

	test("sends events as they happen, and forgets who hangs up", async () => {
		const { client, api, mistakes } = await start();
		const answer = await client.open("GET", `${maps}?watch=true`);
		api.create(configMap("one"));
		const [line] = (await once(answer, "data")) as [string];
		expect(JSON.parse(line)).toMatchObject({ type: "ADDED", object: { metadata: { name: "one" } } });
		answer.destroy();
		await once(answer, "close");
		api.create(configMap("two"));
		expect((await client.send("GET", maps)).body.items).toHaveLength(2);
		expect(mistakes).toEqual([]);
	});

	test.each([4, 30])("refuses %i MiB with a Status, and goes on", async (mebibytes) => {
		const { client } = await start();
		const { status, body } = await client.send("POST", maps, { data: "x".repeat(mebibytes * 1024 * 1024) });
		expect((await client.send("GET", maps)).status).toBe(200);
		expect({ status, reason: body.reason }).toEqual({ status: 413, reason: "RequestEntityTooLarge" });
	});

	test("says which port is taken, and what to do", async () => {
		const { url } = await start();
		const port = Number(new URL(url).port);
		await expect(start({ port })).rejects.toThrow(
			`port ${port} of 127.0.0.1 is in use by another program: stop it, or give another port with --port`,
		);
	});
});

describe("a server that keeps its state", () => {
	test("goes on where it was stopped", async () => {
		const dataDir = newFolder();
		const first = await start({ dataDir });
		await first.client.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
		const lamps = "/apis/light.test/v1/namespaces/default/lamps";
		const lamp = { apiVersion: "light.test/v1", kind: "Lamp", metadata: { name: "one" } };
		const { body: made } = await first.client.send("POST", lamps, lamp);
		await first.stop();
		const second = await start({ dataDir });
		expect((await second.client.send("GET", `${lamps}/one`)).body).toEqual(made);
		const { body: next } = await second.client.send("POST", maps, configMap("one"));
		expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
	});

	test.each([
		["no JSON", "{"],
		["another's", '{"format":"other"}'],
		["objects without names", '{"format":"haldane-sandbox/1","resourceVersion":1,"collections":{"/pods":[{}]}}'],
	])("names a file that is broken: %s", async (_what, text) => {
		const dataDir = newFolder();
		writeFileSync(join(dataDir, "state.json"), text);
		const begun = start({ dataDir });
		await expect(begun).rejects.toThrow(join(dataDir, "state.json"));
		await expect(begun).rejects.toThrow("move the file away to begin anew, or give another folder with --data-dir");
	});
});
