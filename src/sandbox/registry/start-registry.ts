import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Instant } from "../../domain/instant.ts";
import type { Running } from "../contract.ts";
import { LOOPBACK, listenOnLoopback } from "../loopback.ts";
import { defaultBounds, RegistryContent } from "./content.ts";
import { type RegistryAnswer, RegistryApi, refusedWith } from "./http-api.ts";
import { RegistryRefusal } from "./refusal.ts";
import { tinyImage } from "./tiny-image.ts";

const MAX_CONNECTIONS = 256;
const REQUEST_WITHIN_MS = 60_000;

export interface RunningRegistry extends Running {
	readonly url: string;
	/** As images name it: `127.0.0.1:40123`. */
	readonly host: string;
	/**
	 * Puts a tiny image there under the tag, whatever was there before, and answers its digest. Throws RegistryRefusal when the
	 * names are none or there is no room.
	 */
	push(repository: string, tag: string): string;
	/** Requests that it has answered until now. */
	requests(): number;
}

/**
 * A small registry on loopback by plain HTTP; what it holds is in memory, and gone when it stops. Anybody on the machine may
 * push. Rejects with CannotStart when the port is taken.
 */
export async function startRegistry({
	port,
	report,
	now = Date.now,
}: {
	readonly port: number;
	/** Told of the registry's own mistakes, which are answered with a 500. */
	readonly report: (thrown: unknown, doing: string) => void;
	readonly now?: () => Instant;
}): Promise<RunningRegistry> {
	const content = new RegistryContent();
	const api = new RegistryApi({ content, unique: randomUUID });
	let requests = 0;
	const server = createServer(async (request, response) => {
		await respond({ api, report }, request, response);
		requests += 1;
	});
	server.maxConnections = MAX_CONNECTIONS;
	server.requestTimeout = REQUEST_WITHIN_MS;
	const host = `${LOOPBACK}:${await listenOnLoopback(server, port, "--registry-port")}`;
	return {
		url: `http://${host}`,
		host,
		push(repository, tag) {
			const { blobs, manifest } = tinyImage({ name: `${repository}:${tag}`, created: now() });
			for (const { digest, body } of blobs) content.putBlob(repository, digest, Buffer.from(body));
			return content.putManifest(repository, tag, manifest.mediaType, Buffer.from(manifest.body)).digest;
		},
		requests: () => requests,
		async stop() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

interface Answering {
	readonly api: RegistryApi;
	readonly report: (thrown: unknown, doing: string) => void;
}

async function respond({ api, report }: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { method = "GET", url = "/" } = request;
	let sent: Buffer | undefined;
	try {
		sent = await bodyOf(request);
	} catch {
		// The client went away while it was sending.
		response.destroy();
		return;
	}
	try {
		const { status, headers, body } = answerTo(api, request, sent);
		const said = { ...headers, "docker-distribution-api-version": "registry/2.0", "content-length": body.length };
		response.writeHead(status, said).end(method === "HEAD" ? undefined : body);
	} catch (thrown) {
		report(thrown, `${method} ${url}`);
		response.writeHead(500).end();
	}
}

function answerTo(api: RegistryApi, request: IncomingMessage, body: Buffer | undefined): RegistryAnswer {
	const { method = "GET", headers } = request;
	const url = URL.parse(request.url ?? "/", "http://sandbox");
	if (url === null) return refusedWith(new RegistryRefusal("NAME_INVALID", "the address is none"));
	if (body === undefined)
		return refusedWith(new RegistryRefusal("SIZE_INVALID", `a body may have ${defaultBounds.blobBytes} bytes`));
	const contentType = headers["content-type"] ?? "application/octet-stream";
	return api.answer({ method, path: url.pathname, parameters: url.searchParams, contentType, body });
}

/** Undefined when it is too long; the rest is then read and forgotten. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size <= defaultBounds.blobBytes) chunks.push(chunk);
		else chunks.length = 0;
	}
	return size > defaultBounds.blobBytes ? undefined : Buffer.concat(chunks);
}
