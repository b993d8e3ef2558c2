import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Connection } from "./config.ts";
import { ApiError, apiError } from "./errors.ts";

/** One exchange with the API server. */
export interface Exchange {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** With its query. */
	readonly path: string;
	readonly accept?: string | undefined;
	readonly body?: unknown;
	readonly contentType?: string | undefined;
	/** What it is about, as errors begin: `Deployment shop/cart`. */
	readonly what: string;
	readonly signal?: AbortSignal | undefined;
	/** For the whole answer, or until the head of a stream. */
	readonly timeoutMs?: number | undefined;
}

export interface TransportOptions {
	readonly userAgent: string;
	readonly timeoutMs?: number;
	readonly bodyBytesMax?: number;
	/** After each answer; no code when there was none. */
	readonly count?: (method: string, code: number | undefined) => void;
}

/** Sends described requests to the API server, as the connection's user. Throws ApiError for anything but 2xx. */
export interface Transport {
	json(exchange: Exchange): Promise<unknown>;
	/** Lines of an answer that goes on. Ends with the answer; a broken one throws. */
	lines(exchange: Exchange): AsyncGenerator<string>;
}

const TIMEOUT_MS = 30_000;
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const LINE_BYTES_MAX = 8 * 1024 * 1024;
/** The API server breaks the silence of a watch with a bookmark about once a minute. */
const SILENCE_MAX_MS = 150_000;

export function createTransport(connection: Connection, options: TransportOptions): Transport {
	const { userAgent, timeoutMs: timeoutMsUsual = TIMEOUT_MS, bodyBytesMax = BODY_BYTES_MAX, count } = options;
	const base = connection.server.pathname.replace(/\/$/, "");
	const send = connection.server.protocol === "http:" ? httpRequest : httpsRequest;

	/** The head of an answer; the caller reads its body. */
	async function open(exchange: Exchange, method: string): Promise<IncomingMessage> {
		const { headers, agent } = await connection.authorize();
		const payload = exchange.body === undefined ? undefined : Buffer.from(JSON.stringify(exchange.body));
		const all: Record<string, string | number> = {
			...headers,
			accept: exchange.accept ?? "application/json",
			"user-agent": userAgent,
		};
		if (payload !== undefined) {
			all["content-type"] = exchange.contentType ?? "application/json";
			all["content-length"] = payload.byteLength;
		}
		return new Promise((resolve, reject) => {
			const outgoing = send(
				{
					hostname: connection.server.hostname.replace(/^\[|\]$/g, ""),
					port: connection.server.port,
					method: exchange.method,
					path: base + exchange.path,
					headers: all,
					agent,
					...(exchange.signal === undefined ? {} : { signal: exchange.signal }),
				},
				(answer) => {
					count?.(method, answer.statusCode);
					resolve(answer);
				},
			);
			outgoing.on("error", (cause) => {
				count?.(method, undefined);
				reject(noAnswer(exchange, cause));
			});
			outgoing.setTimeout(exchange.timeoutMs ?? timeoutMsUsual, () => {
				outgoing.destroy(new Error(`no answer within ${exchange.timeoutMs ?? timeoutMsUsual} ms`));
			});
			outgoing.end(payload);
		});
	}

	async function text(answer: IncomingMessage, exchange: Exchange): Promise<string> {
		const parts: Buffer[] = [];
		let bytes = 0;
		const deadline = setTimeout(
			() => answer.destroy(new Error("the answer took too long")),
			exchange.timeoutMs ?? timeoutMsUsual,
		);
		try {
			for await (const part of answer as AsyncIterable<Buffer>) {
				bytes += part.byteLength;
				if (bytes > bodyBytesMax) throw new Error(`the answer is longer than ${bodyBytesMax} bytes`);
				parts.push(part);
			}
		} catch (cause) {
			answer.destroy();
			throw noAnswer(exchange, cause);
		} finally {
			clearTimeout(deadline);
		}
		return Buffer.concat(parts).toString("utf8");
	}

	async function demand2xx(answer: IncomingMessage, exchange: Exchange): Promise<void> {
		const status = answer.statusCode ?? 0;
		if (status >= 200 && status < 300) return;
		throw apiError(exchange.what, status, await text(answer, exchange), retryAfterMs(answer.headers["retry-after"]));
	}

	return {
		async json(exchange) {
			const answer = await open(exchange, exchange.method);
			await demand2xx(answer, exchange);
			const body = await text(answer, exchange);
			try {
				return JSON.parse(body);
			} catch (cause) {
				throw noAnswer(exchange, cause);
			}
		},
		async *lines(exchange) {
			const answer = await open(exchange, "WATCH");
			await demand2xx(answer, exchange);
			answer.setTimeout(SILENCE_MAX_MS, () => answer.destroy(new Error("the watch has gone silent")));
			let rest = "";
			answer.setEncoding("utf8");
			try {
				for await (const part of answer as AsyncIterable<string>) {
					rest += part;
					const lines = rest.split("\n");
					rest = lines.pop() ?? "";
					if (rest.length > LINE_BYTES_MAX) throw new Error(`a line is longer than ${LINE_BYTES_MAX} bytes`);
					for (const line of lines) if (line !== "") yield line;
				}
			} catch (cause) {
				throw noAnswer(exchange, cause);
			} finally {
				answer.destroy();
			}
			if (rest !== "") throw noAnswer(exchange, new Error("the last line was cut off"));
		},
	};
}

function noAnswer({ what, method }: Exchange, cause: unknown): ApiError {
	return new ApiError(`${what}: ${method} was not answered`, { status: 0, reason: "NoAnswer", cause });
}

function retryAfterMs(header: string | undefined): number | undefined {
	return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
