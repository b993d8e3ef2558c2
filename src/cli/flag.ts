/** One flag of `haldane run`: its meaning is Flagger's where Flagger has it. */
export interface Flag {
	readonly name: string;
	/** What it takes. `BOOL` is a switch: the name alone means true, and a value has to be joined to it by `=`. */
	readonly value: string;
	readonly fallback?: string;
	/** Overrides the flag when set, as in Flagger. */
	readonly env?: string;
	readonly describe: string;
	/** Accepted so that command lines keep working, with what happens instead. */
	readonly ignored?: string;
	/** Refused, with what to do instead. */
	readonly refused?: string;
}
