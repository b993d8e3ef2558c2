import type { Json } from "../../contract.ts";
import type { World } from "../objects/world.ts";

/** A request as it came in, its body whole. */
export interface ApiRequest {
	readonly method: string;
	/** Without the query; still percent-encoded. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** By lower-case name. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly body: Uint8Array;
}

export type ApiResponse = WholeResponse | StreamedResponse;

export interface WholeResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | readonly string[]>>;
	readonly body: string | Uint8Array;
}

/** An answer that goes on: it begins with `open`, which returns how to end it from the outside. */
export interface StreamedResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | readonly string[]>>;
	open(reader: Reader): () => void;
}

/** Who reads a stream. */
export interface Reader {
	write(text: string): void;
	/** Bytes that are written but not yet taken. */
	pendingBytes(): number;
	/** No more will come. */
	end(): void;
}

/** Calls back about once a second until it is told to stop; what waits for a time looks at the clock then. */
export type Ticks = (listener: () => void) => () => void;

export type PodLogs = (request: {
	readonly namespace: string;
	readonly pod: string;
	readonly container: string | undefined;
	readonly tailLines: number | undefined;
}) => string;

/** What answering a request takes beside the objects. */
export interface Server extends World {
	readonly user: string;
	readonly token: string;
	readonly ticks: Ticks;
	readonly logs: PodLogs;
}

export function jsonResponse(
	status: number,
	body: Json | string,
	headers: Readonly<Record<string, string | readonly string[]>> = {},
): WholeResponse {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { status, headers: { "content-type": "application/json", ...headers }, body: text };
}
