import type { KubeObject } from "../../domain/kube-object.ts";
import { isDeployment } from "../../workloads/deployment.ts";
import { revisionOf } from "../../workloads/revision.ts";
import type { Rollout } from "../decide/situation.ts";

/** What we read of a Canary's status; it may be one that was never looked at. */
interface Status {
	readonly phase?: string;
	readonly lastAppliedSpec?: string;
	readonly targetGeneration?: number;
	readonly run?: unknown;
	readonly history?: readonly {
		readonly revision?: string;
		readonly outcome?: string;
		readonly reason?: string;
		readonly message?: string;
	}[];
}

/**
 * How the Canary stands to what its target asks for now. `settled` also before it has looked at a new revision: whoever
 * waits for a rollout sees by the primary's image that this one has not begun.
 */
export function rolloutSeen(canary: KubeObject | undefined, target: KubeObject): Rollout {
	if (canary === undefined) return { kind: "none" };
	const status = (canary.status ?? {}) as Status;
	if (status.run !== undefined) return { kind: "running" };
	if (status.phase !== "Failed" || !isAbout(status, target)) return { kind: "settled" };
	const last = status.history?.[0];
	const why = last?.message ?? last?.reason ?? "its Canary failed";
	return { kind: "failed", why };
}

/** Whether what the status says is about the target's template as it is. */
function isAbout({ lastAppliedSpec, targetGeneration }: Status, target: KubeObject): boolean {
	if (targetGeneration !== undefined && targetGeneration === target.metadata.generation) return true;
	return isDeployment(target) && revisionOf(target.spec.template) === lastAppliedSpec;
}
