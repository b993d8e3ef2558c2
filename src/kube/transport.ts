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
	/** Of one line of an answer that goes on. */
	readonly lineLengthMax?: number;
	/** How long an answer that goes on may say nothing. */
	readonly silenceMaxMs?: number;
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
const LINE_LENGTH_MAX = 8 * 1024 * 1024;
/** The API server breaks the silence of a watch with a bookmark about once a minute. */
const SILENCE_MAX_MS = 150_000;
/** A server that asks for more patience than this is asked again all the same. */
const RETRY_AFTER_MAX_MS = 300_000;

export function createTransport(connection: Connection, options: TransportOptions): Transport {
	const { userAgent, timeoutMs: timeoutMsUsual = TIMEOUT_MS, count } = options;
	const { bodyBytesMax = BODY_BYTES_MAX, lineLengthMax = LINE_LENGTH_MAX, silenceMaxMs = SILENCE_MAX_MS } = options;
	const base = connection.server.pathname.replace(/\/$/, "");
	const send = connection.server.protocol === "http:" ? httpRequest : httpsRequest;

	/** The head of an answer; the caller reads its body. */
	async function open(exchange: Exchange, method: string, { signal }: Limits): Promise<IncomingMessage> {
		const { headers, agent } = await credentials(exchange, signal);
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
			let isOver = false;
			const fail = (cause: unknown) => {
				if (isOver) return;
				isOver = true;
				count?.(method, undefined);
				reject(noAnswer(exchange, cause));
			};
			const outgoing = send(
				{
					hostname: connection.server.hostname.replace(/^\[|\]$/g, ""),
					port: connection.server.port,
					method: exchange.method,
					path: base + exchange.path,
					headers: all,
					agent,
				},
				(answer) => {
					isOver = true;
					count?.(method, answer.statusCode);
					resolve(answer);
				},
			);
			outgoing.on("error", fail);
			const stop = () => {
				outgoing.destroy(signal.reason);
				// While it waits for a connection of its own, it would say nothing.
				fail(signal.reason);
			};
			if (signal.aborted) stop();
			signal.addEventListener("abort", stop, { once: true });
			outgoing.end(payload);
		});
	}

	/** They may be a file, but also a program or another server, which can fail or hang. */
	async function credentials(exchange: Exchange, signal: AbortSignal): ReturnType<Connection["authorize"]> {
		const { promise: stopped, reject } = Promise.withResolvers<never>();
		const stop = () => reject(signal.reason);
		if (signal.aborted) stop();
		signal.addEventListener("abort", stop, { once: true });
		try {
			return await Promise.race([connection.authorize(), stopped]);
		} catch (cause) {
			if (signal.aborted) throw noAnswer(exchange, cause);
			const message = `${exchange.what}: there are no credentials for ${exchange.method}`;
			throw new ApiError(message, { status: 0, reason: "NoCredentials", cause });
		}
	}

	async function text(answer: IncomingMessage, exchange: Exchange, { signal }: Limits): Promise<string> {
		const parts: Buffer[] = [];
		let bytes = 0;
		try {
			for await (const part of answer as AsyncIterable<Buffer>) {
				bytes += part.byteLength;
				if (bytes > bodyBytesMax) throw new Error(`the answer is longer than ${bodyBytesMax} bytes`);
				parts.push(part);
			}
		} catch (cause) {
			answer.destroy();
			throw noAnswer(exchange, signal.aborted ? signal.reason : cause);
		}
		return Buffer.concat(parts).toString("utf8");
	}

	async function demand2xx(answer: IncomingMessage, exchange: Exchange, limits: Limits): Promise<void> {
		const status = answer.statusCode ?? 0;
		if (status >= 200 && status < 300) return;
		const body = await text(answer, exchange, limits);
		throw apiError(exchange.what, status, body, retryAfterMs(answer.headers["retry-after"]));
	}

	return {
		async json(exchange) {
			const limits = new Limits(exchange, timeoutMsUsual);
			try {
				const answer = await open(exchange, exchange.method, limits);
				await demand2xx(answer, exchange, limits);
				return parsed(await text(answer, exchange, limits), exchange);
			} finally {
				limits.end();
			}
		},
		async *lines(exchange) {
			const limits = new Limits(exchange, timeoutMsUsual);
			let rest = "";
			try {
				const answer = await open(exchange, "WATCH", limits);
				await demand2xx(answer, exchange, limits);
				limits.liftTime();
				answer.setTimeout(silenceMaxMs, () => answer.destroy(new Error(`nothing was said for ${silenceMaxMs} ms`)));
				answer.setEncoding("utf8");
				for await (const part of answer as AsyncIterable<string>) {
					rest += part;
					const lines = rest.split("\n");
					rest = lines.pop() ?? "";
					for (const line of lines) if (line !== "") yield line;
					if (rest.length > lineLengthMax) throw brokenLine(exchange, `is longer than ${lineLengthMax} characters`);
				}
			} catch (cause) {
				throw cause instanceof ApiError ? cause : noAnswer(exchange, cause);
			} finally {
				limits.end();
			}
			if (rest !== "") throw noAnswer(exchange, new Error("the last line was cut off"));
		},
	};
}

/** How long an exchange may go on: until its time is over, or its caller has enough. */
class Limits {
	readonly #controller = new AbortController();
	readonly #timer: NodeJS.Timeout;
	readonly #outer: AbortSignal | undefined;
	readonly #stop = () => this.#controller.abort(this.#outer?.reason);

	constructor({ signal, timeoutMs }: Exchange, timeoutMsUsual: number) {
		const limitMs = timeoutMs ?? timeoutMsUsual;
		this.#timer = setTimeout(() => this.#controller.abort(new Error(`no answer within ${limitMs} ms`)), limitMs);
		this.#outer = signal;
		if (signal?.aborted) this.#stop();
		signal?.addEventListener("abort", this.#stop, { once: true });
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** From now on only the caller ends it. */
	liftTime(): void {
		clearTimeout(this.#timer);
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#outer?.removeEventListener("abort", this.#stop);
	}
}

/** What is wrong is not quoted: it may be a secret. */
function parsed(body: string, exchange: Exchange): unknown {
	try {
		return JSON.parse(body);
	} catch {
		throw noAnswer(exchange, new Error("the answer is no JSON"));
	}
}

/** A line of no use, whoever asks for it. */
export function brokenLine({ what }: Pick<Exchange, "what">, flaw: string): ApiError {
	return new ApiError(`${what}: a line ${flaw}`, { status: 0, reason: "BrokenLine" });
}

function noAnswer({ what, method }: Exchange, cause: unknown): ApiError {
	return new ApiError(`${what}: ${method} was not answered`, { status: 0, reason: "NoAnswer", cause });
}

function retryAfterMs(header: string | undefined): number | undefined {
	return header !== undefined && /^\d{1,9}$/.test(header)
		? Math.min(Number(header) * 1_000, RETRY_AFTER_MAX_MS)
		: undefined;
}
