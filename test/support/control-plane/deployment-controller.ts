import { follow, type Running } from "./follow.ts";
import { keyedWork } from "./keyed-work.ts";
import type { KubeApi } from "./kube-api.ts";
import type { Condition, KubeObject } from "./kube-object.ts";

/** The controllers of the controller manager whose work the stand-in does; they have to be left out. */
export const REPLACED_CONTROLLERS = ["deployment-controller", "replicaset-controller"];

interface DeploymentStatus {
	readonly observedGeneration?: number;
	readonly replicas?: number;
	readonly conditions?: readonly Condition[];
}

type Deployment = KubeObject<{ readonly replicas?: number }, DeploymentStatus>;

/**
 * Plays the controllers of Deployments: whatever is asked for is reported as rolled out, running and ready, at once and
 * with one write. There are no ReplicaSets and no pods.
 */
export async function startDeploymentController(api: KubeApi): Promise<Running> {
	const deployments = new Map<string, Deployment>();
	const keyOf = ({ metadata: { namespace, name } }: Deployment) => `${namespace}/${name}`;
	const work = keyedWork(16, async (key) => {
		const deployment = deployments.get(key);
		if (deployment === undefined || deployment.status?.observedGeneration === deployment.metadata.generation) return;
		const status = rolledOut(deployment, new Date().toISOString());
		await api.patch(deployment, { metadata: { uid: deployment.metadata.uid }, status }, { subresource: "status" });
	});
	const following = await follow<Deployment>(
		api,
		{ apiVersion: "apps/v1", kind: "Deployment" },
		{
			seen(deployment) {
				deployments.set(keyOf(deployment), { ...deployment, apiVersion: "apps/v1", kind: "Deployment" });
				work.wake(keyOf(deployment));
			},
			gone: (deployment) => deployments.delete(keyOf(deployment)),
		},
	);
	return {
		async stop() {
			await following.stop();
			await work.stop();
		},
	};
}

/** A merge patch: a count of 0 is left out of a status, so it is taken away. */
function rolledOut({ metadata: { generation = 0 }, spec }: Deployment, now: string) {
	const replicas = spec?.replicas ?? 1;
	const count = replicas === 0 ? null : replicas;
	const condition = (type: string, reason: string) => ({
		type,
		status: "True",
		reason,
		message: "",
		lastUpdateTime: now,
		lastTransitionTime: now,
	});
	return {
		observedGeneration: generation,
		replicas: count,
		updatedReplicas: count,
		readyReplicas: count,
		availableReplicas: count,
		conditions: [
			condition("Available", "MinimumReplicasAvailable"),
			condition("Progressing", "NewReplicaSetAvailable"),
		],
	};
}
