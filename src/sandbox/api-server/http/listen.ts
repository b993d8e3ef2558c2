import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Running } from "../../contract.ts";
import { listenOnLoopback } from "../../loopback.ts";
import { BODY_BYTES_MAX } from "../rest/body.ts";
import type { ApiRequest, ApiResponse, StreamedResponse, WholeResponse } from "../rest/exchange.ts";
import type { Identity } from "./identity.ts";

export interface ListenOptions {
	/** 0: any that is free. */
	readonly port: number;
	readonly identity: Identity;
	answer(request: ApiRequest): ApiResponse;
	/** Told of what went wrong with a request by our own mistake. */
	onMistake(error: unknown, request: { readonly method: string; readonly path: string }): void;
}

const CONNECTIONS_MAX = 1000;

/** Serves on loopback, and on it alone. Rejects with what to do about it when the port can't be had. */
export async function listen(options: ListenOptions): Promise<Running & { readonly port: number }> {
	const { certificate, key, authority } = options.identity;
	const server = createServer({ cert: `${certificate}\n${authority}`, key, keepAlive: true }, (incoming, outgoing) => {
		serve(options, incoming, outgoing).catch((error: unknown) => {
			options.onMistake(error, { method: incoming.method ?? "", path: incoming.url ?? "" });
			outgoing.destroy();
		});
	});
	server.maxConnections = CONNECTIONS_MAX;
	server.keepAliveTimeout = 120_000;
	const port = await listenOnLoopback(server, options.port, "--port");
	return {
		port,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

async function serve(options: ListenOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
	const body = await bodyOf(incoming);
	if (!body) return;
	const [path = "/", ...query] = (incoming.url ?? "/").split("?");
	const headers = Object.fromEntries(
		Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
	);
	const method = incoming.method ?? "GET";
	const request = { method, path, query: new URLSearchParams(query.join("?")), headers, body };
	let response: ApiResponse;
	try {
		response = options.answer(request);
	} catch (error) {
		options.onMistake(error, { method, path });
		response = mistake(error);
	}
	if ("open" in response) stream(response, outgoing);
	else send(response, outgoing);
}

/**
 * Undefined when the client has gone. What is too big is read on for a while and not kept, so that the refusal arrives;
 * what is far too big is not read to its end.
 */
async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
			bytes += chunk.byteLength;
			// One byte more than is allowed is enough to be refused.
			if (bytes <= BODY_BYTES_MAX + chunk.byteLength) chunks.push(chunk);
			if (bytes > BODY_BYTES_MAX * 4) break;
		}
	} catch (error) {
		if (incoming.destroyed) return undefined;
		throw error;
	}
	return Buffer.concat(chunks);
}

function mistake(error: unknown): WholeResponse {
	const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
	const status = {
		kind: "Status",
		apiVersion: "v1",
		metadata: {},
		status: "Failure",
		message,
		reason: "InternalError",
		code: 500,
	};
	return { status: 500, headers: { "content-type": "application/json" }, body: JSON.stringify(status) };
}

function send({ status, headers, body }: WholeResponse, outgoing: ServerResponse): void {
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	writeHead(outgoing, status, headers);
	if (!outgoing.req.complete) {
		// The rest of the request is not read, so nothing can follow it.
		outgoing.setHeader("connection", "close");
		outgoing.once("finish", () => outgoing.req.destroy());
	}
	if (status !== 304) outgoing.setHeader("content-length", bytes.byteLength);
	outgoing.end(status === 304 ? undefined : bytes);
}

function writeHead(outgoing: ServerResponse, status: number, headers: WholeResponse["headers"]): void {
	outgoing.statusCode = status;
	for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value as string | string[]);
}

function stream({ status, headers, open }: StreamedResponse, outgoing: ServerResponse): void {
	writeHead(outgoing, status, headers);
	outgoing.flushHeaders();
	outgoing.socket?.setNoDelay(true);
	let close: (() => void) | undefined;
	// Before it is opened, as it may end at once.
	outgoing.on("close", () => close?.());
	close = open({
		write: (text) => void outgoing.write(text),
		pendingBytes: () => outgoing.writableLength,
		end: () => void outgoing.end(),
	});
	if (outgoing.destroyed) close();
}
