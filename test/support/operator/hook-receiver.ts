import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { BedError } from "../control-plane/bed-error.ts";
import type { Json } from "../control-plane/kube-object.ts";

/** One call of a hook. */
export interface HookCall {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Json;
	/** What the test saw of the world when the call came. */
	readonly sight: unknown;
}

/** A loopback server that hooks call. */
export interface HookReceiver {
	readonly url: string;
	readonly calls: readonly HookCall[];
	/** Calls of this path, in order. */
	callsOf(path: string): readonly HookCall[];
	/** The HTTP statuses for this path from now on, one a call, of which the last stays; 200 unless said. */
	answer(path: string, ...statuses: readonly number[]): void;
	stop(): Promise<void>;
}

/**
 * Says yes to everyone until told otherwise. A no quotes the headers that came with the call, as careless receivers do.
 * `look` is called at each call, for what its `sight` is to be.
 */
export async function startHookReceiver(look: (path: string) => unknown = () => undefined): Promise<HookReceiver> {
	const answers = new Map<string, readonly number[]>();
	const calls: HookCall[] = [];
	const server = createServer(async (request, response) => {
		const { url: path = "/", headers } = request;
		const sight = look(path);
		calls.push({ path, headers, body: JSON.parse((await text(request)) || "{}"), sight });
		const [status = 200, ...later] = answers.get(path) ?? [];
		if (later.length > 0) answers.set(path, later);
		response.statusCode = status;
		response.end(status < 300 ? "" : `no to ${JSON.stringify(headers)}`);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new BedError("no port", "free some ports");
	return {
		url: `http://127.0.0.1:${address.port}`,
		calls,
		callsOf: (path) => calls.filter((call) => call.path === path),
		answer: (path, ...statuses) => void answers.set(path, statuses),
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
