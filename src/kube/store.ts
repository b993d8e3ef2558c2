import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";

/** What happened to one object; `before` is undefined when it is new, `after` when it is gone. */
export interface Change {
	readonly key: ObjectKey;
	readonly before: KubeObject | undefined;
	readonly after: KubeObject | undefined;
}

export type Index = (object: KubeObject) => readonly string[];

/**
 * The newest state that is known of each object. Invariants: an object is never replaced by an older one of its name,
 * whoever tells of it; what is known to be deleted does not come back; indexes always agree with the objects. Versions
 * that are no numbers cannot be compared: then whatever comes last counts.
 */
export class Store {
	readonly #objects = new Map<ObjectKey, KubeObject>();
	readonly #indexes: Readonly<Record<string, Index>>;
	readonly #indexed = new Map<string, Map<string, Set<ObjectKey>>>();
	/** All that happened up to here has been told, by a list and the watch that follows it. */
	#toldUpTo: bigint | undefined;

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

	/** Takes what a watch tells, in its order, unless a newer version is known. */
	put(object: KubeObject): Change | undefined {
		this.#tell(object);
		return this.#take(object);
	}

	/** Takes the answer to a write of our own, which may come long after the watch has told of it and of what followed. */
	remember(object: KubeObject): Change | undefined {
		const isDeleted = !this.#objects.has(keyOf(object.metadata)) && isUpTo(versionOf(object), this.#toldUpTo);
		return isDeleted ? undefined : this.#take(object);
	}

	/** Takes the deletion that a watch tells of, unless another object of that name has come since. */
	remove(object: KubeObject): Change | undefined {
		this.#tell(object);
		const key = keyOf(object.metadata);
		return this.#objects.get(key)?.metadata.uid === object.metadata.uid ? this.#drop(key) : undefined;
	}

	/** Takes a whole list as of a version: what it lacks is gone, unless it came after the list was made. */
	replace(objects: readonly KubeObject[], resourceVersion: string): readonly Change[] {
		const asOf = numeric(resourceVersion);
		// A list is never older than what was told before it, unless the server's data was set back: then the list is all there is.
		const isSetBack = asOf !== undefined && this.#toldUpTo !== undefined && asOf < this.#toldUpTo;
		this.#toldUpTo = asOf;
		const listed = new Set(objects.map(({ metadata }) => keyOf(metadata)));
		const gone = [...this.#objects].filter(
			([key, object]) => !listed.has(key) && (isSetBack || asOf === undefined || isUpTo(versionOf(object), asOf)),
		);
		const changes = gone.map(([key]) => this.#drop(key));
		return changes.concat(objects.flatMap((object) => this.#take(object, isSetBack) ?? []));
	}

	#tell(object: KubeObject): void {
		const version = versionOf(object);
		if (version !== undefined && !isUpTo(version, this.#toldUpTo)) this.#toldUpTo = version;
	}

	#take(object: KubeObject, evenIfOlder = false): Change | undefined {
		const key = keyOf(object.metadata);
		const before = this.#objects.get(key);
		if (before !== undefined) {
			const { resourceVersion } = before.metadata;
			if (resourceVersion !== undefined && resourceVersion === object.metadata.resourceVersion) return undefined;
			if (!evenIfOlder && isUpTo(versionOf(object), versionOf(before))) return undefined;
		}
		this.#unindex(key, before);
		this.#objects.set(key, object);
		this.#index(key, object);
		return { key, before, after: object };
	}

	#drop(key: ObjectKey): Change {
		const before = this.#objects.get(key);
		this.#unindex(key, before);
		this.#objects.delete(key);
		return { key, before, after: undefined };
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

/** Whether one is known not to come after the other. */
function isUpTo(one: bigint | undefined, other: bigint | undefined): boolean {
	return one !== undefined && other !== undefined && one <= other;
}

function versionOf({ metadata }: KubeObject): bigint | undefined {
	return numeric(metadata.resourceVersion ?? "");
}

/** Resource versions of the Kubernetes API server are whole numbers that grow. */
function numeric(version: string): bigint | undefined {
	return /^\d+$/.test(version) ? BigInt(version) : undefined;
}
