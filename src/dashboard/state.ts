import type { StreamEvent, Summary } from "../server/dashboard/wire.ts";

/** One value of a check, as it was judged. */
export interface Point {
	readonly at: number;
	readonly value: number;
	readonly verdict: string;
}

/** A check's values since the page was opened. */
export interface Series {
	readonly name: string;
	readonly threshold: string | undefined;
	readonly points: readonly Point[];
}

/** What the page knows: replaced, never changed. */
export interface World {
	readonly canaries: ReadonlyMap<string, Summary>;
	/** By key and name of the check. */
	readonly series: ReadonlyMap<string, ReadonlyMap<string, Series>>;
}

export const emptyWorld: World = { canaries: new Map(), series: new Map() };
/** Of each check; older ones fall off. */
const POINTS_MAX = 500;

export const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
	`${namespace}/${name}`;

/** The world after the event. */
export function taken(world: World, event: StreamEvent): World {
	if (event.type === "gone") {
		const canaries = new Map(world.canaries);
		const series = new Map(world.series);
		canaries.delete(keyOf(event));
		series.delete(keyOf(event));
		return { canaries, series };
	}
	const changed = event.type === "snapshot" ? event.canaries : [event.canary];
	const canaries = new Map(event.type === "snapshot" ? [] : world.canaries);
	const series = new Map(world.series);
	for (const canary of changed) {
		canaries.set(keyOf(canary), canary);
		series.set(keyOf(canary), grown(series.get(keyOf(canary)) ?? new Map(), canary));
	}
	for (const key of series.keys()) if (!canaries.has(key)) series.delete(key);
	return { canaries, series };
}

function grown(known: ReadonlyMap<string, Series>, { checks }: Summary): ReadonlyMap<string, Series> {
	const next = new Map(known);
	for (const { name, value, threshold, verdict, at } of checks) {
		const points = next.get(name)?.points ?? [];
		const instant = Date.parse(at);
		const isNew = value !== undefined && points.at(-1)?.at !== instant;
		const more = isNew ? [...points, { at: instant, value, verdict }].slice(-POINTS_MAX) : points;
		next.set(name, { name, threshold, points: more });
	}
	return next;
}
