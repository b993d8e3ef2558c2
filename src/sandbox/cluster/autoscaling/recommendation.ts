/** A change of less than this share isn't worth one. */
const TOLERANCE = 0.1;
/** In one go at most twice as many, and never fewer than these allowed. */
const STEP_FACTOR = 2;
const STEP_LEAST = 4;

export interface Recommendation {
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly replicas: number;
}

/** How many pods bring the utilization (in percent) of `ready` pods to its target. */
export function neededFor(current: number, ready: number, utilization: number, target: number): number {
	const ratio = utilization / target;
	if (Math.abs(ratio - 1) <= TOLERANCE) return current;
	return Math.ceil(ready * ratio);
}

/** Not lower than anything that was needed during the window: load that comes back finds its pods. */
export function stabilized(
	recommendations: readonly Recommendation[],
	needed: number,
	current: number,
	windowMs: number,
	now: number,
): number {
	if (needed >= current) return needed;
	const recent = recommendations.filter(({ at }) => at > now - windowMs).map(({ replicas }) => replicas);
	return Math.min(current, Math.max(needed, ...recent));
}

/** Within the bounds, with the reason when one of them says something else than what is wanted. */
export function bounded(
	wanted: number,
	current: number,
	min: number,
	max: number,
): { readonly replicas: number; readonly limit: { readonly reason: string; readonly message: string } | undefined } {
	const stepMost = Math.max(current * STEP_FACTOR, STEP_LEAST);
	if (wanted < min) {
		const message = "the desired replica count is less than the minimum replica count";
		return { replicas: min, limit: { reason: "TooFewReplicas", message } };
	}
	if (wanted > Math.min(max, stepMost)) {
		if (max <= stepMost) {
			const message = "the desired replica count is more than the maximum replica count";
			return { replicas: max, limit: { reason: "TooManyReplicas", message } };
		}
		const message = "the desired replica count is increasing faster than the maximum scale rate";
		return { replicas: stepMost, limit: { reason: "ScaleUpLimit", message } };
	}
	return { replicas: wanted, limit: undefined };
}
