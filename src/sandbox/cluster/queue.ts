import { Refusal } from "../contract.ts";
import type { Clock } from "./clock.ts";

/** Where the cluster says what went wrong; the work goes on by itself. */
export type Report = (error: unknown, what: string) => void;

export interface Queue {
	/** Work on this key as soon as may be. */
	add(key: string): void;
	/** Work on this key after the delay, unless it comes up sooner. */
	addAfter(key: string, delayMs: number): void;
	/** For good: cancels every timer, and nothing more is worked on. */
	stop(): void;
}

/** Keys worked on in one turn: what waits on sockets gets its turn in between. */
const BATCH = 50;
const RETRY_FIRST_MS = 10;
const RETRY_MOST_MS = 30_000;

/**
 * Keys that need work, each at most once, so that there are never more than objects in the cluster (times controllers).
 * `work` reads what is there now and writes the difference; what it returns is in how many milliseconds to look again.
 * When it throws, that is reported and the key comes again, each time later; a conflict comes again and is nobody's fault.
 */
export function createQueue(options: {
	readonly clock: Clock;
	readonly report: Report;
	readonly work: (key: string) => number | undefined;
}): Queue {
	const { clock, report, work } = options;
	const ready = new Set<string>();
	const delayed = new Map<string, { readonly at: number; readonly cancel: () => void }>();
	const failures = new Map<string, number>();
	let cancelTurn: (() => void) | undefined;
	let isStopped = false;

	function add(key: string): void {
		if (isStopped) return;
		delayed.get(key)?.cancel();
		delayed.delete(key);
		ready.add(key);
		cancelTurn ??= clock.after(0, turn);
	}

	function addAfter(key: string, delayMs: number): void {
		if (isStopped || ready.has(key)) return;
		const at = clock.now() + delayMs;
		const known = delayed.get(key);
		if (known !== undefined && known.at <= at) return;
		known?.cancel();
		delayed.set(key, { at, cancel: clock.after(delayMs, () => add(key)) });
	}

	function turn(): void {
		cancelTurn = undefined;
		for (const key of [...ready].slice(0, BATCH)) {
			ready.delete(key);
			attempt(key);
		}
		if (ready.size > 0 && !isStopped) cancelTurn ??= clock.after(0, turn);
	}

	function attempt(key: string): void {
		try {
			const lookAgainMs = work(key);
			failures.delete(key);
			if (lookAgainMs !== undefined) addAfter(key, Math.max(1, lookAgainMs));
		} catch (error) {
			const count = (failures.get(key) ?? 0) + 1;
			failures.set(key, count);
			if (!isConflict(error)) report(error, key);
			addAfter(key, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(count - 1, 20)));
		}
	}

	return {
		add,
		addAfter,
		stop() {
			isStopped = true;
			cancelTurn?.();
			for (const { cancel } of delayed.values()) cancel();
			delayed.clear();
			ready.clear();
		},
	};
}

/** Somebody else wrote first, or the object has another uid by now. */
export function isConflict(error: unknown): boolean {
	return error instanceof Refusal && error.reason === "Conflict";
}

/** The object, or what it lies in, is gone. */
export function isGone(error: unknown): boolean {
	return error instanceof Refusal && error.code === 404;
}
