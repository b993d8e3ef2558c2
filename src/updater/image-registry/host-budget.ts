import type { Instant } from "../../domain/instant.ts";
import { pause, type Timers } from "../../http/timers.ts";
import { retryAfter, spentUntil } from "./rate-limit.ts";

/** What a question is about; some registries count manifests and nothing else. */
export type Topic = "tags" | "manifests" | "token";

/** May be asked now, or not before an instant. `given up` is said when the signal aborted. */
export type Permit =
	| { readonly kind: "granted"; readonly done: () => void }
	| { readonly kind: "later"; readonly retryAt: Instant; readonly detail: string }
	| { readonly kind: "givenUp" };

/** What a host has answered, or that it has not. */
export type Outcome =
	| { readonly kind: "answer"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
	| { readonly kind: "unreachable" };

export interface Pace {
	readonly perSecond: number;
	/** Somebody waits for the answer: it does not queue behind those for whom any moment of the minute will do. */
	readonly first?: boolean | undefined;
}

export interface HostBudgets {
	/** Resolves when there is room; whoever is granted it calls `done` once. */
	enter(host: string, topic: Topic, pace: Pace, signal: AbortSignal): Promise<Permit>;
	/** Says when the host may be asked again, if not now. */
	record(host: string, topic: Topic, outcome: Outcome): Instant | undefined;
}

const AT_ONCE_MAX = 4;
const BURST = 20;
/** Whoever would wait for longer, or in a longer queue, is told to come again. */
const WAIT_MS_MAX = 60_000;
const QUEUE_MAX = 1_000;
const PUT_OFF_MS_MIN = 1_000;
/** So many answers of 500 in a row are the host's failure; fewer may be about one repository of it, which disturbs no other. */
const FAULTS_MAX = 3;
const BACK_OFF_MS = 5_000;
const BACK_OFF_MS_MAX = 600_000;
/** Hosts that are remembered; of more, those that are asked least recently start anew. */
const HOSTS_MAX = 1_000;

interface Host {
	/** When the next request would be due if all came evenly; it may be as far ahead as the burst allows. */
	due: Instant;
	/** The same of those alone that go first. */
	dueFirst: Instant;
	busy: number;
	waiting: number;
	readonly queue: Set<() => void>;
	failures: number;
	/** Answers of 500 since the last that was none. */
	faults: number;
	/** Until when nothing is asked, and why. */
	closed: { readonly until: Instant; readonly why: string } | undefined;
	/** Until when nothing is left of what is granted, by topic. */
	readonly spent: Map<Topic, Instant>;
}

/**
 * So much a second to each host, so many requests at once, none while the host asked for quiet or fails: after a failure the next
 * request waits for 5 s, twice as long after each further one, up to 10 min, less a random half. A 500 alone is no failure of the
 * host: it may be about what was asked. Those that go first have a burst
 * of their own; what they use the others wait for, so that in the long run it is so much a second all the same.
 */
export function hostBudgets({
	timers,
	random,
}: {
	readonly timers: Timers;
	readonly random: () => number;
}): HostBudgets {
	const hosts = new Map<string, Host>();

	function hostOf(name: string): Host {
		const known = hosts.get(name);
		const host = known ?? {
			due: 0,
			dueFirst: 0,
			busy: 0,
			waiting: 0,
			queue: new Set(),
			failures: 0,
			faults: 0,
			closed: undefined,
			spent: new Map(),
		};
		// The order of the map is that of the latest use.
		if (known !== undefined) hosts.delete(name);
		hosts.set(name, host);
		if (hosts.size > HOSTS_MAX)
			for (const [other, { busy, waiting }] of hosts) {
				if (busy + waiting > 0 || other === name) continue;
				hosts.delete(other);
				break;
			}
		return host;
	}

	function closedFor(name: string, host: Host, topic: Topic): Permit | undefined {
		const now = timers.now();
		if (host.closed !== undefined && host.closed.until > now) {
			return { kind: "later", retryAt: host.closed.until, detail: `${name} ${host.closed.why}` };
		}
		const spent = host.spent.get(topic);
		if (spent === undefined || spent <= now) return undefined;
		return { kind: "later", retryAt: spent, detail: `${name} grants no more requests for ${topic} in this window` };
	}

	/** Waits for a place among those at once; false when the signal aborted. */
	async function place(host: Host, signal: AbortSignal): Promise<boolean> {
		if (host.busy < AT_ONCE_MAX) {
			host.busy += 1;
			return true;
		}
		return new Promise((resolve) => {
			const take = () => {
				signal.removeEventListener("abort", leave);
				resolve(true);
			};
			const leave = () => {
				host.queue.delete(take);
				resolve(false);
			};
			host.queue.add(take);
			signal.addEventListener("abort", leave, { once: true });
		});
	}

	/** Gives the place on, to whoever has waited longest. */
	function leavePlace(host: Host): void {
		const [next] = host.queue;
		if (next === undefined) host.busy -= 1;
		else {
			host.queue.delete(next);
			next();
		}
	}

	return {
		enter: async (name, topic, { perSecond, first = false }, signal) => {
			if (signal.aborted) return { kind: "givenUp" };
			const host = hostOf(name);
			const closed = closedFor(name, host, topic);
			if (closed !== undefined) return closed;
			const now = timers.now();
			const everyMs = 1_000 / perSecond;
			const earliest = now - (BURST - 1) * everyMs;
			const due = Math.max(first ? host.dueFirst : host.due, earliest);
			const waitMs = Math.max(0, Math.ceil(due - now));
			if (waitMs > WAIT_MS_MAX || host.queue.size >= QUEUE_MAX) {
				const detail = `too many requests wait for ${name} already`;
				return { kind: "later", retryAt: now + Math.max(waitMs, PUT_OFF_MS_MIN), detail };
			}
			// Whoever goes first takes from the others what it is ahead of them.
			host.due = Math.max(host.due, earliest) + everyMs;
			if (first) host.dueFirst = due + everyMs;
			host.waiting += 1;
			try {
				if (waitMs > 0) await pause(timers, waitMs, signal);
				if (signal.aborted || !(await place(host, signal))) return { kind: "givenUp" };
			} finally {
				host.waiting -= 1;
			}
			// While this one waited another may have been told to stop.
			const closedMeanwhile = closedFor(name, host, topic);
			if (closedMeanwhile !== undefined) {
				leavePlace(host);
				return closedMeanwhile;
			}
			let isDone = false;
			const done = () => {
				if (!isDone) leavePlace(host);
				isDone = true;
			};
			return { kind: "granted", done };
		},
		record: (name, topic, outcome) => {
			const host = hostOf(name);
			const now = timers.now();
			const status = outcome.kind === "answer" ? outcome.status : 0;
			const headers = outcome.kind === "answer" ? outcome.headers : {};
			const spent = spentUntil(headers, now);
			if (spent !== undefined) host.spent.set(topic, spent);
			if (outcome.kind === "answer" && !isFailure(status)) {
				[host.failures, host.faults] = [0, 0];
				return undefined;
			}
			host.faults = status === 500 ? host.faults + 1 : 0;
			if (host.faults > 0 && host.faults < FAULTS_MAX && headers["retry-after"] === undefined) return undefined;
			// Of requests that were under way together the first failure counts.
			if (host.closed === undefined || host.closed.until <= now) host.failures += 1;
			const backOffMs = Math.min(BACK_OFF_MS * 2 ** (host.failures - 1), BACK_OFF_MS_MAX) * (0.5 + random() / 2);
			const asked = retryAfter(headers, now) ?? (status === 429 ? spent : undefined);
			const until = Math.max(
				asked === undefined ? now + Math.ceil(backOffMs) : Math.max(asked, now + PUT_OFF_MS_MIN),
				host.closed?.until ?? 0,
			);
			host.closed = { until, why: reasonOf(outcome) };
			return until;
		},
	};
}

/** 501 says "never"; the other 5xx and 429 say "not now". */
export function isFailure(status: number): boolean {
	return status === 429 || (status >= 500 && status !== 501);
}

function reasonOf(outcome: Outcome): string {
	if (outcome.kind === "unreachable") return "could not be reached";
	return outcome.status === 429 ? "has had too many requests (429)" : `failed (${outcome.status})`;
}
