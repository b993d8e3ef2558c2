import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { BedError } from "../control-plane/bed-error.ts";
import type { Json } from "../control-plane/kube-object.ts";

/** One call of a hook. */
export interface HookCall {
	readonly path: string;
	readonly body: Json;
}

/** A loopback server that hooks call. */
export interface HookReceiver {
	readonly url: string;
	readonly calls: readonly HookCall[];
	/** The HTTP status for this path from now on; 200 unless said. */
	answer(path: string, status: number): void;
	stop(): Promise<void>;
}

/** Says yes to everyone until told otherwise. */
export async function startHookReceiver(): Promise<HookReceiver> {
	const statuses = new Map<string, number>();
	const calls: HookCall[] = [];
	const server = createServer(async (request, response) => {
		const path = request.url ?? "/";
		calls.push({ path, body: JSON.parse((await text(request)) || "{}") });
		response.statusCode = statuses.get(path) ?? 200;
		response.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new BedError("no port", "free some ports");
	return {
		url: `http://127.0.0.1:${address.port}`,
		calls,
		answer: (path, status) => void statuses.set(path, status),
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
