import { durationText } from "../domain/duration.ts";
import type { Instant } from "../domain/instant.ts";
import type { Timers } from "../http/timers.ts";
import type { SendResult } from "./notifiers/notifier.ts";

/** How a parcel ended: `undeliverable` after a refusal, too many attempts, or for want of room. */
export type ParcelEnd =
	| { readonly kind: "sent" }
	| { readonly kind: "undeliverable"; readonly detail: string; readonly attempts: number };

/** Something to be sent to one destination, in order with whatever else its sender sends there. */
export interface Parcel {
	readonly destination: string;
	readonly sender: string;
	/** For one attempt; its signal is aborted then, and what it answers later is ignored. */
	readonly deadlineMs: number;
	attempt(signal: AbortSignal): Promise<SendResult>;
	/** Called after each attempt, before `done`. */
	attempted(result: SendResult, attempts: number): void;
	/** Called exactly once, unless the lanes are stopped before. */
	done(end: ParcelEnd): void;
}

/** What bounds the work of lanes. */
export interface LaneLimits {
	/** Attempts for one parcel. */
	readonly attemptsMax: number;
	readonly backOffMinMs: number;
	readonly backOffMaxMs: number;
	/** However long a destination asks us to wait. */
	readonly retryAfterMaxMs: number;
	/** Attempts at one destination at once. */
	readonly inFlightMax: number;
	/** Parcels that wait for one destination. */
	readonly parcelsMax: number;
}

/** Enough for an outage of two minutes. */
export const laneLimits: LaneLimits = {
	attemptsMax: 8,
	backOffMinMs: 1_000,
	backOffMaxMs: 60_000,
	retryAfterMaxMs: 120_000,
	inFlightMax: 4,
	parcelsMax: 512,
};

/**
 * Sends parcels. Flow: one lane for each sender at each destination; the first of a lane is tried until it ends, then
 * the next.
 *
 * Guarantees: order within a lane; a destination that is slow, down or full holds up no other; one that says
 * `Retry-After` is left alone by all its lanes for that long; attempts, waits and queues are bounded.
 */
export interface Lanes {
	/** Takes the parcel and returns at once. */
	post(parcel: Parcel): void;
	/** Parcels that have not ended. */
	pending(): number;
	/** Aborts what is under way and forgets the rest; nothing is called any more. */
	stop(): void;
}

interface Lane {
	readonly sender: string;
	readonly parcels: Parcel[];
	attempts: number;
}

interface Destination {
	readonly name: string;
	readonly lanes: Map<string, Lane>;
	/** Lanes whose first parcel may be tried now. */
	readonly ready: Lane[];
	inFlight: number;
	parcels: number;
	heldUntil: Instant;
	isWaking: boolean;
}

export function createLanes(timers: Timers, limits: LaneLimits = laneLimits): Lanes {
	const destinations = new Map<string, Destination>();
	const cancellations = new Set<() => void>();
	const underWay = new Set<AbortController>();
	let isStopped = false;

	function later(delayMs: number, run: () => void): () => void {
		const cancel = timers.after(delayMs, () => {
			cancellations.delete(cancel);
			run();
		});
		cancellations.add(cancel);
		return () => {
			cancellations.delete(cancel);
			cancel();
		};
	}

	function pump(destination: Destination): void {
		if (isStopped) return;
		const heldMs = destination.heldUntil - timers.now();
		if (heldMs > 0) {
			wake(destination, heldMs);
			return;
		}
		while (destination.inFlight < limits.inFlightMax) {
			const lane = destination.ready.shift();
			if (lane === undefined) break;
			start(destination, lane);
		}
		if (destination.parcels === 0) destinations.delete(destination.name);
	}

	function wake(destination: Destination, delayMs: number): void {
		if (destination.isWaking) return;
		destination.isWaking = true;
		later(delayMs, () => {
			destination.isWaking = false;
			pump(destination);
		});
	}

	function start(destination: Destination, lane: Lane): void {
		const [parcel] = lane.parcels;
		if (parcel === undefined) return;
		const controller = new AbortController();
		let isOpen = true;
		const settle = (result: SendResult) => {
			if (!isOpen || isStopped) return;
			isOpen = false;
			cancelDeadline();
			underWay.delete(controller);
			destination.inFlight -= 1;
			settled(destination, lane, parcel, result);
		};
		const cancelDeadline = later(parcel.deadlineMs, () => {
			settle({ kind: "retry", detail: `no answer within ${durationText(parcel.deadlineMs)}` });
			controller.abort();
		});
		underWay.add(controller);
		destination.inFlight += 1;
		attempt(parcel, controller.signal).then(settle, (thrown) => settle({ kind: "retry", detail: safeWord(thrown) }));
	}

	function settled(destination: Destination, lane: Lane, parcel: Parcel, result: SendResult): void {
		lane.attempts += 1;
		const { attempts } = lane;
		parcel.attempted(result, attempts);
		if (result.kind === "retry" && attempts < limits.attemptsMax) {
			retry(destination, lane, result.afterMs ?? 0);
		} else {
			finish(destination, lane);
			parcel.done(result.kind === "sent" ? result : { kind: "undeliverable", detail: result.detail, attempts });
		}
		pump(destination);
	}

	function retry(destination: Destination, lane: Lane, afterMs: number): void {
		const askedMs = Math.min(afterMs, limits.retryAfterMaxMs);
		if (askedMs > 0) destination.heldUntil = Math.max(destination.heldUntil, timers.now() + askedMs);
		const backOffMs = Math.min(limits.backOffMinMs * 2 ** (lane.attempts - 1), limits.backOffMaxMs);
		later(Math.max(backOffMs, askedMs), () => {
			destination.ready.push(lane);
			pump(destination);
		});
	}

	function finish(destination: Destination, lane: Lane): void {
		lane.parcels.shift();
		lane.attempts = 0;
		destination.parcels -= 1;
		if (lane.parcels.length > 0) destination.ready.push(lane);
		else destination.lanes.delete(lane.sender);
	}

	function destinationOf(name: string): Destination {
		const known = destinations.get(name);
		if (known !== undefined) return known;
		const lanes = new Map<string, Lane>();
		const fresh = { name, lanes, ready: [], inFlight: 0, parcels: 0, heldUntil: 0, isWaking: false };
		destinations.set(name, fresh);
		return fresh;
	}

	return {
		post(parcel) {
			if (isStopped) return;
			const destination = destinationOf(parcel.destination);
			if (destination.parcels >= limits.parcelsMax) {
				parcel.done({ kind: "undeliverable", detail: `${destination.parcels} are waiting already`, attempts: 0 });
				return;
			}
			destination.parcels += 1;
			const lane = destination.lanes.get(parcel.sender);
			if (lane !== undefined) {
				lane.parcels.push(parcel);
				return;
			}
			const opened = { sender: parcel.sender, parcels: [parcel], attempts: 0 };
			destination.lanes.set(parcel.sender, opened);
			destination.ready.push(opened);
			pump(destination);
		},
		pending: () => destinations.values().reduce((sum, { parcels }) => sum + parcels, 0),
		stop() {
			isStopped = true;
			for (const cancel of cancellations) cancel();
			for (const controller of underWay) controller.abort();
			destinations.clear();
		},
	};
}

/** A throw before the first await becomes a rejection like any other. */
async function attempt(parcel: Parcel, signal: AbortSignal): Promise<SendResult> {
	return await parcel.attempt(signal);
}

/**
 * What was thrown, in a word that cannot hold a secret: a system error's code, looked for in the causes, or the kind of
 * error. Messages of HTTP clients quote the address, which is a secret for most chats.
 */
export function safeWord(thrown: unknown): string {
	for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 8; error = error.cause, depth += 1) {
		const { code } = error as { readonly code?: unknown };
		if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
	}
	return thrown instanceof Error && /^[A-Za-z]{1,40}$/.test(thrown.name) ? thrown.name : "failed";
}
