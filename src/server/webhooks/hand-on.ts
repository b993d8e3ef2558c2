/** A webhook as a replica that does not lead hands it to the one that does. */
export interface HandedOn {
	/** With whatever token is in it. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** What the one that leads answered. */
export interface LeadersAnswer {
	readonly status: number;
	readonly body: string;
	readonly retryAfter: string | undefined;
}

/** Says that a replica handed it on, so that two that each take the other for the leader do not go on for ever. */
const HANDED_ON = "x-haldane-handed-on";
/** What proofs and triggers read; the rest is between the sender and this replica. */
const READ = /^(content-type|authorization|x-.*|webhook-.*)$/;

export function wasHandedOn(headers: Readonly<Record<string, string>>): boolean {
	return headers[HANDED_ON] !== undefined;
}

/** Undefined when the body is no text, and so no webhook. What was signed stays so, to the byte. */
export function handedOn(
	path: string,
	headers: Readonly<Record<string, string>>,
	bytes: Uint8Array,
): HandedOn | undefined {
	const read = Object.entries(headers).filter(([name]) => READ.test(name));
	try {
		const body = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
		return { path, headers: { ...Object.fromEntries(read), [HANDED_ON]: "1" }, body };
	} catch {
		return undefined;
	}
}
