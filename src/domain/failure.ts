/**
 * What helps: `retry` (the same work again, after a back-off), `refetch` (read the object anew, then at once),
 * `edit` (a person changes an object; shown in its status until then).
 */
export type Remedy = "retry" | "refetch" | "edit";

/** Work that could not be done, with its remedy. Messages name the object first and never hold a secret or a body. */
export abstract class Failure extends Error {
	abstract readonly remedy: Remedy;
}

/** The message of whatever was thrown, with its chain of causes. */
export function messageOf(thrown: unknown): string {
	if (!(thrown instanceof Error)) return String(thrown);
	return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${messageOf(thrown.cause)}`;
}
