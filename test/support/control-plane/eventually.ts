import { setTimeout as sleep } from "node:timers/promises";
import { BedError, ProgramDied } from "./bed-error.ts";

/** How long to go on asking, and how often. */
export interface Patience {
	readonly withinMs?: number;
	readonly everyMs?: number;
}

/**
 * The first answer of the probe that is neither undefined nor false. A probe that throws counts as not yet, unless a
 * program has died; when time is up, what it last threw is the cause.
 */
export async function eventually<T>(
	what: string,
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	{ withinMs = 30_000, everyMs = 25 }: Patience = {},
): Promise<T> {
	const deadline = performance.now() + withinMs;
	let cause: unknown;
	for (;;) {
		try {
			const answer = await probe();
			if (answer !== undefined && answer !== false) return answer;
			cause = undefined;
		} catch (thrown) {
			if (thrown instanceof ProgramDied) throw thrown;
			cause = thrown;
		}
		if (performance.now() >= deadline) {
			throw new BedError(`not within ${withinMs} ms: ${what}`, "read the logs of the bed", { cause });
		}
		await sleep(everyMs);
	}
}
