/** Longest body that is read. Notices are a few KiB. */
export const BODY_BYTES_MAX = 1024 * 1024;
/** All bodies together that are being read. */
export const READING_BYTES_MAX = 16 * BODY_BYTES_MAX;

export type ReadBody =
	| { readonly kind: "body"; readonly bytes: Uint8Array }
	| { readonly kind: "tooLarge" }
	/** Others hold all the memory that there is for bodies. */
	| { readonly kind: "busy" }
	/** The sender went away, or took too long. */
	| { readonly kind: "broken" };

/** Reads bodies up to the limits, and not a chunk further. */
export function createBodyReader(): (request: Request) => Promise<ReadBody> {
	let reading = 0;
	return async (request) => {
		if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) return { kind: "tooLarge" };
		if (request.body === null) return { kind: "body", bytes: new Uint8Array() };
		const chunks: Uint8Array[] = [];
		let length = 0;
		try {
			for await (const chunk of request.body) {
				length += chunk.byteLength;
				reading += chunk.byteLength;
				// Leaving the loop cancels the stream.
				if (length > BODY_BYTES_MAX) return { kind: "tooLarge" };
				if (reading > READING_BYTES_MAX) return { kind: "busy" };
				chunks.push(chunk);
			}
			return { kind: "body", bytes: Buffer.concat(chunks) };
		} catch {
			return { kind: "broken" };
		} finally {
			reading -= length;
		}
	};
}
