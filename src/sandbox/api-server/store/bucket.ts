import type { KubeObject } from "../../../domain/kube-object.ts";

/** The objects of one collection in one namespace. */
export interface Bucket {
	get(name: string): KubeObject | undefined;
	set(object: KubeObject): void;
	delete(name: string): void;
	/** In the order of names. */
	list(): readonly KubeObject[];
	size(): number;
}

/** Remembers the order of its names and its list until they change: listing is much more frequent than adding. */
export function createBucket(): Bucket {
	const objects = new Map<string, KubeObject>();
	let names: readonly string[] | undefined;
	let listed: readonly KubeObject[] | undefined;
	return {
		get: (name) => objects.get(name),
		set(object) {
			if (!objects.has(object.metadata.name)) names = undefined;
			listed = undefined;
			objects.set(object.metadata.name, object);
		},
		delete(name) {
			objects.delete(name);
			names = undefined;
			listed = undefined;
		},
		list() {
			if (listed) return listed;
			names ??= [...objects.keys()].sort();
			listed = names.flatMap((name) => objects.get(name) ?? []);
			return listed;
		},
		size: () => objects.size,
	};
}
