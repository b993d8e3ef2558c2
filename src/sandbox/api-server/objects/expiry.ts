import { instantOf } from "../../../domain/instant.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { World } from "./world.ts";

const EVENTS = "/events";
const KEPT_MS = 3_600_000;

/** Takes away the Events that nothing was added to for an hour, as a real API server does: else there were ever more. */
export function expireEvents({ store, now }: Pick<World, "store" | "now">): void {
	const oldest = now() - KEPT_MS;
	for (const event of store.list(EVENTS)) {
		if (lastTold(event) < oldest) store.remove(EVENTS, event.metadata.namespace, event.metadata.name);
	}
}

/** When it was told of last; of what says nothing, never. */
function lastTold({ metadata, lastTimestamp, eventTime, series }: KubeObject): number {
	const { lastObservedTime } = (series ?? {}) as { readonly lastObservedTime?: string };
	const times = [metadata.creationTimestamp, lastTimestamp, eventTime, lastObservedTime].map((time) =>
		typeof time === "string" ? (instantOf(time) ?? 0) : 0,
	);
	return Math.max(...times);
}
