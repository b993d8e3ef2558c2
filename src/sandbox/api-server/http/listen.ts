import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import type { Running } from "../../contract.ts";
import { listenOnLoopback } from "../../loopback.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Ticks, type WholeResponse } from "../rest/exchange.ts";
import { bodyOf } from "./body.ts";
import type { Identity } from "./identity.ts";
import { createStreams, type Outlet } from "./streams.ts";

/** How much is served at once. What is more is refused with what to do about it. */
export interface Limits {
	readonly connections: number;
	readonly watches: number;
	/** That watches have written and their clients not read, over all of them. */
	readonly unreadBytes: number;
}

const LIMITS: Limits = { connections: 1_000, watches: 10_000, unreadBytes: 256 * 1024 * 1024 };

export interface ListenOptions {
	/** 0: any that is free. */
	readonly port: number;
	readonly identity: Identity;
	readonly limits?: Partial<Limits>;
	readonly ticks: Ticks;
	/** Milliseconds from any beginning. */
	readonly now?: () => number;
	answer(request: ApiRequest): ApiResponse;
	/** Told of what went wrong with a request by our own mistake. */
	onMistake(error: unknown, request: { readonly method: string; readonly path: string }): void;
}

export interface Listening extends Running {
	readonly port: number;
	/** Watches that are open, or have ended and not been taken to their end. */
	readonly watches: () => number;
}

/** As many connections beyond the limit are told so; what is more still is hung up on. */
const TOLD_MAX = 100;
/** Of one HTTP/2 connection, as kube-apiserver allows; a client that needs more opens another connection. */
const STREAMS_PER_CONNECTION_MAX = 250;
/** Mebibytes that one HTTP/2 connection may hold; Node's own limit is below what one slow watch is allowed. */
const CONNECTION_MEBIBYTES_MAX = 64;
const ENDING_BYTES_MAX = 1024 * 1024;
const ENDING_MS_MAX = 10_000;
/** From a request's head to its answer's having been taken, watches apart. */
export const EXCHANGE_MS_MAX = 60_000;
const RETRY_AFTER_S = 1;

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Serves HTTP/1.1 and HTTP/2 on loopback, and on it alone. Rejects with what to do about it when the port can't be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
	const limits = { ...LIMITS, ...options.limits };
	const { certificate, key, authority } = options.identity;
	const now = options.now ?? (() => performance.now());
	const streams = createStreams({
		countMax: limits.watches,
		pendingBytesMax: limits.unreadBytes,
		endingBytesMax: ENDING_BYTES_MAX,
		endingMsMax: ENDING_MS_MAX,
		now,
	});
	/** Since when requests are being read and answered. */
	const exchanges = new Map<Outgoing, number>();
	const untick = options.ticks(() => {
		streams.tidy(now());
		for (const [outgoing, since] of exchanges) if (now() - since > EXCHANGE_MS_MAX) outgoing.destroy();
	});
	const connections = new Set<Socket>();
	const beyond = new WeakSet<object>();

	async function serve(incoming: Incoming, outgoing: Outgoing): Promise<void> {
		exchanges.set(outgoing, now());
		outgoing.once("close", () => exchanges.delete(outgoing));
		const body = await bodyOf(incoming);
		if (!body) return;
		const request = requestOf(incoming, body);
		if (beyond.has(connectionOf(incoming))) {
			outgoing.once("finish", () => connectionOf(incoming).destroy());
			return send(tooMany(TOO_MANY_CONNECTIONS(limits.connections)), incoming, outgoing);
		}
		let response: ApiResponse;
		try {
			response = options.answer(request);
		} catch (error) {
			options.onMistake(error, request);
			response = mistake(error);
		}
		if (!("open" in response)) return send(response, incoming, outgoing);
		if (!streams.hasRoom()) return send(tooMany(TOO_MANY_WATCHES(limits.watches)), incoming, outgoing);
		exchanges.delete(outgoing);
		writeHead(outgoing, response);
		if ("stream" in outgoing) outgoing.writeHead(response.status);
		else outgoing.flushHeaders();
		streams.open(response, outletOf(outgoing));
	}

	const server = createSecureServer(
		{
			allowHTTP1: true,
			cert: `${certificate}\n${authority}`,
			key,
			settings: { maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX },
			maxSessionMemory: CONNECTION_MEBIBYTES_MAX,
		},
		(incoming: Incoming, outgoing: Outgoing) => {
			serve(incoming, outgoing).catch((error: unknown) => {
				options.onMistake(error, { method: incoming.method ?? "", path: incoming.url ?? "" });
				outgoing.destroy();
			});
		},
	);
	server.maxConnections = limits.connections + TOLD_MAX;
	// Before HTTP/2's own, which makes a session of it at once.
	server.prependListener("secureConnection", (socket: Socket) => {
		socket.setNoDelay(true);
		connections.add(socket);
		socket.once("close", () => connections.delete(socket));
		if (connections.size > limits.connections) beyond.add(socket);
	});
	server.on("session", (session) => {
		if (connections.size > limits.connections) beyond.add(session);
	});
	const port = await listenOnLoopback(server, options.port, "--port");
	return {
		port,
		watches: streams.count,
		stop: () =>
			new Promise((resolve) => {
				untick();
				server.close(() => resolve());
				for (const socket of connections) socket.destroy();
			}),
	};
}

/** What many requests have in common: an HTTP/2 session, or a socket. */
function connectionOf(incoming: Incoming): { destroy(): void } {
	return "stream" in incoming ? (incoming.stream.session ?? incoming.stream) : incoming.socket;
}

function requestOf(incoming: Incoming, body: Uint8Array): ApiRequest {
	const [path = "/", ...query] = (incoming.url ?? "/").split("?");
	const headers = Object.fromEntries(
		Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
	);
	return { method: incoming.method ?? "GET", path, query: new URLSearchParams(query.join("?")), headers, body };
}

const TOO_MANY_CONNECTIONS = (max: number) =>
	`${max} connections are open, which is the most that this sandbox serves: close some, or use HTTP/2, where one connection takes ${STREAMS_PER_CONNECTION_MAX} requests at once, then try again`;

const TOO_MANY_WATCHES = (max: number) =>
	`${max} watches are open, which is the most that this sandbox serves: end some, then try again`;

function tooMany(message: string): WholeResponse {
	const status = failure(429, "TooManyRequests", message, { retryAfterSeconds: RETRY_AFTER_S });
	return jsonResponse(429, status, { "retry-after": String(RETRY_AFTER_S) });
}

function mistake(error: unknown): WholeResponse {
	const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
	return jsonResponse(500, failure(500, "InternalError", message));
}

function failure(code: number, reason: string, message: string, details?: object) {
	const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
	return { ...status, ...(details ? { details } : {}) };
}

function send(response: WholeResponse, incoming: Incoming, outgoing: Outgoing): void {
	const { status, body } = response;
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	writeHead(outgoing, response);
	if (!incoming.complete) {
		// The rest of the request is not read, so nothing can follow it.
		if (!("stream" in outgoing)) outgoing.setHeader("connection", "close");
		outgoing.once("finish", () => incoming.destroy());
	}
	if (status !== 304) outgoing.setHeader("content-length", bytes.byteLength);
	if (status === 304) outgoing.end();
	else outgoing.end(bytes);
}

function writeHead(outgoing: Outgoing, { status, headers }: Pick<WholeResponse, "status" | "headers">): void {
	outgoing.statusCode = status;
	for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value as string | string[]);
}

function outletOf(outgoing: Outgoing): Outlet {
	return {
		write: (text) => void (outgoing as ServerResponse).write(text),
		pendingBytes: () => outgoing.writableLength,
		end: () => void outgoing.end(),
		destroy: () => void outgoing.destroy(),
		onClosed: (listener) => void outgoing.once("close", listener),
	};
}
