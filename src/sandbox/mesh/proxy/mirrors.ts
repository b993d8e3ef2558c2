import type { Agent, ClientRequest } from "node:http";
import type { Endpoint } from "../../contract.ts";
import type { Outcome } from "../metrics/traffic.ts";
import type { Backend, Rule } from "../routes/rules.ts";
import type { Balancer } from "./balancer.ts";
import { type Outgoing, rewriteRequest } from "./filters.ts";
import { open } from "./forward.ts";
import type { Copies } from "./proxy.ts";

/** Copies under way at once; a request beyond them is not copied, and counted with code 0. */
const COPIES_MAX = 512;
/** A copy that lags behind by more than this is given up. */
const BUFFERED_MAX_BYTES = 1_048_576;
const DEADLINE_MS = 15_000;

/** Copies of requests: their answers reach nobody but the counts, and no failure of theirs reaches the client. */
export function createMirrors({
	agent,
	balancer,
	count,
	random,
	endpointsOf,
}: {
	readonly agent: Agent;
	readonly balancer: Balancer;
	readonly count: (outcome: Outcome) => void;
	readonly random: () => number;
	readonly endpointsOf: (backend: Backend, port: number | undefined) => readonly Endpoint[];
}) {
	const underWay = new Set<ClientRequest>();

	function start(rule: Rule, backend: Backend, method: string, outgoing: Outgoing, port: number | undefined) {
		const started = performance.now();
		let isTold = false;
		const told = (code: number, pod: string) => {
			if (isTold) return;
			isTold = true;
			const seconds = (performance.now() - started) / 1_000;
			const to = { backend: backend.service, backendNamespace: backend.namespace, pod };
			count({ namespace: rule.namespace, service: rule.name, ...to, code, isMirror: true, seconds });
		};
		if (underWay.size >= COPIES_MAX) return void told(0, "");
		const chosen = backend.problem === undefined ? balancer.choose(endpointsOf(backend, port)) : undefined;
		if (chosen === undefined) return void told(backend.problem === undefined ? 503 : 500, "");
		let request: ClientRequest;
		try {
			request = open(agent, chosen.endpoint, method, rewriteRequest(outgoing, backend.filters, ""));
		} catch {
			// A header that HTTP has no room for. The copy's failure is counted, and never the client's.
			chosen.done();
			return void told(500, "");
		}
		underWay.add(request);
		let isLate = false;
		let isAnswered = false;
		const timer = setTimeout(() => {
			isLate = true;
			request.destroy();
		}, DEADLINE_MS);
		request.once("response", (answer) => {
			isAnswered = true;
			// Errors are told by close, here and below.
			answer.on("error", () => {});
			answer.once("close", () =>
				told(answer.complete ? (answer.statusCode ?? 502) : isLate ? 504 : 502, chosen.endpoint.pod),
			);
			answer.resume();
		});
		request.on("error", () => {});
		request.once("close", () => {
			clearTimeout(timer);
			underWay.delete(request);
			chosen.done();
			if (!isAnswered) told(isLate ? 504 : 502, chosen.endpoint.pod);
		});
		return request;
	}

	return {
		/** Begins the copies that the rule asks for of this request; `withBody` only says whether a body follows. */
		start(rule: Rule, method: string, outgoing: Outgoing, port: number | undefined, withBody: boolean): Copies {
			const requests = rule.mirrors.flatMap(({ backend, share }) => {
				if (share < 1 && random() >= share) return [];
				return start(rule, backend, method, outgoing, port) ?? [];
			});
			return {
				write(piece) {
					for (const request of requests) {
						if (request.destroyed || !withBody) continue;
						request.write(piece);
						if (request.writableLength > BUFFERED_MAX_BYTES) request.destroy();
					}
				},
				end() {
					for (const request of requests) request.end();
				},
				abort() {
					for (const request of requests) request.destroy();
				},
			};
		},
		stop() {
			for (const request of underWay) request.destroy();
		},
	};
}
