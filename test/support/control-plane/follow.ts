import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, Selection } from "./kube-api.ts";
import type { KubeObject } from "./kube-object.ts";

/** Something that goes on until it is stopped. */
export interface Running {
	stop(): Promise<void>;
}

/** What becomes of each object; level-triggered, so an object may be seen again without a change. */
export interface Sight<T> {
	seen(object: T): void;
	gone(object: T): void;
}

/**
 * Lists, then watches, for ever: a broken connection, an ended watch or an outage of the API server leads to a new list, and
 * what is missing from that list is gone. Objects that were there at the start are seen before it resolves.
 */
export async function follow<T extends KubeObject>(
	api: KubeApi,
	selection: Selection,
	sight: Sight<T>,
): Promise<Running> {
	const ending = new AbortController();
	const known = new Map<string, T>();
	const see = (object: T) => {
		known.set(keyOf(object), object);
		sight.seen(object);
	};
	const lose = (object: T) => {
		known.delete(keyOf(object));
		sight.gone(object);
	};
	const list = async (): Promise<string> => {
		const { items, resourceVersion } = await api.list<T>(selection);
		const listed = new Set(items.map(keyOf));
		for (const [key, object] of known) if (!listed.has(key)) lose(object);
		for (const item of items) see(item);
		return resourceVersion;
	};
	const watchOn = async (resourceVersion: string) => {
		const onEvent = ({ type, object }: { type: string; object: T }) =>
			type === "DELETED" ? lose(object) : see(object);
		await api.watch<T>(selection, resourceVersion, onEvent, ending.signal);
	};
	const goOn = async (first: string) => {
		let resourceVersion: string | undefined = first;
		while (!ending.signal.aborted) {
			try {
				await watchOn(resourceVersion ?? (await list()));
			} catch {
				await sleep(100);
			}
			resourceVersion = undefined;
		}
	};

	const done = goOn(await list());
	return {
		async stop() {
			ending.abort();
			await done;
		},
	};
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
	return `${namespace ?? ""}/${name}`;
}
