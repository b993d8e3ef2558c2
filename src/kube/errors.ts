import { Failure, type Remedy } from "../domain/failure.ts";

/** The Status that the API answers failures with; only the fields we use. */
export interface ApiStatus {
	readonly reason?: string;
	readonly message?: string;
	readonly details?: {
		readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
	};
}

/** A request that the API server refused, or that did not reach it (then `status` is 0). */
export class ApiError extends Failure {
	override readonly name: string = "ApiError";
	readonly remedy: Remedy;
	readonly status: number;
	readonly reason: string;
	readonly retryAfterMs: number | undefined;

	constructor(
		message: string,
		{
			status,
			reason,
			retryAfterMs,
			cause,
		}: { status: number; reason: string; retryAfterMs?: number | undefined; cause?: unknown },
	) {
		super(message, cause === undefined ? undefined : { cause });
		this.status = status;
		this.reason = reason;
		this.retryAfterMs = retryAfterMs;
		this.remedy = remedyOf(status);
	}
}

/** Somebody else owns fields that we have to write. */
export class FieldConflictError extends ApiError {
	override readonly name = "FieldConflictError";
	override readonly remedy = "edit";
}

/** We have no right to do it; or the API server has only just started and knows of no rights yet. */
export class ForbiddenError extends ApiError {
	override readonly name = "ForbiddenError";
	override readonly remedy = "edit";
}

function remedyOf(status: number): Remedy {
	if (status === 409 || status === 410 || status === 404) return "refetch";
	if (status === 0 || status === 429 || status === 408 || status >= 500) return "retry";
	return "edit";
}

/** The error for an answer that is none of 2xx. The server's own message is kept: it names fields, never their values' secrets. */
export function apiError(what: string, status: number, body: string, retryAfterMs: number | undefined): ApiError {
	const given = statusIn(body);
	const reason = given.reason ?? `HTTP ${status}`;
	const conflicts = (given.details?.causes ?? []).filter((cause) => cause.reason === "FieldManagerConflict");
	const message = `${what}: ${(given.message ?? reason).slice(0, 1_000)}`;
	if (status === 409 && conflicts.length > 0) {
		const fields = conflicts.map(({ field, message: said }) => `${field} (${said})`).join(", ");
		return new FieldConflictError(`${what}: ${fields}`, { status, reason });
	}
	if (status === 403) return new ForbiddenError(message, { status, reason });
	return new ApiError(message, { status, reason, retryAfterMs });
}

function statusIn(body: string): ApiStatus {
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === "object" && parsed !== null ? (parsed as ApiStatus) : {};
	} catch {
		// Proxies answer with pages; the status code says enough.
		return {};
	}
}
