import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Running } from "../contract.ts";
import { LOOPBACK, listenOnLoopback } from "../loopback.ts";
import { type Answer, ApiRefusal, badData, failure } from "./answers.ts";
import { type ApiOptions, answer } from "./http-api.ts";
import { createScraper } from "./scraper.ts";
import { SeriesStore, type StoreBounds } from "./series-store.ts";

const MAX_BODY_BYTES = 1 << 20;
const MAX_CONNECTIONS = 256;

export interface PrometheusOptions {
	/** What the one target shows: exposition text. */
	readonly scrape: () => string;
	readonly everyMs: number;
	/** On loopback; 0: any that is free. */
	readonly port: number;
	/** Milliseconds of Unix time. */
	readonly clock?: { now(): number };
	/** Labels of what is scraped, where the text does not say them itself. */
	readonly labels?: Readonly<Record<string, string>>;
	readonly bounds?: Partial<StoreBounds>;
}

export interface RunningPrometheus extends Running {
	readonly url: string;
	/** While it is down every connection is reset at once; scraping goes on. */
	pause(isDown: boolean): void;
}

/**
 * A small Prometheus: it scrapes a function, keeps the series in memory and answers queries over them as Prometheus 3 does.
 * It has no native histograms, exemplars, rules, remote storage or user interface. Resolves when it listens and has
 * scraped once; rejects when the port is taken.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<RunningPrometheus> {
	const now = () => (options.clock ?? Date).now();
	const store = new SeriesStore(options.bounds);
	const labels = options.labels ?? { job: "sandbox", instance: "sandbox" };
	const scraper = createScraper({ store, expose: options.scrape, labels });
	let lastScrapeMs = 0;
	const scrape = () => {
		lastScrapeMs = now();
		scraper.scrape(lastScrapeMs);
	};
	const api: ApiOptions = {
		store,
		now,
		elapsed: () => performance.now(),
		get target() {
			return { labels, everyMs: options.everyMs, lastScrapeMs, lastError: scraper.lastError };
		},
	};

	let isDown = false;
	const connections = new Set<Socket>();
	const server = createServer((request, response) => {
		void respond(api, request, response);
	});
	server.maxConnections = MAX_CONNECTIONS;
	server.on("connection", (socket: Socket) => {
		if (isDown) return void socket.resetAndDestroy();
		connections.add(socket);
		socket.once("close", () => connections.delete(socket));
	});
	const reset = () => {
		for (const socket of connections) socket.resetAndDestroy();
	};

	const port = await listenOnLoopback(server, options.port, "--prometheus-port");
	scrape();
	const timer = setInterval(scrape, options.everyMs);
	return {
		url: `http://${LOOPBACK}:${port}`,
		pause(down) {
			isDown = down;
			if (down) reset();
		},
		async stop() {
			clearInterval(timer);
			const closed = new Promise((resolve) => server.close(resolve));
			reset();
			await closed;
		},
	};
}

async function respond(api: ApiOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
	try {
		const { status, contentType, body } = await answerTo(api, request);
		response.writeHead(status, { "content-type": contentType }).end(body);
	} catch {
		// The client went away, or was reset, while it was sending.
		response.destroy();
	}
}

async function answerTo(api: ApiOptions, request: IncomingMessage): Promise<Answer> {
	const method = request.method ?? "GET";
	let url: URL;
	try {
		url = new URL(request.url ?? "/", "http://sandbox");
	} catch {
		return failure(badData("the address is none"));
	}
	let parameters = url.searchParams;
	if (method === "POST") {
		const body = await bodyOf(request);
		if (body === undefined) return failure(new ApiRefusal(413, "bad_data", "http: request body too large"));
		parameters = new URLSearchParams([...new URLSearchParams(body), ...parameters]);
	}
	return answer(api, { method, path: url.pathname, parameters });
}

/** Undefined when it is too long; the rest is then read and forgotten. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size <= MAX_BODY_BYTES) chunks.push(chunk);
	}
	return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}
