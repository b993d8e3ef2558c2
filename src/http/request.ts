/** One HTTP request, described: the pure rooms write it, and `outbound` alone sends it. */
export interface OutboundRequest {
	readonly method: "GET" | "HEAD" | "POST" | "PUT";
	/** `http:` or `https:`. Its path, query and user are treated as secret: no message ever shows them. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Added to whatever query the URL has. */
	readonly query?: Readonly<Record<string, string>>;
	readonly body?: string;
	/** For one attempt, from the first byte sent to the last byte read. */
	readonly timeoutMs: number;
	/** Further attempts after a connection error, a 429 or a 5xx other than 501. At most `RETRIES_MAX` are made. */
	readonly retries: number;
	/** What comes after so many bytes of the answer is not read. */
	readonly bodyBytesMax: number;
	/** Takes any certificate. */
	readonly insecureSkipVerify: boolean;
	/** Certificates in PEM that are trusted beside the well-known ones. */
	readonly ca?: string;
	/** Sends by this proxy, `http://host:port`. */
	readonly proxy?: string;
}

/** What came of a request. Every status is an answer, redirections too: none is followed. */
export type OutboundAnswer =
	| {
			readonly kind: "answer";
			readonly status: number;
			/** Names in lower case. */
			readonly headers: Readonly<Record<string, string>>;
			/** At most `bodyBytesMax` bytes of it. */
			readonly body: string;
			/** There was more than `bodyBytesMax`. */
			readonly truncated: boolean;
	  }
	| { readonly kind: "unreachable"; readonly detail: string };

/** Sends a described request. Never throws and never rejects; gives up when the signal aborts. */
export type Send = (request: OutboundRequest, signal: AbortSignal) => Promise<OutboundAnswer>;

/** As many as a Canary may ask for. */
export const RETRIES_MAX = 100;
/** The longest wait between two attempts, however often we tried and whatever the server asks for. */
export const PAUSE_MS_MAX = 10_000;

/** A header is its name, whatever its letters' case: the later of two wins. */
export function mergeHeaders(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
	const merged: Record<string, string> = {};
	for (const [name, value] of all.flatMap((headers) => Object.entries(headers))) merged[name.toLowerCase()] = value;
	return merged;
}
