import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { PodBehaviour } from "./pod-behaviour.ts";
import { RequestHistogram } from "./request-histogram.ts";

/** Requests a pod has answered; Envoy's copies are counted apart from what users sent. */
export interface Served {
	readonly direct: number;
	readonly mirrored: number;
}

/** Where a pod listens and what it says of itself. */
export interface PodIdentity {
	readonly address: string;
	readonly pod: string;
	readonly behaviour: PodBehaviour;
}

/**
 * A pod's web server on its own address: answers any path with its version, `/metrics` with its histogram. It ends like a
 * well-behaved application: it serves on while proxies still send to it, closing connections as it answers, then stops.
 */
export class PodServer {
	readonly #identity: PodIdentity;
	readonly #histogram = new RequestHistogram();
	readonly #server: Server;
	#draining = false;
	#asked = 0;
	#direct = 0;
	#mirrored = 0;

	constructor(identity: PodIdentity) {
		this.#identity = identity;
		this.#server = createServer((request, response) => this.#answer(request, response));
		// A proxy reuses a connection for up to a minute; closing an idle one first would lose a request now and then.
		this.#server.keepAliveTimeout = 120_000;
	}

	get served(): Served {
		return { direct: this.#direct, mirrored: this.#mirrored };
	}

	/** Resolves once it listens. */
	async listen(): Promise<void> {
		const { address, behaviour } = this.#identity;
		await new Promise<void>((resolve, reject) => {
			this.#server.once("error", reject);
			this.#server.listen({ host: address, port: behaviour.port, backlog: 511 }, resolve);
		});
	}

	/** Serves on for the drain, then ends; resolves when the port is closed. */
	async drain(drainMs: number): Promise<void> {
		this.#draining = true;
		await sleep(drainMs);
		const closed = new Promise((resolve) => this.#server.close(resolve));
		const cut = setTimeout(() => this.#server.closeAllConnections(), 1_000);
		await closed;
		clearTimeout(cut);
	}

	/** Ends at once, cutting every connection, as a killed process would. */
	async kill(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		request.resume();
		if (this.#draining) response.setHeader("connection", "close");
		if (request.url === "/metrics") {
			response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(this.#histogram.text());
			return;
		}
		const began = performance.now();
		const { pod, behaviour } = this.#identity;
		// Envoy marks a copy by this suffix of the host name.
		if (request.headers.host?.replace(/:\d+$/, "").endsWith("-shadow")) this.#mirrored++;
		else this.#direct++;
		const status = this.#fails(behaviour.errorPercent) ? 500 : 200;
		if (behaviour.latencyMs > 0) await sleep(behaviour.latencyMs);
		this.#histogram.observe(status, (performance.now() - began) / 1000);
		response.writeHead(status, { "content-type": "application/json" });
		response.end(JSON.stringify({ version: behaviour.version, pod }));
	}

	/** Spreads failures evenly instead of by chance: of any hundred requests exactly so many fail. */
	#fails(percent: number): boolean {
		const before = Math.floor((this.#asked * percent) / 100);
		this.#asked++;
		return Math.floor((this.#asked * percent) / 100) > before;
	}
}
