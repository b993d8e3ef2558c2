import { Failure, messageOf } from "../domain/failure.ts";
import type { Log } from "../domain/log.ts";
import { type BackOff, backOffMs } from "./back-off.ts";
import type { Clock } from "./clock.ts";
import { ApiError } from "./errors.ts";
import type { Slots } from "./slots.ts";
import type { WorkQueue } from "./work-queue.ts";

export interface ControllerPorts {
	readonly queue: WorkQueue;
	/** The work on one key; says when to come again though nothing changes. */
	readonly reconcile: (key: string, signal: AbortSignal) => Promise<{ readonly wakeAfterMs: number | undefined }>;
	/** How many keys are worked on at a time; work that waits for the world lends its place to others. */
	readonly slots: Slots;
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	readonly reconciled: (result: "success" | "requeue_after" | "error", seconds: number) => void;
}

const RETRY: BackOff = { firstMs: 50, mostMs: 30_000 };
const REFETCH: BackOff = { firstMs: 10, mostMs: 5_000 };
const EDIT: BackOff = { firstMs: 5_000, mostMs: 300_000 };
const BUG: BackOff = { firstMs: 1_000, mostMs: 300_000 };

/**
 * Works on keys, several at a time and never one twice at once, until the signal aborts. A failure is tried again by its
 * remedy; anything else that is thrown is a bug, which is logged with its stack and tried again slowly. Never throws.
 */
export async function runController(ports: ControllerPorts, signal: AbortSignal): Promise<void> {
	const { queue, reconcile, slots, clock, random, log, reconciled } = ports;
	/** Since a key was last worked on without trouble, by its kind: an outage that ends in one refusal is not waited on like many refusals. */
	const failures = new Map<string, Map<string, number>>();

	async function work(key: string): Promise<void> {
		const startedAt = clock.elapsed();
		const seconds = () => (clock.elapsed() - startedAt) / 1_000;
		try {
			const { wakeAfterMs } = await reconcile(key, signal);
			failures.delete(key);
			reconciled(wakeAfterMs === undefined ? "success" : "requeue_after", seconds());
			if (wakeAfterMs !== undefined) queue.addAfter(key, wakeAfterMs);
		} catch (thrown) {
			if (signal.aborted) return;
			reconciled("error", seconds());
			const remedy = thrown instanceof Failure ? thrown.remedy : "none";
			const counts = failures.get(key) ?? new Map<string, number>();
			const count = (counts.get(remedy) ?? 0) + 1;
			failures.set(key, counts.set(remedy, count));
			const waitMs = delayAfter(thrown, count, random);
			tell(log, key, thrown, waitMs);
			queue.addAfter(key, waitMs);
		}
	}

	const stop = () => queue.stop();
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	const working = new Set<Promise<void>>();
	for (;;) {
		const key = await queue.take();
		if (key === undefined) break;
		// Only with a key in hand: a place that is held for nothing would be missed by work that has lent its own.
		await slots.take();
		// A key may have been handed over just before the end.
		const done = (signal.aborted ? Promise.resolve() : work(key)).then(() => {
			queue.done(key);
			slots.give();
			working.delete(done);
		});
		working.add(done);
	}
	await Promise.all(working);
}

function delayAfter(thrown: unknown, count: number, random: () => number): number {
	if (!(thrown instanceof Failure)) return backOffMs(BUG, count, random);
	const asked = thrown instanceof ApiError ? (thrown.retryAfterMs ?? 0) : 0;
	const backOff = { retry: RETRY, refetch: REFETCH, edit: EDIT }[thrown.remedy];
	return Math.max(asked, backOffMs(backOff, count, random));
}

function tell(log: Log, key: string, thrown: unknown, waitMs: number): void {
	if (!(thrown instanceof Failure)) {
		log.error(
			{ key, err: thrown instanceof Error ? thrown.stack : String(thrown), waitMs },
			"a bug stopped the work on a key",
		);
	} else if (thrown.remedy === "refetch") {
		log.debug({ key, reason: messageOf(thrown), waitMs }, "the object has changed, reading it anew");
	} else {
		log.warn({ key, reason: messageOf(thrown), waitMs }, "the work on a key failed, trying again");
	}
}
