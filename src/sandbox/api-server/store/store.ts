import type { KubeObject } from "../../../domain/kube-object.ts";
import { type Bucket, createBucket } from "./bucket.ts";
import { type Change, createHistory, type History } from "./history.ts";

/** What the store holds, as it is kept across restarts. */
export interface StoredState {
	readonly resourceVersion: number;
	/** Objects by collection. */
	readonly collections: Readonly<Record<string, readonly KubeObject[]>>;
}

/**
 * Objects by collection, namespace and name, under one growing resource version. Objects are immutable and shared. A
 * collection is named `group/plural`; what lives in no namespace is listed under the namespace undefined.
 */
export interface Store {
	resourceVersion(): number;
	get(collection: string, namespace: string | undefined, name: string): KubeObject | undefined;
	/** In the order of namespaces and names; without a namespace, of all of them. */
	list(collection: string, namespace?: string): readonly KubeObject[];
	/** As `list`, as it was at that resource version; undefined when the history doesn't reach back so far. */
	listAt(collection: string, namespace: string | undefined, resourceVersion: number): readonly KubeObject[] | undefined;
	/** Stores the object under the next resource version and returns it as it is stored. */
	put(collection: string, object: KubeObject): KubeObject;
	/** Returns the object as its last event tells of it; undefined when it isn't there. */
	remove(collection: string, namespace: string | undefined, name: string): KubeObject | undefined;
	/** What happened after that resource version; undefined when the history doesn't reach back so far. */
	changesSince(collection: string, resourceVersion: number): readonly Change[] | undefined;
	/** Calls with each change, at once; the listener must not write. Returns how to end it. */
	subscribe(collection: string, listener: (change: Change) => void): () => void;
	/** The collections that hold anything. */
	collections(): readonly string[];
	state(): StoredState;
}

interface Collection {
	readonly buckets: Map<string, Bucket>;
	readonly history: History;
	readonly listeners: Set<(change: Change) => void>;
}

/** How many changes of a collection are remembered, at the least. */
const HISTORY_MAX = 4096;

export function createStore(options: { readonly state?: StoredState; readonly historyMax?: number } = {}): Store {
	const first = options.state?.resourceVersion ?? 1;
	let latest = first;
	const collections = new Map<string, Collection>();

	function collectionOf(name: string): Collection {
		let found = collections.get(name);
		if (!found) {
			const history = createHistory({ since: first, max: options.historyMax ?? HISTORY_MAX });
			found = { buckets: new Map(), history, listeners: new Set() };
			collections.set(name, found);
		}
		return found;
	}

	function bucketOf(collection: Collection, namespace: string): Bucket {
		const found = collection.buckets.get(namespace) ?? createBucket();
		collection.buckets.set(namespace, found);
		return found;
	}

	function tell(collection: Collection, change: Change): void {
		collection.history.add(change);
		for (const listener of [...collection.listeners]) listener(change);
	}

	function list(name: string, namespace?: string): readonly KubeObject[] {
		const buckets = collections.get(name)?.buckets;
		if (!buckets) return [];
		if (namespace !== undefined) return buckets.get(namespace)?.list() ?? [];
		const names = [...buckets.keys()].sort();
		return names.flatMap((one) => buckets.get(one)?.list() ?? []);
	}

	for (const [name, objects] of Object.entries(options.state?.collections ?? {})) {
		const collection = collectionOf(name);
		for (const object of objects) bucketOf(collection, object.metadata.namespace ?? "").set(object);
	}

	return {
		resourceVersion: () => latest,
		get: (name, namespace, key) =>
			collections
				.get(name)
				?.buckets.get(namespace ?? "")
				?.get(key),
		list,
		listAt(name, namespace, resourceVersion) {
			if (resourceVersion > latest) return undefined;
			const changes = collectionOf(name).history.since(resourceVersion);
			if (!changes) return undefined;
			const now = list(name, namespace);
			return changes.length === 0 ? now : undone(now, changes, namespace);
		},
		put(name, object) {
			const collection = collectionOf(name);
			const bucket = bucketOf(collection, object.metadata.namespace ?? "");
			const previous = bucket.get(object.metadata.name);
			latest += 1;
			const stored = withVersion(object, latest);
			bucket.set(stored);
			tell(collection, { type: previous ? "MODIFIED" : "ADDED", resourceVersion: latest, object: stored, previous });
			return stored;
		},
		remove(name, namespace, key) {
			const collection = collectionOf(name);
			const bucket = bucketOf(collection, namespace ?? "");
			const previous = bucket.get(key);
			if (!previous) return undefined;
			latest += 1;
			bucket.delete(key);
			if (bucket.size() === 0) collection.buckets.delete(namespace ?? "");
			const object = withVersion(previous, latest);
			tell(collection, { type: "DELETED", resourceVersion: latest, object, previous });
			return object;
		},
		changesSince: (name, resourceVersion) =>
			resourceVersion > latest ? undefined : collectionOf(name).history.since(resourceVersion),
		subscribe(name, listener) {
			const { listeners } = collectionOf(name);
			// A listener of its own, so that subscribing the same function twice is two subscriptions.
			const own = (change: Change) => listener(change);
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		collections: () => [...collections].filter(([, { buckets }]) => buckets.size > 0).map(([name]) => name),
		state: () => ({
			resourceVersion: latest,
			collections: Object.fromEntries([...collections.keys()].map((name) => [name, list(name)])),
		}),
	};
}

/** The object with that resource version; what else it says is shared. */
export function withVersion(object: KubeObject, resourceVersion: number): KubeObject {
	return { ...object, metadata: { ...object.metadata, resourceVersion: String(resourceVersion) } };
}

/** The list as it was before the changes. */
function undone(
	now: readonly KubeObject[],
	changes: readonly Change[],
	namespace: string | undefined,
): readonly KubeObject[] {
	const keyed = new Map(now.map((object) => [keyIn(object), object]));
	for (const { object, previous } of changes.toReversed()) {
		if (namespace !== undefined && object.metadata.namespace !== namespace) continue;
		if (previous) keyed.set(keyIn(object), previous);
		else keyed.delete(keyIn(object));
	}
	return [...keyed].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object);
}

/** Sorts as lists do: namespaces first. No name holds a NUL, which comes before all that names hold. */
export function keyIn({ metadata }: KubeObject): string {
	return `${metadata.namespace ?? ""}\0${metadata.name}`;
}
