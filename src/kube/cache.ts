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
		this.#tell(this.#store.put(this.#trimmed(object)));
	}

	subscribe(listener: (change: Change) => void): void {
		this.#listeners.add(listener);
	}

	/** Lists and watches until the signal aborts. Never throws. */
	async run(signal: AbortSignal): Promise<void> {
		const { clock, random, log, resource } = this.#options;
		let state: State = { kind: "empty" };
		let failures = 0;
		let wasExpired = false;
		while (!signal.aborted) {
			try {
				state = await this.#step(state, signal, () => {
					failures = 0;
				});
				if (state.kind === "absent") await sleep(clock, ABSENT_MS, signal);
			} catch (thrown) {
				if (signal.aborted) return;
				const isExpired = thrown instanceof ApiError && thrown.status === 410;
				// The server is back and only wants a new list: what was waited for before does not count any more.
				failures = isExpired && !wasExpired ? 1 : failures + 1;
				wasExpired = isExpired;
				if (isExpired) state = { kind: "empty" };
				if (thrown instanceof ApiError && thrown.status === 403 && this.#isDoneWithout(failures)) {
					state = { kind: "empty" };
					this.#access(false, thrown.message);
					await sleep(clock, FORBIDDEN.retryMs, signal);
					continue;
				}
				const waitMs = backOffMs(BACK_OFF, failures, random);
				// A watch that ends early is everyday; one that cannot be had again and again is not.
				const level = failures > 3 ? "warn" : "debug";
				log[level]({ resource: resource.plural, reason: messageOf(thrown), waitMs }, "watch interrupted");
				await sleep(clock, waitMs, signal);
			}
		}
	}

	async #step(state: State, signal: AbortSignal, progressed: () => void): Promise<State> {
		switch (state.kind) {
			case "empty":
			case "absent": {
				const next = await this.#relist(signal);
				progressed();
				return next;
			}
			case "watching":
				return this.#watch(state.resourceVersion, signal, progressed);
		}
	}

	async #relist(signal: AbortSignal): Promise<State> {
		const { client, resource, namespace, fieldSelector } = this.#options;
		const items: KubeObject[] = [];
		let next: string | undefined;
		let resourceVersion = "";
		try {
			do {
				const page = await client.list(resource, { namespace, fieldSelector, continue: next, signal });
				items.push(...page.items.map((item) => this.#trimmed(item)));
				resourceVersion = page.resourceVersion;
				next = page.continue;
			} while (next !== undefined);
		} catch (thrown) {
			if (!(thrown instanceof ApiError) || thrown.status !== 404) throw thrown;
			for (const change of this.#store.replace([], "")) this.#tell(change);
			this.#sync();
			return { kind: "absent" };
		}
		for (const change of this.#store.replace(items, resourceVersion)) this.#tell(change);
		this.#sync();
		return { kind: "watching", resourceVersion };
	}

	/** One watch, from where the last one ended. Ends in the state to go on from. */
	async #watch(from: string, signal: AbortSignal, progressed: () => void): Promise<State> {
		const { client, resource, random, namespace, fieldSelector } = this.#options;
		const { least, most } = WATCH_SECONDS;
		const timeoutSeconds = Math.round(least + random() * (most - least));
		let resourceVersion = from;
		try {
			const options = { namespace, fieldSelector, resourceVersion, timeoutSeconds, signal };
			for await (const line of client.watch(resource, options)) {
				resourceVersion = this.#take(line, resourceVersion);
				progressed();
				// Not after a list alone: without the right to watch, what it said is soon too old.
				this.#access(true, "");
			}
			this.#access(true, "");
		} catch (thrown) {
			// What was seen before the break was seen: the next watch goes on from there.
			const isBroken = thrown instanceof ApiError && thrown.status === 0 && resourceVersion !== from;
			if (!isBroken || signal.aborted) throw thrown;
		}
		return { kind: "watching", resourceVersion };
	}

	/** Takes one line of the watch; answers the version to go on from. */
	#take({ type, object }: WatchLine, resourceVersion: string): string {
		switch (type) {
			case "ERROR": {
				const status = object.code ?? 500;
				const message = typeof object.message === "string" ? object.message : "the watch ended with an error";
				throw new ApiError(`watch of ${this.#options.resource.plural}: ${message}`, { status, reason: "WatchError" });
			}
			case "BOOKMARK":
				break;
			case "DELETED":
				this.#tell(this.#store.remove(this.#trimmed(object)));
				break;
			case "ADDED":
			case "MODIFIED":
				this.#tell(this.#store.put(this.#trimmed(object)));
				break;
		}
		return object.metadata.resourceVersion ?? resourceVersion;
	}

	#tell(change: Change | undefined): void {
		if (change !== undefined) for (const listener of this.#listeners) listener(change);
	}

	#sync(): void {
		this.#isSynced = true;
		this.#synced.resolve();
	}

	#isDoneWithout(refusals: number): boolean {
		return this.#options.onAccess !== undefined && (refusals >= FORBIDDEN.refusals || !this.#mayRead);
	}

	#access(mayRead: boolean, detail: string): void {
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

/** Without what nobody reads and what is often the largest part. */
function trimmed(object: KubeObject): KubeObject {
	if (object.metadata.managedFields === undefined) return object;
	const { managedFields: _unread, ...metadata } = object.metadata;
	return { ...object, metadata: metadata as KubeObject["metadata"] };
}
