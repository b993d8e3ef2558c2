/** When requests of an open loop are due: evenly, whatever becomes of them. Times in milliseconds of one clock. */
export function createPace(start: number, perSecond: number) {
	let taken = 0;
	const dueAt = (index: number) => start + (index * 1_000) / perSecond;
	return {
		/** The moment of the next one; undefined at a rate of 0. */
		next: (): number | undefined => (perSecond > 0 ? dueAt(taken) : undefined),
		/** When each of those was due that are due by `now` and weren't taken, oldest first; more than `max` are only counted. */
		take(now: number, max: number): { readonly due: readonly number[]; readonly beyond: number } {
			if (perSecond <= 0 || now < dueAt(taken)) return { due: [], beyond: 0 };
			const first = taken;
			taken = Math.floor(((now - start) * perSecond) / 1_000) + 1;
			// Division may say one too few where multiplication says it is due.
			if (dueAt(taken) <= now) taken++;
			const count = taken - first;
			const sent = Math.min(count, Math.max(0, max));
			// The oldest are given up: the youngest say most of what goes on now.
			const due = Array.from({ length: sent }, (_, index) => dueAt(taken - sent + index));
			return { due, beyond: count - sent };
		},
	};
}
