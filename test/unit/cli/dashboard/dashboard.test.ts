import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startDashboard } from "../../../../src/cli/dashboard/dashboard.ts";
import { type ScriptedApi, scriptedApi } from "../../../support/scripted-api.ts";

let api: ScriptedApi | undefined;
let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "haldane-cli-"));
});
afterEach(async () => {
	await api?.close();
	rmSync(folder, { recursive: true, force: true });
});

test.each([
	[undefined, "; name a namespace in which you may, with --namespace NAME"],
	["shop", 'User "ada" cannot list canaries'],
])("says to somebody who may not list Canaries of namespace %s what helps", async (namespace, end) => {
	const message = 'canaries.haldane.dev is forbidden: User "ada" cannot list canaries';
	api = await scriptedApi([{ status: 403, body: { kind: "Status", reason: "Forbidden", message } }]);
	const kubeconfig = join(folder, "kubeconfig");
	const cluster = { server: api.connection.server.href, "insecure-skip-tls-verify": true };
	const config = {
		clusters: [{ name: "c", cluster }],
		users: [{ name: "u", user: {} }],
		contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
		"current-context": "x",
	};
	writeFileSync(kubeconfig, JSON.stringify(config));
	const flags = { kubeconfig, port: "0", ...(namespace === undefined ? {} : { namespace }) };
	const { message: said } = await startDashboard(flags).then(
		() => expect.fail("it started"),
		(thrown: Error) => thrown,
	);
	expect(said).toContain(message);
	expect(said.endsWith(end)).toBe(true);
});
