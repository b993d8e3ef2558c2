import { messageOf } from "../domain/failure.ts";
import type { KubeObject, ObjectKey } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import { type BackOff, backOffMs } from "./back-off.ts";
import type { KubeClient, WatchLine } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";
import { ApiError } from "./errors.ts";
import type { Resource } from "./resources.ts";
import { type Change, type Index, Store } from "./store.ts";

/** Where a cache stands with the API server. */
type State =
	/** Nothing is known, or what is known is too old to go on from. */
	| { readonly kind: "empty" }
	| { readonly kind: "watching"; readonly resourceVersion: string }
	/** The cluster does not serve the resource. */
	| { readonly kind: "absent" };

export interface CacheOptions {
	readonly client: Pick<KubeClient, "list" | "watch">;
	readonly resource: Resource;
	/** Only this namespace; all when undefined. */
	readonly namespace?: string | undefined;
	/** Leaves objects out, as the API server understands it. */
	readonly fieldSelector?: string | undefined;
	/**
	 * Told when the resource turns out to be one that we have no right to read, and when that changes. Given for what the
	 * operator can do without; without it, it is waited for.
	 */
	readonly onAccess?: (mayRead: boolean, detail: string) => void;
	readonly indexes?: Readonly<Record<string, Index>>;
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
}

const BACK_OFF: BackOff = { firstMs: 100, mostMs: 10_000 };
/** A resource that is not served is looked for this often. */
const ABSENT_MS = 10_000;
/** What we have no right to read is asked for this often; and is so after this many refusals, for a server that has only just started refuses everything. */
const FORBIDDEN = { retryMs: 60_000, refusals: 4 };
/** A watch that ended sooner is waited after like one that failed: a server that closes each at once is not asked in a loop. */
const WATCH_LEAST_MS = 1_000;
/** After so many refusals in a row of one watch, what it goes on from may be what is wrong. */
const REFUSALS_MAX = 3;
/** Between these, at random, so that the watches of a process do not all end at once. */
const WATCH_SECONDS = { least: 240, most: 480 };

/**
 * One resource, as the API server has it. Reads are from memory; a list and then a watch keep it up to date, through
 * dropped connections, expired versions (410), cut-off lines and servers that fall silent. Readers never see half a list.
 */
export class ResourceCache {
	readonly #options: CacheOptions;
	readonly #store: Store;
	readonly #listeners = new Set<(change: Change) => void>();
	readonly #synced = Promise.withResolvers<void>();
	#isSynced = false;
	#mayRead = true;
	#state: State = { kind: "empty" };
	/** In a row: whatever brings the cache further sets it back. */
	#failures = 0;
	/** For want of the right, in a row: a list that is allowed is of no use without the watch. */
	#refusals = 0;

	constructor(options: CacheOptions) {
		this.#options = options;
		this.#store = new Store(options.indexes);
	}

	/** Resolves once there has been a first list, or the resource was found not to be served, or not to be read. */
	get synced(): Promise<void> {
		return this.#synced.promise;
	}

	get isSynced(): boolean {
		return this.#isSynced;
	}

	/** Whether what is here is what there is: false when we have no right to see it. */
	get mayRead(): boolean {
		return this.#mayRead;
	}

	get(key: ObjectKey): KubeObject | undefined {
		return this.#store.get(key);
	}

	list(): readonly KubeObject[] {
		return this.#store.list();
	}

	by(index: string, value: string): readonly KubeObject[] {
		return this.#store.by(index, value);
	}

	/** Takes the answer to a write of our own, so that it is read back at once. */
	remember(object: KubeObject): void {
		this.#tell(this.#store.remember(this.#trimmed(object)));
	}

	subscribe(listener: (change: Change) => void): void {
		this.#listeners.add(listener);
	}

	/** Lists and watches until the signal aborts. Never throws. */
	async run(signal: AbortSignal): Promise<void> {
		const { clock, random, log, resource } = this.#options;
		let wasExpired = false;
		while (!signal.aborted) {
			try {
				await this.#step(signal);
			} catch (thrown) {
				if (signal.aborted) return;
				const isExpired = statusOf(thrown) === 410;
				// The server is back and only wants a new list: what was waited for before does not count any more.
				this.#failures = isExpired && !wasExpired ? 1 : this.#failures + 1;
				wasExpired = isExpired;
				this.#refusals = statusOf(thrown) === 403 ? this.#refusals + 1 : 0;
				if (this.#isDoneWithout()) {
					this.#state = { kind: "empty" };
					this.#access(false, messageOf(thrown));
					await sleep(clock, FORBIDDEN.retryMs, signal);
					continue;
				}
				if (needsList(thrown, this.#failures)) this.#state = { kind: "empty" };
				const asked = thrown instanceof ApiError ? (thrown.retryAfterMs ?? 0) : 0;
				const waitMs = Math.max(asked, backOffMs(BACK_OFF, this.#failures, random));
				// A watch that ends early is everyday; one that cannot be had again and again is not.
				const level = this.#failures > 3 ? "warn" : "debug";
				log[level]({ resource: resource.plural, reason: messageOf(thrown), waitMs }, "watch interrupted");
				await sleep(clock, waitMs, signal);
			}
		}
	}

	async #step(signal: AbortSignal): Promise<void> {
		const state = this.#state;
		switch (state.kind) {
			case "empty":
			case "absent":
				this.#reached(await this.#relist(signal));
				if (this.#state.kind === "absent") await sleep(this.#options.clock, ABSENT_MS, signal);
				return;
			case "watching":
				return this.#watch(state.resourceVersion, signal);
		}
	}

	#reached(state: State): void {
		this.#state = state;
		this.#failures = 0;
	}

	async #relist(signal: AbortSignal): Promise<State> {
		const { client, resource, namespace, fieldSelector } = this.#options;
		const items: KubeObject[] = [];
		let next: string | undefined;
		let resourceVersion = "";
		try {
			do {
				const page = await client.list(resource, { namespace, fieldSelector, continue: next, signal });
				items.push(...page.items.flatMap((item) => this.#read(item) ?? []));
				resourceVersion = page.resourceVersion;
				next = page.continue;
			} while (next !== undefined);
		} catch (thrown) {
			if (statusOf(thrown) !== 404) throw thrown;
			this.#store.replace([], "").forEach(this.#tell, this);
			this.#sync();
			return { kind: "absent" };
		}
		this.#store.replace(items, resourceVersion).forEach(this.#tell, this);
		this.#sync();
		return { kind: "watching", resourceVersion };
	}

	/** One watch, from where the last one ended. What was seen before a break was seen: the next one goes on from there. */
	async #watch(from: string, signal: AbortSignal): Promise<void> {
		const { client, clock, resource, random, namespace, fieldSelector } = this.#options;
		const { least, most } = WATCH_SECONDS;
		const timeoutSeconds = Math.round(least + random() * (most - least));
		const startedAt = clock.elapsed();
		let resourceVersion = from;
		const options = { namespace, fieldSelector, resourceVersion, timeoutSeconds, signal };
		for await (const line of client.watch(resource, options)) {
			resourceVersion = this.#take(line) ?? resourceVersion;
			this.#reached({ kind: "watching", resourceVersion });
			// Not after a list alone: without the right to watch, what it said is soon too old.
			this.#access(true, "");
		}
		this.#access(true, "");
		if (clock.elapsed() - startedAt >= WATCH_LEAST_MS) this.#failures = 0;
		else throw new ApiError(`watch of ${resource.plural}: it ended at once`, { status: 0, reason: "NoAnswer" });
	}

	/** Takes one line of the watch; answers the version to go on from when it says one. */
	#take({ type, object }: WatchLine): string | undefined {
		if (type === "ERROR") {
			const status = object?.code ?? 500;
			const message = typeof object?.message === "string" ? object.message : "the watch ended with an error";
			throw new ApiError(`watch of ${this.#options.resource.plural}: ${message}`, { status, reason: "WatchError" });
		}
		const known = type === "BOOKMARK" ? undefined : this.#read(object);
		if (known !== undefined) this.#tell(type === "DELETED" ? this.#store.remove(known) : this.#store.put(known));
		return object?.metadata?.resourceVersion;
	}

	/** An object as we keep it; undefined, and logged, when it has no name to keep it by: one such must not stop the others. */
	#read(object: KubeObject | undefined): KubeObject | undefined {
		const name: unknown = object?.metadata?.name;
		if (object !== undefined && typeof name === "string" && name !== "") return this.#trimmed(object);
		this.#options.log.warn({ resource: this.#options.resource.plural }, "an object without a name is passed over");
		return undefined;
	}

	#tell(change: Change | undefined): void {
		if (change === undefined) return;
		for (const listener of this.#listeners) {
			try {
				listener(change);
			} catch (thrown) {
				const err = thrown instanceof Error ? thrown.stack : String(thrown);
				const { log, resource } = this.#options;
				log.error({ resource: resource.plural, key: change.key, err }, "a bug stopped one who was told of a change");
			}
		}
	}

	#sync(): void {
		this.#isSynced = true;
		this.#synced.resolve();
	}

	#isDoneWithout(): boolean {
		if (this.#options.onAccess === undefined || this.#refusals === 0) return false;
		return this.#refusals >= FORBIDDEN.refusals || !this.#mayRead;
	}

	#access(mayRead: boolean, detail: string): void {
		if (mayRead) this.#refusals = 0;
		if (mayRead === this.#mayRead) return;
		this.#mayRead = mayRead;
		this.#options.onAccess?.(mayRead, detail);
		this.#sync();
	}

	#trimmed(object: KubeObject): KubeObject {
		return this.#options.resource.metadataOnly ? identified(object, this.#options.resource) : trimmed(object);
	}
}

/** Which object it is, and in which version. An annotation of `kubectl apply` repeats all of a Secret's values. */
function identified({ metadata }: KubeObject, { apiVersion, kind }: Resource): KubeObject {
	const { name, namespace, uid, resourceVersion } = metadata;
	return { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } as KubeObject["metadata"] };
}

/** Whether there is no going on from what is known: it is too old, the resource is gone, or it is refused over and over. */
function needsList(thrown: unknown, failures: number): boolean {
	const status = statusOf(thrown);
	if (status === 410 || status === 404) return true;
	// Neither an unreachable server nor an overloaded one is helped by a list.
	const isAway = status === 429 || (status === 0 && thrown instanceof ApiError && thrown.reason !== "BrokenLine");
	return !isAway && failures >= REFUSALS_MAX;
}

function statusOf(thrown: unknown): number | undefined {
	return thrown instanceof ApiError ? thrown.status : undefined;
}

/** Without what nobody reads and what is often the largest part. */
function trimmed(object: KubeObject): KubeObject {
	if (object.metadata.managedFields === undefined) return object;
	const { managedFields: _unread, ...metadata } = object.metadata;
	return { ...object, metadata: metadata as KubeObject["metadata"] };
}
