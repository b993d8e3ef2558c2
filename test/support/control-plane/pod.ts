import type { Condition, KubeObject } from "./kube-object.ts";

/** The parts of a pod that stand-ins read. */
export type Pod = KubeObject<PodSpec, PodStatus>;

/** What a pod is to run. */
export interface PodSpec {
	readonly nodeName?: string;
	readonly containers: readonly Container[];
	readonly terminationGracePeriodSeconds?: number;
}

/** One container; values from sources are not followed. */
export interface Container {
	readonly name: string;
	readonly image: string;
	readonly env?: readonly { readonly name: string; readonly value?: string }[];
	readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[];
}

/** What became of it. */
export interface PodStatus {
	readonly phase?: string;
	readonly podIP?: string;
	readonly conditions?: readonly Condition[];
}

/** A pod with this annotation at `"false"` runs but is not ready; taking the annotation away makes it ready. */
export const READY_ANNOTATION = "test.haldane.dev/ready";

/** Whether the test wants this pod ready. */
export function shouldBeReady({ metadata }: Pod): boolean {
	return metadata.annotations?.[READY_ANNOTATION] !== "false";
}

/** The status of a pod whose containers all run, as a kubelet writes it. */
export function runningStatus(
	pod: Pod,
	{ podIP, ready, now }: { readonly podIP: string; readonly ready: boolean; readonly now: string },
) {
	const condition = (type: string, holds: boolean) => ({
		type,
		status: holds ? "True" : "False",
		...(!holds && { reason: "ContainersNotReady" }),
		lastTransitionTime: now,
	});
	return {
		phase: "Running",
		podIP,
		podIPs: [{ ip: podIP }],
		hostIP: "10.77.0.1",
		startTime: now,
		conditions: [
			condition("PodScheduled", true),
			condition("Initialized", true),
			condition("ContainersReady", ready),
			condition("Ready", ready),
		],
		containerStatuses: pod.spec?.containers.map(({ name, image }) => ({
			name,
			image,
			imageID: image,
			ready,
			started: true,
			restartCount: 0,
			state: { running: { startedAt: now } },
		})),
	};
}
