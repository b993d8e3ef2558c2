import type { Deployment, ReplicaSet } from "../kinds.ts";

/** How far a roll-out may go beyond and below the wanted number of pods. */
export interface Margins {
	readonly maxSurge: number;
	readonly maxUnavailable: number;
}

export function marginsOf({ spec }: Deployment): Margins {
	const replicas = spec.replicas ?? 1;
	if (spec.strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: replicas };
	const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
	const surge = scaled(maxSurge, replicas, Math.ceil);
	const unavailable = Math.min(scaled(maxUnavailable, replicas, Math.floor), replicas);
	// With neither margin nothing could ever move.
	return surge === 0 && unavailable === 0
		? { maxSurge: 0, maxUnavailable: 1 }
		: { maxSurge: surge, maxUnavailable: unavailable };
}

/** A number, or a share of `whole` such as `25%`. */
export function scaled(value: number | string, whole: number, round: (value: number) => number): number {
	if (typeof value === "number") return value;
	const percent = /^(\d+)%$/.exec(value)?.[1];
	return percent === undefined ? Number(value) || 0 : round((Number(percent) * whole) / 100);
}

export function replicasOf(set: ReplicaSet | undefined): number {
	return set?.spec.replicas ?? (set === undefined ? 0 : 1);
}

/** Pods that serve and that it will not be taking away. */
function availableOf(set: ReplicaSet | undefined): number {
	return Math.min(set?.status?.availableReplicas ?? 0, replicasOf(set));
}

/** How many pods the newest ReplicaSet may have now. */
export function newReplicas(
	deployment: Deployment,
	newest: ReplicaSet | undefined,
	old: readonly ReplicaSet[],
): number {
	const wanted = deployment.spec.replicas ?? 1;
	const has = replicasOf(newest);
	if (deployment.spec.strategy?.type === "Recreate" || has >= wanted) return wanted;
	const most = wanted + marginsOf(deployment).maxSurge;
	const all = old.reduce((sum, set) => sum + replicasOf(set), has);
	return all >= most ? has : Math.min(wanted, has + most - all);
}

/**
 * How many pods each of the older ReplicaSets (oldest first) keeps now: pods that don't serve go first, and no pod that
 * serves goes while fewer would be left than the Deployment promises.
 */
export function oldReplicas(
	deployment: Deployment,
	newest: ReplicaSet | undefined,
	old: readonly ReplicaSet[],
): ReadonlyMap<ReplicaSet, number> {
	const wanted = deployment.spec.replicas ?? 1;
	const leastAvailable = wanted - marginsOf(deployment).maxUnavailable;
	const all = old.reduce((sum, set) => sum + replicasOf(set), replicasOf(newest));
	const newUnavailable = replicasOf(newest) - availableOf(newest);
	let spare = all - leastAvailable - newUnavailable;
	const kept = new Map(old.map((set) => [set, replicasOf(set)]));
	const takeAway = (set: ReplicaSet, count: number): number => {
		const taken = Math.max(0, Math.min(count, kept.get(set) ?? 0));
		kept.set(set, (kept.get(set) ?? 0) - taken);
		return taken;
	};
	for (const set of old) spare -= takeAway(set, Math.min(spare, replicasOf(set) - availableOf(set)));
	const available = old.reduce((sum, set) => sum + availableOf(set), availableOf(newest));
	let spareAvailable = Math.min(spare, available - leastAvailable);
	for (const set of old) spareAvailable -= takeAway(set, spareAvailable);
	return kept;
}
