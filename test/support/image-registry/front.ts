import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A server of the test's own: in front of a registry, or in its place. */
export interface Front {
	readonly host: string;
	/** `GET /v2/…`, in order of arrival. */
	readonly requests: readonly string[];
	stop(): Promise<void>;
}

/** What a test does about a request; `pass` hands it to the registry behind, if there is one. */
export type Rule = (
	request: IncomingMessage,
	response: ServerResponse,
	pass: () => Promise<void>,
) => void | Promise<void>;

/** Listens on a free loopback port, by https if it is given a key. */
export async function startFront(
	rule: Rule,
	{ behind, tls }: { readonly behind?: string; readonly tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<Front> {
	const requests: string[] = [];
	const listener: RequestListener = async (request, response) => {
		requests.push(`${request.method} ${request.url}`);
		await rule(request, response, () => forward(`${behind}${request.url}`, request, response));
	};
	const server = (tls === undefined ? createServer(listener) : createSecureServer(tls, listener)) as Server;
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function forward(url: string, { method = "GET", headers }: IncomingMessage, response: ServerResponse) {
	const accept = headers.accept ?? "*/*";
	const answer = await fetch(url, { method, headers: { accept }, redirect: "manual" });
	const kept = ["content-type", "docker-content-digest", "etag", "location"];
	const given = kept.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name) ?? ""]] : []));
	response.writeHead(answer.status, Object.fromEntries(given));
	response.end(Buffer.from(await answer.arrayBuffer()));
}
