import { messageOf } from "../domain/failure.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";
import { ApiError } from "./errors.ts";

export interface LeaseOptions {
	readonly client: Pick<KubeClient, "get" | "create" | "replace">;
	readonly namespace: string;
	readonly name: string;
	/** Unique to this process. */
	readonly identity: string;
	readonly clock: Clock;
	readonly log: Log;
	/** What whoever leads has to tell those who wait: the lease is annotated with it. */
	readonly annotations?: Readonly<Record<string, string>>;
	/** Hears what the one who leads has to tell, each time that the lease is found to be another's. */
	readonly told?: (annotations: Readonly<Record<string, string>>) => void;
	readonly durationMs?: number;
	/** A leader that could not renew for this long stops leading; shorter than the lease, so that two never lead. */
	readonly deadlineMs?: number;
	readonly retryMs?: number;
}

interface LeaseObject extends KubeObject {
	readonly spec?: {
		readonly holderIdentity?: string;
		readonly leaseDurationSeconds?: number;
		readonly acquireTime?: string;
		readonly renewTime?: string;
		readonly leaseTransitions?: number;
	};
}

/**
 * Leads while it can. Waits for the lease, calls `lead` with a signal that aborts when the lease is lost or the outer
 * signal aborts, and resolves when `lead` has ended and the lease is given back. Another's lease has run out when its
 * record has not changed for its duration by *our* clock: clocks of other machines do not matter, nor does the date.
 * A term ends when the lease is another's, or when the deadline has passed since the last renewal was *sent*: whatever
 * hangs, it ends before another could begin.
 */
export async function whileLeading(
	options: LeaseOptions,
	lead: (signal: AbortSignal) => Promise<void>,
	signal: AbortSignal,
): Promise<"stopped" | "lost"> {
	const { clock, log, durationMs = 15_000, deadlineMs = 10_000, retryMs = 2_000 } = options;
	const lease = `${options.namespace}/${options.name}`;
	// Renewed three times in its life: often enough to survive a failure, and rarely enough to be the only idle request.
	const renewMs = durationMs / 3;
	// Time enough for a second try before the deadline.
	const limits = { clock, log, limitMs: (deadlineMs - renewMs) / 2 };
	const election = new Election(options, durationMs);
	const acquire = (until: AbortSignal) => attempt(limits, until, (each) => election.acquire(each));
	const release = () => attempt(limits, new AbortController().signal, (each) => election.release(each));
	const leftMs = () => election.renewedAt + deadlineMs - clock.elapsed();

	while ((await acquire(signal)) !== "ours" || leftMs() <= 0) {
		await sleep(clock, retryMs, signal);
		if (signal.aborted) break;
	}
	if (signal.aborted) {
		await release();
		return "stopped";
	}
	log.info({ lease, identity: options.identity }, "leading");
	const term = new AbortController();
	const stop = () => term.abort();
	let isLost = false;
	const lose = (reason: string) => {
		if (term.signal.aborted) return;
		isLost = true;
		log.error({ lease, reason }, "the lease is lost, leading no more");
		term.abort();
	};
	const loseInTime = () => clock.after(leftMs(), () => lose("it was not renewed in time"));
	let spare = loseInTime();

	async function renew(): Promise<void> {
		for (let waitMs = renewMs; ; ) {
			await sleep(clock, waitMs, term.signal);
			if (term.signal.aborted) return;
			const outcome = await acquire(term.signal);
			if (outcome === "theirs") lose("another holds it");
			if (outcome === "ours") {
				spare();
				spare = loseInTime();
			}
			waitMs = outcome === "ours" ? renewMs : retryMs;
		}
	}

	signal.addEventListener("abort", stop, { once: true });
	const renewal = renew();
	try {
		await lead(term.signal);
	} finally {
		term.abort();
		spare();
		signal.removeEventListener("abort", stop);
		await renewal;
		if (!isLost) await release();
	}
	return isLost ? "lost" : "stopped";
}

/** Whose the lease is now; `unsettled` when it was changed under our hands. */
type Outcome = "ours" | "theirs" | "unsettled";

/** One contender's view of the lease. */
class Election {
	readonly #options: LeaseOptions;
	readonly #durationMs: number;
	#seen: { readonly record: string; readonly at: number } | undefined;
	#held: LeaseObject | undefined;
	/** A write was sent, and nothing is known of what came of it. */
	#isInDoubt = false;
	#renewedAt = Number.NEGATIVE_INFINITY;

	constructor(options: LeaseOptions, durationMs: number) {
		this.#options = options;
		this.#durationMs = durationMs;
	}

	/** When the last write that made it ours was sent, as the clock's `elapsed` counts. */
	get renewedAt(): number {
		return this.#renewedAt;
	}

	/** Takes or renews the lease, unless another holds it. Throws when the API does not answer. */
	async acquire(signal: AbortSignal): Promise<Outcome> {
		const { client, identity, clock } = this.#options;
		const wasHeld = this.#held !== undefined;
		const lease = this.#held ?? (await this.#read(signal));
		const holder = lease?.spec?.holderIdentity ?? "";
		if (lease !== undefined && holder !== "" && holder !== identity && !this.#hasRunOut(lease)) {
			this.#options.told?.(lease.metadata.annotations ?? {});
			return "theirs";
		}
		const sentAt = clock.elapsed();
		try {
			this.#isInDoubt = true;
			const wanted = this.#written(lease);
			const written = lease === undefined ? client.create(wanted, { signal }) : client.replace(wanted, { signal });
			this.#held = (await written) as LeaseObject;
			this.#isInDoubt = false;
			this.#renewedAt = sentAt;
			return "ours";
		} catch (thrown) {
			this.#held = undefined;
			this.#isInDoubt = !(thrown instanceof ApiError) || thrown.status === 0 || thrown.status >= 500;
			if (!(thrown instanceof ApiError) || thrown.status !== 409) throw thrown;
			// Whoever changed it while we held it may hold it now: that is worth knowing at once.
			return wasHeld ? this.acquire(signal) : "unsettled";
		}
	}

	/** Lets go of what is ours, so that the next one need not wait. */
	async release(signal: AbortSignal): Promise<void> {
		const lease = this.#held ?? (this.#isInDoubt ? await this.#read(signal) : undefined);
		this.#held = undefined;
		if (lease?.spec?.holderIdentity !== this.#options.identity) return;
		const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 };
		await this.#options.client.replace({ ...lease, spec }, { signal });
	}

	async #read(signal: AbortSignal): Promise<LeaseObject | undefined> {
		const { client, namespace, name } = this.#options;
		try {
			const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name };
			return (await client.get(ref, { signal })) as LeaseObject;
		} catch (thrown) {
			if (thrown instanceof ApiError && thrown.status === 404) return undefined;
			throw thrown;
		}
	}

	#hasRunOut({ metadata, spec }: LeaseObject): boolean {
		const now = this.#options.clock.elapsed();
		const record = metadata.resourceVersion ?? "";
		if (this.#seen?.record !== record) this.#seen = { record, at: now };
		const durationMs = (spec?.leaseDurationSeconds ?? 15) * 1_000;
		return now - this.#seen.at >= durationMs;
	}

	#written(lease: LeaseObject | undefined): LeaseObject {
		const { namespace, name, identity, clock, annotations } = this.#options;
		const now = microTime(clock.now());
		const isOurs = lease?.spec?.holderIdentity === identity;
		return {
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: {
				...(lease?.metadata ?? { namespace, name }),
				...(annotations && { annotations: { ...lease?.metadata.annotations, ...annotations } }),
			},
			spec: {
				holderIdentity: identity,
				leaseDurationSeconds: Math.round(this.#durationMs / 1_000),
				acquireTime: (isOurs ? lease.spec?.acquireTime : undefined) ?? now,
				renewTime: now,
				leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (isOurs || lease === undefined ? 0 : 1),
			},
		};
	}
}

interface AttemptLimits {
	readonly clock: Clock;
	readonly log: Log;
	readonly limitMs: number;
}

/** What comes of it within its time; undefined, and logged, when nothing does. */
async function attempt<T>(
	{ clock, log, limitMs }: AttemptLimits,
	signal: AbortSignal,
	act: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
	const limit = new AbortController();
	const stop = () => limit.abort();
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	const cancel = clock.after(limitMs, stop);
	try {
		return await act(limit.signal);
	} catch (thrown) {
		if (!signal.aborted) log.warn({ reason: messageOf(thrown) }, "the lease could not be read or written");
		return undefined;
	} finally {
		cancel();
		signal.removeEventListener("abort", stop);
	}
}

/** metav1.MicroTime: RFC 3339 with six digits. */
function microTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
