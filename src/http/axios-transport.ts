import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { createSecureContext, getCACertificates } from "node:tls";
import axios, { AxiosError, type AxiosProxyConfig } from "axios";
import type { OutboundRequest } from "./request.ts";
import { guardedLookup, isReserved } from "./reserved-address.ts";
import { BrokenConnectionError, StaleConnectionError, type Transport, UnsendableError } from "./transport.ts";

/** Per host. A server that hangs must not use up our files, nor starve its neighbours. */
const SOCKETS_MAX = 32;
const IDLE_SOCKETS_MAX = 4;
/** Own authorities whose connections are kept; of more, those of the oldest are closed. */
const AUTHORITIES_MAX = 16;

/** Codes of requests that no network would carry. */
const UNSENDABLE = new Set([
	"ERESERVED",
	"ERR_BAD_OPTION",
	"ERR_BAD_OPTION_VALUE",
	"ERR_HTTP_INVALID_HEADER_VALUE",
	"ERR_INVALID_CHAR",
	"ERR_INVALID_HTTP_TOKEN",
	"ERR_INVALID_URL",
	"ERR_UNESCAPED_CHARACTERS",
]);

/** Attempts over axios, on connections that are kept open and shared by everyone who uses this transport. */
export function axiosTransport(): Transport {
	const kept = {
		keepAlive: true,
		maxSockets: SOCKETS_MAX,
		maxFreeSockets: IDLE_SOCKETS_MAX,
		lookup: guardedLookup,
	};
	const httpAgent = new HttpAgent(kept);
	const strictAgent = new HttpsAgent(kept);
	const trustingAgent = new HttpsAgent({ ...kept, rejectUnauthorized: false });
	const agentsByCa = new Map<string, HttpsAgent>();
	const client = axios.create({
		adapter: "http",
		httpAgent,
		maxRedirects: 0,
		responseType: "stream",
		transformRequest: [(body: unknown) => body],
		validateStatus: () => true,
	});

	return async (request, signal) => {
		const url = urlOf(request);
		if (isReserved(url.hostname)) throw new UnsendableError("the address is reserved for the machine itself");
		try {
			const answer = await client.request<Readable>({
				method: request.method,
				url: url.href,
				headers: { "user-agent": "haldane", ...request.headers },
				data: request.body,
				httpsAgent: agentFor(request),
				proxy: proxyOf(request),
				signal,
			});
			const { body, truncated } = await readUpTo(answer.data, request.bodyBytesMax);
			return { kind: "answer", status: answer.status, headers: plainHeaders(answer.headers), body, truncated };
		} catch (thrown) {
			throw asFailure(thrown);
		}
	};

	function agentFor({ insecureSkipVerify, ca }: OutboundRequest): HttpsAgent {
		if (insecureSkipVerify) return trustingAgent;
		if (ca === undefined) return strictAgent;
		const known = agentsByCa.get(ca);
		if (known !== undefined) return known;
		// Read once: a hundred well-known certificates take longer than the connection.
		const secureContext = createSecureContext({ ca: [...getCACertificates(), ca] });
		const agent = new HttpsAgent({ ...kept, secureContext });
		const [oldest] = agentsByCa;
		if (agentsByCa.size >= AUTHORITIES_MAX && oldest !== undefined) {
			agentsByCa.delete(oldest[0]);
			oldest[1].destroy();
		}
		agentsByCa.set(ca, agent);
		return agent;
	}
}

function urlOf({ url, query = {} }: OutboundRequest): URL {
	const whole = new URL(url);
	for (const [name, value] of Object.entries(query)) whole.searchParams.append(name, value);
	return whole;
}

/** `false` keeps axios from reading the environment, which only the composition root may. */
function proxyOf({ proxy }: OutboundRequest): AxiosProxyConfig | false {
	if (proxy === undefined) return false;
	const { protocol, hostname, port, username, password } = new URL(proxy);
	return {
		protocol: protocol.slice(0, -1),
		host: hostname,
		port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
		...(username === ""
			? {}
			: { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
	};
}

/** Reads after decompression, so that a small answer cannot grow without bound. */
async function readUpTo(stream: Readable, bytesMax: number): Promise<{ body: string; truncated: boolean }> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	// Leaving the loop early destroys the stream, and with it the connection.
	for await (const chunk of stream as AsyncIterable<Buffer>) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > bytesMax) break;
	}
	return { body: Buffer.concat(chunks).subarray(0, bytesMax).toString("utf8"), truncated: bytes > bytesMax };
}

function plainHeaders(headers: object): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Keeps the words and drops the object: axios hangs the whole request, with its headers, on what it throws. */
function asFailure(thrown: unknown): Error {
	const { code, message } = thrown as NodeJS.ErrnoException;
	const words = message || code || "the connection broke";
	if (code !== undefined && UNSENDABLE.has(code)) return new UnsendableError(words);
	const stale = thrown instanceof AxiosError && thrown.request?.reusedSocket === true;
	if (stale && (code === "ECONNRESET" || code === "EPIPE")) return new StaleConnectionError(words);
	return new BrokenConnectionError(words);
}
