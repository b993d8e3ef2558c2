/** The command line, or what it names, is not as it should be: one line, no stack. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}
