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
 * record has not changed for its duration by *our* clock: clocks of other machines do not matter.
 */
export async function whileLeading(
	options: LeaseOptions,
	lead: (signal: AbortSignal) => Promise<void>,
	signal: AbortSignal,
): Promise<"stopped" | "lost"> {
	const { clock, log, durationMs = 15_000, deadlineMs = 10_000, retryMs = 2_000 } = options;
	const election = new Election(options, durationMs);
	while (!(await attempt(() => election.acquire(signal), log))) {
		await sleep(clock, retryMs, signal);
		if (signal.aborted) return "stopped";
	}
	if (signal.aborted) {
		await attempt(() => election.release(), log);
		return "stopped";
	}
	log.info({ lease: `${options.namespace}/${options.name}`, identity: options.identity }, "leading");
	const term = new AbortController();
	const stop = () => term.abort();
	signal.addEventListener("abort", stop, { once: true });
	const work = lead(term.signal).finally(stop);
	// Renewed three times in its life: often enough to survive a failure, and rarely enough to be the only idle request.
	const renewMs = durationMs / 3;
	let renewedAt = clock.now();
	let waitMs = renewMs;
	let lost = false;
	while (!term.signal.aborted) {
		await sleep(clock, waitMs, term.signal);
		if (term.signal.aborted) break;
		const isRenewed = await attempt(() => election.acquire(term.signal), log);
		waitMs = isRenewed ? renewMs : retryMs;
		if (isRenewed) renewedAt = clock.now();
		else if (clock.now() - renewedAt >= deadlineMs) {
			lost = true;
			log.error({ lease: `${options.namespace}/${options.name}` }, "the lease is lost, leading no more");
			term.abort();
		}
	}
	await work;
	signal.removeEventListener("abort", stop);
	if (!lost) await attempt(() => election.release(), log);
	return lost ? "lost" : "stopped";
}

/** One contender's view of the lease. */
class Election {
	readonly #options: LeaseOptions;
	readonly #durationMs: number;
	#seen: { readonly record: string; readonly at: number } | undefined;
	#held: LeaseObject | undefined;

	constructor(options: LeaseOptions, durationMs: number) {
		this.#options = options;
		this.#durationMs = durationMs;
	}

	/** Takes or renews the lease; false when another holds it. Throws when the API does not answer. */
	async acquire(signal: AbortSignal): Promise<boolean> {
		const { client, identity, clock } = this.#options;
		const lease = this.#held ?? (await this.#read(signal));
		if (lease === undefined) {
			this.#held = (await client.create(this.#written(undefined), { signal })) as LeaseObject;
			return true;
		}
		const holder = lease.spec?.holderIdentity ?? "";
		if (holder !== "" && holder !== identity && !this.#hasRunOut(lease, clock.now())) return false;
		try {
			this.#held = (await client.replace(this.#written(lease), { signal })) as LeaseObject;
			return true;
		} catch (thrown) {
			this.#held = undefined;
			if (thrown instanceof ApiError && thrown.status === 409) return false;
			throw thrown;
		}
	}

	/** Lets go, so that the next one need not wait. */
	async release(): Promise<void> {
		if (this.#held === undefined) return;
		const { spec, ...rest } = this.#held;
		this.#held = undefined;
		await this.#options.client.replace({ ...rest, spec: { ...spec, holderIdentity: "", leaseDurationSeconds: 1 } });
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

	#hasRunOut({ metadata, spec }: LeaseObject, now: number): boolean {
		const record = metadata.resourceVersion ?? "";
		if (this.#seen?.record !== record) this.#seen = { record, at: now };
		const durationMs = (spec?.leaseDurationSeconds ?? 15) * 1_000;
		return now - this.#seen.at >= durationMs;
	}

	#written(lease: LeaseObject | undefined): LeaseObject {
		const { namespace, name, identity, clock } = this.#options;
		const now = microTime(clock.now());
		const isOurs = lease?.spec?.holderIdentity === identity;
		return {
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: lease?.metadata ?? { namespace, name },
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

async function attempt(act: () => Promise<unknown>, log: Log): Promise<boolean> {
	try {
		return (await act()) !== false;
	} catch (thrown) {
		log.warn({ reason: messageOf(thrown) }, "the lease could not be written");
		return false;
	}
}

/** metav1.MicroTime: RFC 3339 with six digits. */
function microTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
