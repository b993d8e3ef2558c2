import { Failure } from "../domain/failure.ts";
import type { OutboundAnswer, OutboundRequest } from "./request.ts";

/**
 * Carries one attempt: resolves with the answer, whatever its status, or rejects with what the network said.
 * Stops at once when the signal aborts, reads no more than `bodyBytesMax`, and follows no redirection.
 */
export type Transport = (
	request: OutboundRequest,
	signal: AbortSignal,
) => Promise<Extract<OutboundAnswer, { kind: "answer" }>>;

/** No answer, or only a part of one. */
export class BrokenConnectionError extends Failure {
	override readonly name = "BrokenConnectionError";
	readonly remedy = "retry";
}

/** The other side had closed a kept connection before it read the request: not an attempt that counts. */
export class StaleConnectionError extends Failure {
	override readonly name = "StaleConnectionError";
	readonly remedy = "retry";
}

/** The request itself cannot be sent, now or later. */
export class UnsendableError extends Failure {
	override readonly name = "UnsendableError";
	readonly remedy = "edit";
}
