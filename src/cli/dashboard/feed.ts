import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import type { ResourceCache } from "../../kube/cache.ts";
import type { DashboardPorts } from "../../server/dashboard/ports.ts";

type Source = Pick<ResourceCache, "isSynced" | "list" | "get" | "subscribe">;

/** The Canaries of whichever cache is in use: a replica that comes to lead has a new one. */
export interface Feed {
	readonly canaries: DashboardPorts["canaries"];
	/** Whether the cache in use knows what there is. */
	isFilled(): boolean;
	/** Takes the place of the cache before, and tells of every Canary of both. */
	use(source: Source): void;
}

export function createFeed(): Feed {
	const listeners = new Set<(key: string, canary: KubeObject | undefined) => void>();
	let current: Source | undefined;
	const tell = (key: string, canary: KubeObject | undefined) => {
		for (const listener of listeners) listener(key, canary);
	};
	return {
		canaries: {
			list: () => current?.list() ?? [],
			get: (key) => current?.get(key),
			subscribe(listener) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		isFilled: () => current?.isSynced ?? false,
		use(source) {
			const before = current?.list() ?? [];
			current = source;
			source.subscribe(({ key, after }) => {
				if (current === source) tell(key, after);
			});
			const keys = new Set([...before, ...source.list()].map(({ metadata }) => keyOf(metadata)));
			for (const key of keys) tell(key, source.get(key));
		},
	};
}
