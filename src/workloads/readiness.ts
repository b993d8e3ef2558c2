import type { Deployment } from "./deployment.ts";
import type { Version } from "./version.ts";

/**
 * How far a Deployment's rollout is. Ready: its controller has seen the current generation, every replica is of it, no
 * older one is left, and at least `thresholdPercent` of those asked for are available. Never ready without replicas.
 */
export function readinessOf(
	{ metadata, spec, status }: Deployment,
	thresholdPercent: number,
): Omit<Version, "revision"> {
	const replicas = spec.replicas ?? 1;
	const isObserved = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
	const available = status?.availableReplicas ?? 0;
	const updated = status?.updatedReplicas ?? 0;
	const isRolledOut = isObserved && updated >= replicas && (status?.replicas ?? 0) <= updated;
	const isEnough = available >= Math.max(1, Math.floor((replicas * thresholdPercent) / 100));
	const deadline = status?.conditions?.find(({ type }) => type === "Progressing");
	const isStuck = isObserved && deadline?.status === "False" && deadline.reason === "ProgressDeadlineExceeded";
	return {
		replicas,
		available,
		ready: replicas > 0 && isRolledOut && isEnough,
		stalled: isStuck ? (deadline.message ?? "its progress deadline is exceeded") : undefined,
	};
}
