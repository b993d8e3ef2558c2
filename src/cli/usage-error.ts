/** The command line is not as it should be: one line that says what to write instead, and exit code 2. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** What was asked for cannot be done as things stand: one line that says what can, and exit code 1. */
export class RefusedError extends Error {
	override readonly name = "RefusedError";
}
