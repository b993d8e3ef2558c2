import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import {
	type ApiServer,
	type ApiServerOptions,
	startApiServer,
} from "../../../../src/sandbox/api-server/start-api-server.ts";
import { readKubeconfig } from "../../../support/sandbox/read-kubeconfig.ts";
import { rules } from "../api-server/stand-in.ts";

export const maps = "/api/v1/namespaces/default/configmaps";

export const configMap = (name: string, data: Readonly<Record<string, string>> = {}) => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name, namespace: "default" },
	data,
});

const started: ApiServer[] = [];
const folders: string[] = [];

afterEach(async () => {
	// One that can't keep its state throws when it is stopped a second time, too.
	for (const server of started.splice(0)) await server.stop().catch(() => {});
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

export function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
	folders.push(folder);
	return folder;
}

/** A server over the stand-in's rules, and what it said of its own mistakes. */
export async function start(options: Partial<ApiServerOptions> = {}) {
	const mistakes: unknown[] = [];
	const server = await startApiServer({
		port: 0,
		folder: newFolder(),
		rules,
		onMistake: (error) => void mistakes.push(error),
		...options,
	});
	started.push(server);
	return { ...server, mistakes };
}

/** A client over HTTP/1.1 that trusts and shows what the kubeconfig says now, and goes by that from then on. */
export function clientOf(kubeconfig: string) {
	const { server, ca, token } = readKubeconfig(kubeconfig);
	const agent = new Agent({ keepAlive: true, ca });

	async function open(method: string, path: string, body?: string | Buffer): Promise<IncomingMessage> {
		const sent = request(`${server}${path}`, { method, agent, headers: { authorization: `Bearer ${token}` } });
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
			const text = (await answer.toArray()).join("");
			return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(text) };
		},
		close: () => agent.destroy(),
	};
}

export const textOf = (...path: readonly string[]) => readFileSync(join(...path), "utf8");
