import type { Readable } from "node:stream";
import { BODY_BYTES_MAX } from "../rest/body.ts";

/** A request whose body arrives bit by bit. */
type Arriving = Pick<Readable, "iterator" | "destroyed">;

/**
 * Undefined when the client has gone. What is too big is read on for a while and not kept, so that the refusal arrives;
 * what is far too big is not read to its end.
 */
export async function bodyOf(incoming: Arriving): Promise<Uint8Array | undefined> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
			bytes += chunk.byteLength;
			// One byte more than is allowed is enough to be refused.
			if (bytes <= BODY_BYTES_MAX + chunk.byteLength) chunks.push(chunk);
			if (bytes > BODY_BYTES_MAX * 4) break;
		}
	} catch (error) {
		if (incoming.destroyed || (error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return undefined;
		throw error;
	}
	return Buffer.concat(chunks);
}
