import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateFileIn } from "../../../../src/sandbox/api-server/store/state-file.ts";
import { CannotStart, listenOnLoopback } from "../../../../src/sandbox/loopback.ts";
import { clientOf, configMap, maps, newFolder, start, textOf } from "./servers.ts";

const state = { resourceVersion: 7, collections: {} };

describe("a data folder", () => {
	test("lets a client of the first run go on in the second one", async () => {
		const dataDir = newFolder();
		const first = await start({ dataDir, folder: dataDir });
		const client = clientOf(first.kubeconfig);
		const before = textOf(first.kubeconfig);
		await client.send("POST", maps, configMap("one"));
		client.close();
		await first.stop();
		const second = await start({ dataDir, folder: dataDir });
		expect((await client.send("GET", `${maps}/one`)).status).toBe(200);
		expect(textOf(second.kubeconfig)).toBe(before);
	});

	test("is for its owner alone", async () => {
		const dataDir = join(newFolder(), "made");
		const server = await start({ dataDir, folder: dataDir });
		await server.stop();
		const modes = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mode & 0o777]);
		expect(Object.fromEntries(modes)).toEqual({ "identity.json": 0o600, kubeconfig: 0o600, "state.json": 0o600 });
		expect(statSync(dataDir).mode & 0o777).toBe(0o700);
	});

	test("whose port has been taken meanwhile gets another, and the kubeconfig says so", async () => {
		const dataDir = newFolder();
		const first = await start({ dataDir, folder: dataDir });
		await first.stop();
		const squatter = createServer();
		await listenOnLoopback(squatter, Number(new URL(first.url).port), "--port");
		const second = await start({ dataDir, folder: dataDir });
		expect(second.url).not.toBe(first.url);
		expect(second.mistakes).toEqual([
			expect.objectContaining({
				message: `port ${new URL(first.url).port} of 127.0.0.1 is in use by another program: stop it, or give another port with --port; the kubeconfig is written anew, for port ${new URL(second.url).port}`,
			}),
		]);
		expect((await clientOf(second.kubeconfig).send("GET", maps)).status).toBe(200);
		squatter.close();
		await second.stop();
		expect((await start({ dataDir, folder: dataDir })).url).toBe(second.url);
	});

	test("is used by one server at a time", async () => {
		const dataDir = newFolder();
		const first = await start({ dataDir });
		const again = start({ dataDir });
		await expect(again).rejects.toThrow(CannotStart);
		await expect(again).rejects.toThrow(
			`the data folder ${dataDir} is in use by process ${process.pid}: stop that sandbox, or give another folder with --data-dir`,
		);
		expect((await clientOf(first.kubeconfig).send("GET", maps)).status).toBe(200);
		await first.stop();
		await start({ dataDir });
	});

	test.each([
		["that ended", "4194305 gone gone"],
		["that had this process's number", `${process.pid} earlier earlier`],
		["that wrote nothing", ""],
	])("is taken over from a sandbox %s", async (_which, lock) => {
		const dataDir = newFolder();
		writeFileSync(join(dataDir, "lock"), lock);
		const server = await start({ dataDir });
		await server.stop();
		expect(existsSync(join(dataDir, "lock"))).toBe(false);
	});

	test("that another took is written to no more", async () => {
		const dataDir = newFolder();
		const server = await start({ dataDir });
		writeFileSync(join(dataDir, "lock"), "1 other other");
		await expect(server.stop()).rejects.toThrow(`${dataDir} has been taken by another sandbox`);
		expect(readdirSync(dataDir).sort()).toEqual(["identity.json", "lock"]);
	});

	test.each([
		["state.json", "cut off", '{"format":"haldane-sandbox/1","resour'],
		["state.json", "empty", ""],
		["state.json", "another's", '{"format":"other"}'],
		[
			"state.json",
			"an object without a name",
			'{"format":"haldane-sandbox/1","resourceVersion":1,"collections":{"/pods":[{}]}}',
		],
		["identity.json", "cut off", '{"format":'],
		["identity.json", "another's", '{"token":"x"}'],
	])("with a broken %s is named, kept as it is and given back: %s", async (name, _what, text) => {
		const dataDir = newFolder();
		const file = join(dataDir, name);
		writeFileSync(file, text);
		const begun = start({ dataDir });
		await expect(begun).rejects.toThrow(CannotStart);
		await expect(begun).rejects.toThrow(new RegExp(`${file} is broken .*: move the file away to .*--data-dir$`, "s"));
		expect(textOf(file)).toBe(text);
		expect(readdirSync(dataDir)).toEqual([name]);
	});

	test("with the key of another certificate is broken", async () => {
		const [one, other] = [newFolder(), newFolder()];
		for (const dataDir of [one, other]) await (await start({ dataDir })).stop();
		const [mine, theirs] = [one, other].map((folder) => JSON.parse(textOf(folder, "identity.json")));
		writeFileSync(join(one, "identity.json"), JSON.stringify({ ...mine, key: theirs.key }));
		await expect(start({ dataDir: one })).rejects.toThrow("do not belong together");
	});

	test("with a definition that can't be served says which file it is of", async () => {
		const dataDir = newFolder();
		const apiVersion = "apiextensions.k8s.io/v1";
		const definition = { apiVersion, kind: "CustomResourceDefinition", metadata: { name: "lamps" } };
		const collections = { "apiextensions.k8s.io/customresourcedefinitions": [definition] };
		stateFileIn(dataDir).write({ resourceVersion: 2, collections });
		await expect(start({ dataDir })).rejects.toThrow(`${join(dataDir, "state.json")} cannot be served`);
	});

	test("that can't be read says what to do", async () => {
		const dataDir = newFolder();
		mkdirSync(join(dataDir, "state.json"));
		await expect(start({ dataDir })).rejects.toThrow(`${join(dataDir, "state.json")} cannot be read`);
	});

	test("that is a file says what to do", async () => {
		const dataDir = join(newFolder(), "file");
		writeFileSync(dataDir, "");
		await expect(start({ dataDir })).rejects.toThrow(
			new RegExp(`${dataDir} cannot be used .*make it writable for this user, or give another with --data-dir`),
		);
	});
});

describe.runIf(existsSync("/dev/full"))("a full disk", () => {
	test("leaves the state that was there, and is tried again", () => {
		const folder = newFolder();
		const file = stateFileIn(folder);
		file.write(state);
		const next = { ...state, resourceVersion: 8 };
		symlinkSync("/dev/full", `${file.path}.new`);
		expect(() => file.write(next)).toThrow(/could not be written to .*state\.json .*ENOSPC.* make room/);
		expect(file.read()).toEqual(state);
		file.write(next);
		expect(file.read()).toEqual(next);
	});

	test("at the end is said, and the folder is given back", async () => {
		const dataDir = newFolder();
		const server = await start({ dataDir });
		symlinkSync("/dev/full", join(dataDir, "state.json.new"));
		await expect(server.stop()).rejects.toThrow("ENOSPC");
		expect(readdirSync(dataDir)).toEqual(["identity.json"]);
	});
});
