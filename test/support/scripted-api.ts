import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connection } from "../../src/kube/config.ts";

/** How one request is answered. */
export interface ScriptedAnswer {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** Objects are sent as JSON. */
	readonly body?: object | string;
	/** Sent one by one instead of a body. */
	readonly chunks?: readonly (string | Buffer)[];
	/** What comes after that: the end, nothing any more, or a broken connection. Without a status the head is missing too. */
	readonly ending?: "ends" | "hangs" | "breaks";
}

export interface ReceivedRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** What the connection's requests carry, so that a test can look for it where it must not be. */
export const TOKEN = "s3cr3t-t0ken";

/** An API server on loopback that gives its answers in order, whatever is asked. */
export interface ScriptedApi {
	readonly connection: Connection;
	readonly requests: readonly ReceivedRequest[];
	/** Resolves when the client has let go of a request that had not come to its end. */
	readonly dropped: Promise<void>;
	/** Frees the port. Throws when answers are left over, or when more was asked than there are answers for. */
	close(): Promise<void>;
}

export async function scriptedApi(answers: readonly ScriptedAnswer[], basePath = ""): Promise<ScriptedApi> {
	const requests: ReceivedRequest[] = [];
	const dropped = Promise.withResolvers<void>();
	const server = createServer(async (request, response) => {
		const number = requests.length;
		requests.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: "" });
		response.on("close", () => {
			if (!response.writableFinished) dropped.resolve();
		});
		requests[number] = { ...(requests[number] as ReceivedRequest), body: await bodyOf(request) };
		await give(answers[number] ?? { status: 500, body: "the script has ended" }, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`);
	const agent = new Agent({ keepAlive: true, maxSockets: 2 });
	return {
		connection: {
			server: url,
			namespace: undefined,
			authorize: async () => ({ headers: { authorization: `Bearer ${TOKEN}` }, agent }),
		},
		requests,
		dropped: dropped.promise,
		async close() {
			agent.destroy();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			if (requests.length !== answers.length) {
				throw new Error(`the script has ${answers.length} answers, and there were ${requests.length} requests`);
			}
		},
	};
}

async function bodyOf(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
	return Buffer.concat(parts).toString("utf8");
}

async function give({ status, headers, body, chunks, ending = "ends" }: ScriptedAnswer, response: ServerResponse) {
	if (status !== undefined) {
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.flushHeaders();
		if (body !== undefined) response.write(typeof body === "string" ? body : JSON.stringify(body));
		for (const chunk of chunks ?? []) {
			await new Promise((resolve) => response.write(chunk, resolve));
			// Each in a packet of its own.
			await new Promise(setImmediate);
		}
	}
	if (ending === "ends") response.end();
	if (ending === "breaks") response.destroy();
}
