import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { setImage } from "../../../src/cli/sandbox/image.ts";
import { pushTiny } from "../../../src/cli/sandbox/push.ts";
import { openSession } from "../../../src/cli/session.ts";
import { outbound } from "../../../src/http/outbound.ts";
import { startSandbox } from "../../../src/sandbox/sandbox.ts";

const dataDir = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	for (const sandbox of running.splice(0)) await sandbox.stop();
	rmSync(dataDir, { recursive: true });
});

const reported: unknown[] = [];

async function start() {
	const ports = { port: 0, gatewayPort: 0, prometheusPort: 0 };
	const report = (thrown: unknown) => void reported.push(thrown);
	const sandbox = await startSandbox({ ...ports, folder: dataDir, dataDir, report });
	running.push(sandbox);
	return sandbox;
}

/** Asks until a pod answers: right after a start there is none yet. */
async function answerFrom(gatewayUrl: string): Promise<{ readonly pod: string; readonly text: string }> {
	for (;;) {
		const text = await new Promise<string | undefined>((resolve, reject) => {
			get(gatewayUrl, { agent: false, headers: { host: "web.default" } }, async (answer) => {
				const body = (await answer.setEncoding("utf8").toArray()).join("");
				resolve(answer.statusCode === 200 ? body : undefined);
			}).on("error", reject);
		});
		if (text !== undefined) return JSON.parse(text);
	}
}

test("a sandbox goes on after a restart: the same kubeconfig, the same pods, and images as they were set", async () => {
	const first = await start();
	const metadata = { name: "web", namespace: "default" };
	const labels = { app: "web" };
	const containers = [{ name: "web", image: "podinfo:1.0.0", ports: [{ containerPort: 9898 }] }];
	const template = { metadata: { labels }, spec: { containers } };
	const spec = { replicas: 1, selector: { matchLabels: labels }, template };
	first.api.create({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec });
	const ports = [{ port: 80, targetPort: 9898 }];
	first.api.create({ apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports } });
	const { pod } = await answerFrom(first.gatewayUrl);
	const { client } = openSession({ kubeconfig: first.kubeconfig });
	await setImage(client, "podinfo:1.0.0", { text: "said before" });
	await first.stop();
	running.length = 0;

	const second = await start();
	expect(await answerFrom(second.gatewayUrl)).toMatchObject({ pod, text: "said before" });
	// The client of the first run, with its token, authority and port.
	expect((await client.get({ apiVersion: "v1", kind: "Pod", namespace: "default", name: pod })).status).toMatchObject({
		phase: "Running",
	});
	// Its registry is another one.
	const pushing = { client, send: outbound(), now: () => 0 };
	expect(await pushTiny(pushing, "podinfo:1.1.0", new AbortController().signal)).toContain(second.registry.host);
	expect(reported).toEqual([]);
});
