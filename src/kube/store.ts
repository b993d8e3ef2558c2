import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";

/** What happened to one object; `before` is undefined when it is new, `after` when it is gone. */
export interface Change {
	readonly key: ObjectKey;
	readonly before: KubeObject | undefined;
	readonly after: KubeObject | undefined;
}

export type Index = (object: KubeObject) => readonly string[];

/** Deleted objects whose late events have to be told from new ones; the oldest are forgotten. */
const TOMBSTONES_MAX = 1_000;

/**
 * The newest state that is known of each object. Invariants: an object is never replaced by an older version of itself,
 * whoever tells of it; indexes always agree with the objects.
 */
export class Store {
	readonly #objects = new Map<ObjectKey, KubeObject>();
	readonly #indexes: Readonly<Record<string, Index>>;
	readonly #indexed = new Map<string, Map<string, Set<ObjectKey>>>();
	readonly #tombstones = new Map<string, bigint>();

	constructor(indexes: Readonly<Record<string, Index>> = {}) {
		this.#indexes = indexes;
		for (const name of Object.keys(indexes)) this.#indexed.set(name, new Map());
	}

	get(key: ObjectKey): KubeObject | undefined {
		return this.#objects.get(key);
	}

	list(): readonly KubeObject[] {
		return [...this.#objects.values()];
	}

	by(index: string, value: string): readonly KubeObject[] {
		const keys = this.#indexed.get(index)?.get(value) ?? [];
		return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
	}

	/** Takes an object unless a newer version, or its deletion, is known. */
	put(object: KubeObject): Change | undefined {
		const key = keyOf(object.metadata);
		const before = this.#objects.get(key);
		if (before !== undefined && before.metadata.uid === object.metadata.uid && !isNewer(object, before))
			return undefined;
		const deletedAt = this.#tombstones.get(object.metadata.uid ?? "");
		if (deletedAt !== undefined && versionOf(object) <= deletedAt) return undefined;
		this.#unindex(key, before);
		this.#objects.set(key, object);
		this.#index(key, object);
		return { key, before, after: object };
	}

	/** Takes the deletion of an object, unless another one of that name has come since. */
	remove(object: KubeObject): Change | undefined {
		const key = keyOf(object.metadata);
		const { uid } = object.metadata;
		if (uid !== undefined) {
			this.#tombstones.set(uid, versionOf(object));
			if (this.#tombstones.size > TOMBSTONES_MAX) {
				const [oldest] = this.#tombstones.keys();
				if (oldest !== undefined) this.#tombstones.delete(oldest);
			}
		}
		const before = this.#objects.get(key);
		if (before === undefined || before.metadata.uid !== uid) return undefined;
		this.#unindex(key, before);
		this.#objects.delete(key);
		return { key, before, after: undefined };
	}

	/** Takes a whole list as of a version: what it lacks is gone, unless it came after the list was made. */
	replace(objects: readonly KubeObject[], resourceVersion: string): readonly Change[] {
		const listed = new Set(objects.map(({ metadata }) => keyOf(metadata)));
		const asOf = numeric(resourceVersion);
		const gone = [...this.#objects].filter(([key, object]) => !listed.has(key) && versionOf(object) <= asOf);
		const changes = gone.map(([, object]) => this.remove(object));
		changes.push(...objects.map((object) => this.put(object)));
		return changes.filter((change) => change !== undefined);
	}

	#index(key: ObjectKey, object: KubeObject): void {
		for (const [name, index] of Object.entries(this.#indexes)) {
			for (const value of index(object)) {
				const keys = this.#indexed.get(name)?.get(value);
				if (keys === undefined) this.#indexed.get(name)?.set(value, new Set([key]));
				else keys.add(key);
			}
		}
	}

	#unindex(key: ObjectKey, object: KubeObject | undefined): void {
		if (object === undefined) return;
		for (const [name, index] of Object.entries(this.#indexes)) {
			for (const value of index(object)) {
				const keys = this.#indexed.get(name)?.get(value);
				keys?.delete(key);
				if (keys?.size === 0) this.#indexed.get(name)?.delete(value);
			}
		}
	}
}

function isNewer(one: KubeObject, other: KubeObject): boolean {
	return versionOf(one) > versionOf(other);
}

function versionOf({ metadata }: KubeObject): bigint {
	return numeric(metadata.resourceVersion ?? "");
}

/** Resource versions of the Kubernetes API server are whole numbers that grow; what is none counts as newest. */
function numeric(version: string): bigint {
	return /^\d+$/.test(version) ? BigInt(version) : BigInt(Number.MAX_SAFE_INTEGER);
}
