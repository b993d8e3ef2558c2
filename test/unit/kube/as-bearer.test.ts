import type { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { afterEach, expect, test } from "vitest";
import { asBearer } from "../../../src/kube/as-bearer.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import { createTransport } from "../../../src/kube/transport.ts";
import { type ScriptedApi, scriptedApi, TOKEN } from "../../support/scripted-api.ts";

let api: ScriptedApi | undefined;
afterEach(async () => api?.close());

test("sends that token and nothing of the connection's own user", async () => {
	api = await scriptedApi([{ status: 200, body: { apiVersion: "v1", kind: "Thing", metadata: { name: "a" } } }]);
	const transport = createTransport(asBearer(api.connection, "theirs"), { userAgent: "haldane/1" });
	await createKubeClient(transport, () => 0).get({ apiVersion: "v1", kind: "Thing", name: "a" });
	expect(api.requests[0]?.headers.authorization).toBe("Bearer theirs");
	expect(JSON.stringify(api.requests)).not.toContain(TOKEN);
});

test("shows no certificate of the connection's own user, and trusts whom that trusts", async () => {
	const own = new HttpsAgent({ ca: "an authority", cert: "a certificate", key: "its key", servername: "kubernetes" });
	const server = new URL("https://127.0.0.1:6443");
	const headers = { authorization: "Bearer ours", "x-remote-user": "us" };
	const connection = { server, namespace: "shop", authorize: async () => ({ headers, agent: own as HttpAgent }) };
	const { agent, headers: sent } = await asBearer(connection, "theirs").authorize();
	expect(sent).toEqual({ authorization: "Bearer theirs" });
	const { ca, cert, key, pfx, servername } = (agent as HttpsAgent).options;
	expect([ca, cert, key, pfx, servername]).toEqual(["an authority", undefined, undefined, undefined, "kubernetes"]);
	expect(agent).not.toBe(own);
});
