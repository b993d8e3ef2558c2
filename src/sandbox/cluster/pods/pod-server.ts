import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Behaviour } from "../../contract.ts";
import type { Clock } from "../clock.ts";

/** A pod's program: a real HTTP server on loopback. */
export interface PodServer {
	readonly host: string;
	readonly port: number;
	/** Takes no new connections, lets those requests end that are on their way for at most `graceMs`, and then closes everything. */
	close(graceMs: number): Promise<void>;
}

export interface PodServerOptions {
	/** Names for its answers. */
	readonly pod: string;
	readonly image: () => string;
	/** Asked anew for each request. */
	readonly behaviour: () => Behaviour;
	readonly isReady: () => boolean;
	readonly clock: Clock;
	/** From 0 up to, not including, 1. */
	readonly random: () => number;
}

/** Resolves once it listens. */
export type StartPodServer = (options: PodServerOptions) => Promise<PodServer>;

const HOST = "127.0.0.1";
const CONNECTIONS_MAX = 1_000;
/** Longer than a gateway keeps an idle connection, so that it is the one to close it. */
const KEEP_ALIVE_MS = 75_000;
const BODY_MAX = 1024 * 1024;

export async function startPodServer({
	pod,
	image,
	behaviour,
	isReady,
	clock,
	random,
}: PodServerOptions): Promise<PodServer> {
	/** Answers that are being waited for. */
	const waits = new Set<() => void>();
	const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 64 * 1024 }, answer);
	server.maxConnections = CONNECTIONS_MAX;
	let isClosing = false;

	function answer(request: IncomingMessage, response: ServerResponse): void {
		discardBody(request, response);
		const path = (request.url ?? "/").split("?")[0];
		if (path === "/healthz" || path === "/readyz") {
			send(request, response, isReady() ? 200 : 503, isReady() ? "OK" : "not ready");
			return;
		}
		const { errorRate, p50Ms, p99Ms, text } = behaviour();
		const isError = random() < errorRate;
		const cancel = clock.after(latencyMs(p50Ms, p99Ms, random), () => {
			waits.delete(cancel);
			send(request, response, isError ? 500 : 200, isError ? "the program failed" : text);
		});
		waits.add(cancel);
		response.on("close", () => {
			waits.delete(cancel);
			cancel();
		});
	}

	function send(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
		const isText = (request.headers.accept ?? "").includes("text/plain");
		const body = isText ? `${pod} (${image()}): ${text}\n` : `${JSON.stringify({ pod, image: image(), text })}\n`;
		response.writeHead(status, {
			"content-type": isText ? "text/plain; charset=utf-8" : "application/json",
			"content-length": Buffer.byteLength(body),
			"x-pod": pod,
			"x-image": headerText(image()),
			...(isClosing ? { connection: "close" } : {}),
		});
		response.end(request.method === "HEAD" ? undefined : body);
	}

	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen({ host: HOST, port: 0 }, () => {
			server.off("error", reject);
			resolve();
		});
	});
	// From here on its errors are those of single connections, which Node closes.
	server.on("error", () => server.closeAllConnections());

	return {
		host: HOST,
		port: (server.address() as AddressInfo).port,
		close(graceMs) {
			isClosing = true;
			return new Promise((resolve) => {
				const cancel = clock.after(graceMs, () => {
					for (const cancelAnswer of waits) cancelAnswer();
					waits.clear();
					server.closeAllConnections();
				});
				server.close(() => {
					cancel();
					resolve();
				});
				server.closeIdleConnections();
				if (graceMs === 0) server.closeAllConnections();
			});
		},
	};
}

/** Reads what is sent and forgets it; whoever sends more than the bound is cut off once they have their answer. */
function discardBody(request: IncomingMessage, response: ServerResponse): void {
	let size = 0;
	request.on("data", (chunk: Buffer) => {
		size += chunk.length;
		if (size <= BODY_MAX) return;
		if (response.writableFinished) request.destroy();
		else request.pause();
	});
	response.on("finish", () => {
		if (size > BODY_MAX) request.destroy();
	});
	// Clients may hang up at any time: there is nobody left to answer.
	request.on("error", () => response.destroy());
	response.on("error", () => request.destroy());
}

/** Between the middle and the 99th hundredth of a normal distribution lie so many standard deviations. */
const DEVIATIONS_P99 = 2.326_347_874;

/** One draw of the lognormal distribution with that median and 99th percentile, in milliseconds. */
export function latencyMs(p50Ms: number, p99Ms: number, random: () => number): number {
	if (p50Ms <= 0) return 0;
	const sigma = Math.log(Math.max(p99Ms, p50Ms) / p50Ms) / DEVIATIONS_P99;
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	// The tail has no end, and an answer must: none takes longer than three times the slowest hundredth.
	return Math.min(p50Ms * Math.exp(sigma * normal), p99Ms * 3);
}

function headerText(text: string): string {
	return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
