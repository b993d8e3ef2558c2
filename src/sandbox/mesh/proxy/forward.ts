import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Endpoint } from "../../contract.ts";
import type { Outgoing } from "./filters.ts";

/** How a request to a pod ended without an answer. */
export class Unanswered extends Error {
	override readonly name = "Unanswered";
	/** 502: the pod refused or broke off; 504: it took too long. */
	readonly code: 502 | 504;

	constructor(code: 502 | 504, message: string) {
		super(message);
		this.code = code;
	}
}

/** Opens a request to the endpoint; its body is the caller's to write. */
export function open(agent: Agent, endpoint: Endpoint, method: string, { path, headers }: Outgoing): ClientRequest {
	const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
	return httpRequest({ agent, host: endpoint.host, port: endpoint.port, method, path, headers: given });
}

/** Whether a body may follow the headers. */
export function hasBody(incoming: IncomingMessage): boolean {
	const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
	return encoding !== undefined || (length !== undefined && length !== "0");
}

/**
 * The answer's head. Rejects with Unanswered. With `mayRepeat`, a request that was put on a connection which the pod was
 * just closing is sent once more, on a new one: most likely nobody saw it.
 */
export function answerTo(
	start: () => ClientRequest,
	send: (request: ClientRequest) => void,
	mayRepeat: boolean,
): { readonly answer: Promise<IncomingMessage>; abort(reason: Unanswered): void } {
	let current: ClientRequest | undefined;
	let aborted: Unanswered | undefined;
	const attempt = (isFirst: boolean) =>
		new Promise<IncomingMessage>((resolve, reject) => {
			const request = start();
			current = request;
			request.once("response", resolve);
			// Stays on: what fails after the answer's head is told by the answer itself.
			request.on("error", (error: NodeJS.ErrnoException) => {
				if (aborted !== undefined) reject(aborted);
				else if (isFirst && mayRepeat && request.reusedSocket && error.code === "ECONNRESET") {
					attempt(false).then(resolve, reject);
				} else reject(new Unanswered(502, error.code ?? error.message));
			});
			send(request);
		});
	return {
		answer: attempt(true),
		abort(reason) {
			aborted ??= reason;
			current?.destroy(reason);
		},
	};
}
