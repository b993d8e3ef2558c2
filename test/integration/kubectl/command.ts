/** A command line that must read the same to a person whichever API server answers it. */
export interface Command {
	/** What a failure is called. */
	readonly name: string;
	/** For a shell in the folder `files`, as a person would type it. */
	readonly line: string;
	/**
	 * `once` for what changes something; `settled` for what reads, which is asked again until both answer alike or
	 * patience ends, for controllers work in their own time.
	 */
	readonly asked: "once" | "settled";
	/** Lines whose order tells nothing, for they are sorted by what is made up or by when it happened. */
	readonly anyOrder: boolean;
	/** Lines to leave out on both sides: those differences that docs/sandbox-differences.md tells of. */
	readonly without: RegExp | undefined;
	/** The exit code that the real one is known to give: a row that goes wrong on both sides proves nothing. */
	readonly code: number;
	/** True of what says nothing on purpose: of any other row, nothing said is nothing compared. */
	readonly silent: boolean;
}

interface Choices {
	readonly anyOrder?: boolean;
	readonly without?: RegExp;
	readonly code?: number;
	readonly silent?: boolean;
}

/** A command that changes something, or whose answer depends on nothing that is still under way. */
export function once(name: string, line: string, choices: Choices = {}): Command {
	const { anyOrder = false, without, code = 0, silent = false } = choices;
	return { name, line, asked: "once", anyOrder, without, code, silent };
}

/** A command that only reads, and may have to wait until controllers are done. */
export function settled(name: string, line: string, choices: Choices = {}): Command {
	return { ...once(name, line, choices), asked: "settled" };
}

/** A command that is refused, with exit code 1. */
export function refused(name: string, line: string, choices: Choices = {}): Command {
	return once(name, line, { code: 1, ...choices });
}
