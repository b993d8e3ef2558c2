import { type KubeObject, keyOf, refOf } from "../../../domain/kube-object.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import { EVENT } from "../kinds.ts";

/** As long as a real cluster keeps them. */
const KEPT_MS = 3_600_000;

/** Deletes Events, whoever wrote them, an hour after they last happened. */
export function createEventExpiry({ api, clock }: Surroundings): Controller {
	function work(key: string): number | undefined {
		const event = api.get({ ...EVENT, ...namesIn(key) });
		if (event === undefined) return undefined;
		const leftMs = lastTime(event) + KEPT_MS - clock.now();
		if (leftMs > 0) return leftMs;
		api.delete(refOf(event));
		return undefined;
	}

	return { name: "events", watches: [{ kind: EVENT, keysOf: ({ metadata }) => [keyOf(metadata)] }], work };
}

/** Milliseconds since the epoch; of an Event without any time that can be read, long ago. */
function lastTime({ metadata, lastTimestamp, series, eventTime }: KubeObject): number {
	const { lastObservedTime } = (series ?? {}) as { readonly lastObservedTime?: unknown };
	const times = [lastTimestamp, lastObservedTime, eventTime, metadata.creationTimestamp];
	return Math.max(0, ...times.flatMap((time) => (typeof time === "string" ? [Date.parse(time) || 0] : [])));
}
