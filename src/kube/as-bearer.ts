import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Connection } from "./config.ts";

/**
 * The same API server as somebody else: whoever has that bearer token, and nobody if it is wrong. Nothing that shows who the
 * connection's own user is goes along, a client certificate neither.
 */
export function asBearer({ server, namespace, authorize }: Connection, token: string): Connection {
	return {
		server,
		namespace,
		async authorize() {
			const { agent } = await authorize();
			return { headers: { authorization: `Bearer ${token}` }, agent: withoutCertificate(agent) };
		},
	};
}

function withoutCertificate(agent: HttpAgent): HttpAgent {
	if (!(agent instanceof HttpsAgent)) return new HttpAgent();
	const { ca, rejectUnauthorized, servername } = agent.options;
	const given = Object.entries({ ca, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined);
	return new HttpsAgent(Object.fromEntries(given));
}
