import type { ImageLine, ImagesStanding, StreamEvent, Summary } from "../server/dashboard/wire.ts";

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
	/** By workload, such as `Deployment/shop/cart`. */
	readonly images: ReadonlyMap<string, readonly ImageLine[]>;
	readonly standing: ImagesStanding;
}

export const emptyWorld: World = {
	canaries: new Map(),
	series: new Map(),
	images: new Map(),
	standing: { isLoading: true, missing: [] },
};
/** Of each check; older ones fall off. */
const POINTS_MAX = 500;

export const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
	`${namespace}/${name}`;

export const workloadOf = ({ kind, namespace, name }: Pick<ImageLine, "kind" | "namespace" | "name">) =>
	`${kind}/${namespace}/${name}`;

/** The workload that the Canary has as its target, if its images are kept up to date. */
export function imagesUnder({ images }: World, { namespace, target }: Summary): string | undefined {
	const [kind = "", name = ""] = target.split(" ");
	const workload = workloadOf({ kind, namespace, name });
	return images.has(workload) ? workload : undefined;
}

/** The world after the event. */
export function taken(world: World, event: StreamEvent): World {
	switch (event.type) {
		case "gone": {
			const canaries = new Map(world.canaries);
			const series = new Map(world.series);
			canaries.delete(keyOf(event));
			series.delete(keyOf(event));
			return { ...world, canaries, series };
		}
		case "images": {
			const images = new Map(world.images);
			if (event.images.length === 0) images.delete(event.workload);
			else images.set(event.workload, event.images);
			return { ...world, images };
		}
		case "standing":
			return { ...world, standing: event.standing };
		case "changed":
			return { ...world, ...withCanaries(world.canaries, world.series, [event.canary]) };
		case "snapshot":
			return {
				...withCanaries(new Map(), world.series, event.canaries),
				images: Map.groupBy(event.images, workloadOf),
				standing: event.standing,
			};
	}
}

function withCanaries(
	known: World["canaries"],
	before: World["series"],
	changed: readonly Summary[],
): Pick<World, "canaries" | "series"> {
	const canaries = new Map(known);
	const series = new Map(before);
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
