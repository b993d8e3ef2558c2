import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { messageOf } from "../../../src/domain/failure.ts";
import { connect } from "../../../src/kube/config.ts";

const folder = mkdtempSync(join(tmpdir(), "haldane-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(content: string): string {
	const file = join(folder, `config-${files++}`);
	writeFileSync(file, content);
	return file;
}

const kubeconfig = (user: object, server = "https://api.example:6443") =>
	written(
		JSON.stringify({
			apiVersion: "v1",
			kind: "Config",
			"current-context": "one",
			clusters: [{ name: "here", cluster: { server } }],
			users: [{ name: "me", user }],
			contexts: [{ name: "one", context: { cluster: "here", user: "me", namespace: "shop" } }],
		}),
	);

describe("a connection", () => {
	test.each([
		["a token", { token: "t0ken" }, "Bearer t0ken"],
		["a name and a password", { username: "bob", password: "hunter2" }, `Basic ${btoa("bob:hunter2")}`],
		["nothing", {}, undefined],
	])("by %s", async (_name, user, authorization) => {
		const connection = connect({ kubeconfig: kubeconfig(user) });
		expect([connection.server.href, connection.namespace]).toEqual(["https://api.example:6443/", "shop"]);
		expect((await connection.authorize()).headers.authorization).toBe(authorization);
	});

	test("goes to another address when one is named", () => {
		const connection = connect({ kubeconfig: kubeconfig({}), master: "http://127.0.0.1:8001" });
		expect(connection.server.href).toBe("http://127.0.0.1:8001/");
	});

	test.each([
		["that is not there", join(folder, "none"), /^kubeconfig .*none cannot be read: ENOENT/],
		["that names no cluster", written("apiVersion: v1\nkind: Config\n"), /^the kubeconfig names no cluster/],
		["whose server is no address", kubeconfig({}, "api example"), /^the API server's address api example is no URL$/],
	])("says what is wrong with a kubeconfig %s", (_name, file, message) => {
		let said = "";
		try {
			connect({ kubeconfig: file });
		} catch (thrown) {
			said = `${(thrown as Error).name} ${messageOf(thrown)}`;
		}
		expect(said.replace("KubeConfigError ", "")).toMatch(message);
		expect(said).toMatch(/^KubeConfigError /);
	});
});

describe("credentials", () => {
	const tokens = () => {
		const file = written("first");
		return {
			file,
			user: {
				exec: {
					apiVersion: "client.authentication.k8s.io/v1",
					command: "sh",
					args: ["-c", `echo run >> ${file}.runs; cat ${file}`],
				},
			},
		};
	};
	const credential = (token: string) =>
		JSON.stringify({ status: { token, expirationTimestamp: "2001-01-01T00:00:00Z" } });

	test("are asked for once by all who ask at once, and anew after half a minute", async () => {
		const { file, user } = tokens();
		writeFileSync(file, credential("one"));
		let now = 0;
		const connection = connect({ kubeconfig: kubeconfig(user) }, () => now);
		const tokenNow = async () => (await connection.authorize()).headers.authorization;
		const first = await Promise.all([tokenNow(), tokenNow(), tokenNow()]);
		writeFileSync(file, credential("two"));
		expect(readFileSync(`${file}.runs`, "utf8")).toBe("run\n");
		now = 29_999;
		const second = await tokenNow();
		now = 30_000;
		expect([...first, second, await tokenNow()]).toEqual([
			"Bearer one",
			"Bearer one",
			"Bearer one",
			"Bearer one",
			"Bearer two",
		]);
	});

	test("that could not be had are asked for again at once", async () => {
		const { file, user } = tokens();
		writeFileSync(file, "not logged in");
		const connection = connect({ kubeconfig: kubeconfig(user) }, () => 0);
		await expect(connection.authorize()).rejects.toThrow();
		writeFileSync(file, credential("one"));
		expect((await connection.authorize()).headers.authorization).toBe("Bearer one");
	});

	test("share their connections as long as they use the same certificates", async () => {
		let now = 0;
		const connection = connect({ kubeconfig: kubeconfig({ token: "t0ken" }) }, () => now);
		const { agent } = await connection.authorize();
		now = 60_000;
		expect((await connection.authorize()).agent).toBe(agent);
	});
});
