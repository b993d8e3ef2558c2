import { randomUUID } from "node:crypto";
import { Agent, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { finished, pipeline } from "node:stream";
import type { Endpoints } from "../../contract.ts";
import type { Outcome } from "../metrics/traffic.ts";
import { hostOf } from "../routes/hosts.ts";
import type { RequestLine } from "../routes/matching.ts";
import type { Backend, Rule } from "../routes/rules.ts";
import type { Table } from "../routes/table.ts";
import { byWeight } from "../routes/weights.ts";
import { createBalancer } from "./balancer.ts";
import { corsHeaders, type Headers, redirectOf, rewriteAnswer, rewriteRequest, withoutHopByHop } from "./filters.ts";
import { answerTo, hasBody, open, Unanswered } from "./forward.ts";
import { createMirrors } from "./mirrors.ts";

const DEADLINE_MS = 15_000;
/** Requests under way at once; more are answered with a 503. */
const UNDER_WAY_MAX = 4_096;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Asked twice, they do no more than asked once. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const CONNECTIONS_PER_POD = 256;

export interface ProxyOptions {
	readonly table: () => Table;
	readonly endpoints: Endpoints;
	readonly portsOf: (namespace: string, service: string) => readonly number[];
	readonly random: () => number;
	readonly count: (outcome: Outcome) => void;
}

/** Sends requests where the table says, and answers with what comes back. */
export function createProxy({ table, endpoints, portsOf, random, count }: ProxyOptions) {
	const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_PER_POD, maxFreeSockets: 32, scheduling: "lifo" });
	const balancer = createBalancer();
	const mirrors = createMirrors({ agent, balancer, count, random, endpointsOf });
	let underWay = 0;

	function endpointsOf(backend: Backend, asked: number | undefined) {
		const { namespace, service } = backend;
		const ports = portsOf(namespace, service);
		const port = backend.port ?? (asked !== undefined && ports.includes(asked) ? asked : ports[0]);
		return port === undefined ? [] : (endpoints.of(namespace, service, port) ?? []);
	}

	function handle(incoming: IncomingMessage, response: ServerResponse) {
		const id = String(incoming.headers["x-request-id"] ?? randomUUID());
		response.setHeader("x-request-id", id);
		if (underWay >= UNDER_WAY_MAX) return void refuse(response, 503, `${UNDER_WAY_MAX} requests are under way already`);
		underWay++;
		response.once("close", () => underWay--);
		const host = hostOf(incoming.headers.host);
		const line = lineOf(incoming);
		const found = table().find(host, line);
		if (found.kind === "none") return void refuse(response, 404, found.detail);
		const { rule, prefix, port } = found;
		const url = incoming.url ?? "/";
		const redirect = redirectOf(rule.filters, { hostname: host.name, port: host.port, url }, prefix);
		if (redirect !== undefined) {
			response.writeHead(redirect.code, { location: redirect.location }).end();
			return;
		}
		const cors = corsHeaders(rule.filters, incoming.headers.origin);
		if (cors !== undefined && line.method === "OPTIONS" && line.header("access-control-request-method") !== undefined) {
			response.writeHead(204, given(cors)).end();
			return;
		}
		const backend = byWeight(rule.backends, random);
		if (backend === undefined)
			return void refuse(response, 500, `${rule.namespace}/${rule.name} gives no backend any weight`);
		const isChunked = incoming.headers["transfer-encoding"] !== undefined;
		// Said anew for our own connection: by itself Node frames no body of a GET or a DELETE.
		const framing = isChunked ? { "transfer-encoding": "chunked" } : {};
		const headers = { ...withoutHopByHop({ ...incoming.headers, "x-request-id": id }), ...framing };
		const outgoing = rewriteRequest({ path: url, headers }, rule.filters, prefix);
		const copies = mirrors.start(rule, line.method, outgoing, port, hasBody(incoming));
		send({ rule, backend, incoming, response, port, prefix, outgoing, cors, copies });
	}

	function send(exchange: Exchange) {
		const { rule, backend, incoming, response, port, prefix, copies } = exchange;
		const started = performance.now();
		const told = (code: number, pod: string) => {
			const seconds = (performance.now() - started) / 1_000;
			const { namespace, name: service } = rule;
			const to = { backend: backend.service, backendNamespace: backend.namespace, pod };
			count({ namespace, service, ...to, code, isMirror: false, seconds });
		};
		const chosen = backend.problem === undefined ? balancer.choose(endpointsOf(backend, port)) : undefined;
		if (chosen === undefined) {
			const code = backend.problem === undefined ? 503 : 500;
			told(code, "");
			feed(incoming, copies);
			const detail = `Service ${backend.namespace}/${backend.service} has no ready endpoints`;
			return void refuse(response, code, backend.problem ?? detail);
		}
		const { endpoint, done } = chosen;
		const outgoing = rewriteRequest(exchange.outgoing, backend.filters, prefix);
		const withBody = hasBody(incoming);
		const call = answerTo(
			() => open(agent, endpoint, incoming.method ?? "GET", outgoing),
			(request) => feed(withBody ? incoming : undefined, copies, request),
			!withBody && REPEATABLE.has(incoming.method ?? "GET"),
		);
		const deadline = rule.timeoutMs ?? DEADLINE_MS;
		let isLate = false;
		const abortLate = () => {
			isLate = true;
			call.abort(new Unanswered(504, `no answer within ${deadline} ms`));
		};
		// Node's timers go no further; nor does any request.
		const timer = deadline <= LONGEST_TIMER_MS ? setTimeout(abortLate, deadline) : undefined;
		let ended: number | undefined;
		const end = (code: number) => {
			if (ended !== undefined) return;
			ended = code;
			clearTimeout(timer);
			done();
			told(code, endpoint.pod);
		};
		// A client that goes away takes its request to the pod with it. 499 is how nginx counts that.
		response.once("close", () => {
			if (response.writableFinished) return;
			end(499);
			call.abort(new Unanswered(502, "the client went away"));
		});
		const answered = (answer: IncomingMessage) => {
			const code = answer.statusCode ?? 502;
			const plain = withoutHopByHop(answer.headers);
			const changed = rewriteAnswer(rewriteAnswer(plain, backend.filters), rule.filters);
			const own = { "x-request-id": response.getHeader("x-request-id") as string, "x-backend": backend.service };
			response.writeHead(code, given({ "x-pod": endpoint.pod, ...changed, ...exchange.cors, ...own }));
			// Cut off midway, the answer is no success, whatever its head said.
			finished(answer, { writable: false }, (error) => end(error == null ? code : isLate ? 504 : 502));
			// How it ended is told by `finished` above and by the response's own close.
			pipeline(answer, response, () => {});
		};
		call.answer.then(answered).catch((error: unknown) => {
			// What is no Unanswered is a header that a filter made and that HTTP has no room for.
			const known = error instanceof Unanswered ? error : new Unanswered(502, String(error));
			end(known.code);
			call.abort(known);
			if (response.destroyed) return;
			refuse(response, known.code, `pod ${endpoint.pod} of ${backend.namespace}/${backend.service}: ${known.message}`);
		});
	}

	return {
		handle(incoming: IncomingMessage, response: ServerResponse) {
			try {
				handle(incoming, response);
			} catch (error) {
				// A filter's header or location that HTTP has no room for: that is the route's fault, and no reason to end.
				refuse(response, 500, String(error));
			}
		},
		stop() {
			mirrors.stop();
			agent.destroy();
		},
	};
}

interface Exchange {
	readonly rule: Rule;
	readonly backend: Backend;
	readonly incoming: IncomingMessage;
	readonly response: ServerResponse;
	readonly port: number | undefined;
	readonly prefix: string;
	readonly outgoing: { readonly path: string; readonly headers: Headers };
	readonly cors: Headers | undefined;
	readonly copies: Copies;
}

/** Takes the body's pieces for the copies of a request. */
export interface Copies {
	write(piece: Buffer): void;
	end(): void;
	/** The client broke off: the copies do, too. */
	abort(): void;
}

/** Hands the body on to the request and its copies. The request sets the pace; the copies keep up or are given up. */
function feed(body: IncomingMessage | undefined, copies: Copies, request?: ClientRequest): void {
	if (body === undefined) {
		request?.end();
		copies.end();
		return;
	}
	body.on("data", (piece: Buffer) => copies.write(piece));
	body.once("end", () => copies.end());
	body.once("close", () => {
		if (body.readableEnded) return;
		copies.abort();
	});
	if (request !== undefined) body.pipe(request);
}

function refuse(response: ServerResponse, code: number, detail: string): void {
	if (response.headersSent) {
		response.destroy();
		return;
	}
	// What an answer that could not be written has left, its length above all.
	for (const name of response.getHeaderNames()) if (name !== "x-request-id") response.removeHeader(name);
	response.writeHead(code, { "content-type": "text/plain; charset=utf-8" }).end(`${detail}\n`);
}

function lineOf({ method = "GET", url = "/", headers }: IncomingMessage): RequestLine {
	const cut = url.indexOf("?");
	return {
		method,
		path: cut < 0 ? url : url.slice(0, cut),
		query: new URLSearchParams(cut < 0 ? "" : url.slice(cut + 1)),
		header: (name) => headers[name]?.toString(),
	};
}

function given(headers: Headers): Record<string, string | string[]> {
	return Object.fromEntries(
		Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
	);
}
