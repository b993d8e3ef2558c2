/** A test bed that could not be put up or has broken down. The remedy is what the person at the terminal should do. */
export class BedError extends Error {
	override readonly name: string = "BedError";
	readonly remedy: string;

	constructor(message: string, remedy: string, options?: ErrorOptions) {
		super(`${message}; ${remedy}`, options);
		this.remedy = remedy;
	}
}

/** A program of the bed has died by itself, so that waiting for what it should do is in vain. */
export class ProgramDied extends BedError {
	override readonly name = "ProgramDied";
}
