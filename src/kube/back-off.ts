/** How long to wait before trying again, in milliseconds. */
export interface BackOff {
	readonly firstMs: number;
	readonly mostMs: number;
}

/** Doubles with each failure in a row (the first is 1) up to the bound; between half and all of that, by `random`. */
export function backOffMs({ firstMs, mostMs }: BackOff, failures: number, random: () => number): number {
	const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
	return Math.round(full * (0.5 + random() / 2));
}
