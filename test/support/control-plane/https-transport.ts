import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";

/** Where an API server is, who answers for its certificate, and as whom to speak. */
export interface Endpoint {
	readonly server: string;
	readonly ca: string;
	readonly token: string;
	/** The name of somebody in whose place whoever has the token asks; undefined: nobody. */
	readonly inPlaceOf?: string;
}

/** One request; the body is sent as JSON whatever its content type is called. */
export interface Exchange {
	readonly method: string;
	readonly path: string;
	readonly body?: unknown;
	readonly contentType?: string;
	readonly signal?: AbortSignal;
}

/** Sends requests over kept-alive connections; the answer's body is still unread. */
export interface Transport {
	send(exchange: Exchange): Promise<IncomingMessage>;
	close(): void;
}

/** A transport of its own per client, so that closing one client leaves the others alone. */
export function httpsTransport({ server, ca, token, inPlaceOf }: Endpoint): Transport {
	const agent = new Agent({ keepAlive: true, maxSockets: 64, ca });
	return {
		send: ({ method, path, body, contentType = "application/json", signal }) =>
			new Promise((resolve, reject) => {
				const text = body === undefined ? undefined : JSON.stringify(body);
				const headers = {
					authorization: `Bearer ${token}`,
					...(inPlaceOf !== undefined && { "impersonate-user": inPlaceOf }),
					accept: "application/json",
					...(text !== undefined && { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
				};
				const asked = request(new URL(path, server), { method, agent, headers, ...(signal && { signal }) }, resolve);
				asked.once("error", reject);
				asked.end(text);
			}),
		close: () => agent.destroy(),
	};
}
