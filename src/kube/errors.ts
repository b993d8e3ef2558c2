import { Failure, type Remedy } from "../domain/failure.ts";

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

const MESSAGE_LENGTH_MAX = 1_000;

function remedyOf(status: number): Remedy {
	if (status === 409 || status === 410 || status === 404) return "refetch";
	// Who is not known (401) cannot be helped by editing an object: credentials are renewed, or the server has only just started.
	if (status === 0 || status === 401 || status === 429 || status === 408 || status >= 500) return "retry";
	return "edit";
}

/** The error for an answer that is none of 2xx. The server's own message is kept: it names fields, never their values' secrets. */
export function apiError(what: string, status: number, body: string, retryAfterMs: number | undefined): ApiError {
	const given = statusIn(body);
	const reason = textOf(given.reason) ?? `HTTP ${status}`;
	const message = `${what}: ${(textOf(given.message) ?? reason).slice(0, MESSAGE_LENGTH_MAX)}`;
	const conflicts = causesIn(given).filter((cause) => cause?.reason === "FieldManagerConflict");
	if (status === 409 && conflicts.length > 0) {
		const fields = conflicts.map((cause) => `${cause?.field} (${cause?.message})`).join(", ");
		return new FieldConflictError(`${what}: ${fields.slice(0, MESSAGE_LENGTH_MAX)}`, { status, reason });
	}
	if (status === 403) return new ForbiddenError(message, { status, reason });
	return new ApiError(message, { status, reason, retryAfterMs });
}

/** The object, or undefined when there is none. */
export async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
	try {
		return await asked;
	} catch (thrown) {
		if (thrown instanceof ApiError && thrown.status === 404) return undefined;
		throw thrown;
	}
}

/** The Status that the API answers failures with. Proxies answer with pages or JSON of their own: there the code says enough. */
function statusIn(body: string): Partial<Record<string, unknown>> {
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === "object" && parsed !== null ? (parsed as Partial<Record<string, unknown>>) : {};
	} catch {
		return {};
	}
}

function causesIn({ details }: Partial<Record<string, unknown>>): readonly (Partial<Record<string, unknown>> | null)[] {
	const causes = typeof details === "object" && details !== null && "causes" in details ? details.causes : [];
	return Array.isArray(causes) ? causes : [];
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}
