/** A rule of our own was broken: a bug, never a user's mistake. Stays on in production. */
export class InvariantError extends Error {
	override readonly name = "InvariantError";
}

/** Throws InvariantError unless the condition holds. */
export function invariant(condition: unknown, message: string): asserts condition {
	if (!condition) throw new InvariantError(message);
}
