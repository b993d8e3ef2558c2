/**
 * Asks once for all who want to know the same within that time, so that the number of visitors is no matter to whoever
 * is asked. A failure is shared by those who waited for it, and not kept.
 */
export function shared<Asked extends readonly unknown[], Answer>(
	ask: (...asked: Asked) => Promise<Answer>,
	{ forMs, most, now }: { readonly forMs: number; readonly most: number; readonly now: () => number },
): (...asked: Asked) => Promise<Answer> {
	const known = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
	return (...asked) => {
		const key = JSON.stringify(asked);
		for (const [other, { at }] of known) if (now() - at >= forMs || known.size > most) known.delete(other);
		const before = known.get(key);
		if (before !== undefined) return before.answer;
		const entry = { at: now(), answer: ask(...asked) };
		known.set(key, entry);
		entry.answer.catch(() => {
			if (known.get(key) === entry) known.delete(key);
		});
		return entry.answer;
	};
}
