import type { KubeObject } from "../../../domain/kube-object.ts";

/** What became of an object at a resource version. */
export interface Change {
	readonly type: "ADDED" | "MODIFIED" | "DELETED";
	readonly resourceVersion: number;
	/** Of what is deleted, the object as it was last, with the resource version of its deletion. */
	readonly object: KubeObject;
	/** As it was before; undefined for what is new. */
	readonly previous: KubeObject | undefined;
}

/** The latest changes of a collection, in order. */
export interface History {
	add(change: Change): void;
	/** What came after that resource version; undefined when some of it is forgotten. */
	since(resourceVersion: number): readonly Change[] | undefined;
}

/** Knows all from `since` on, until there are more than twice `max` changes: then it forgets the older half. */
export function createHistory(options: { readonly since: number; readonly max: number }): History {
	let changes: Change[] = [];
	let forgotten = options.since;
	return {
		add(change) {
			changes.push(change);
			if (changes.length <= options.max * 2) return;
			const kept = changes.slice(-options.max);
			forgotten = changes.at(-options.max - 1)?.resourceVersion ?? forgotten;
			changes = kept;
		},
		since(resourceVersion) {
			if (resourceVersion < forgotten) return undefined;
			let low = 0;
			let high = changes.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				if ((changes[middle]?.resourceVersion ?? 0) <= resourceVersion) low = middle + 1;
				else high = middle;
			}
			return changes.slice(low);
		},
	};
}
