import { type KubeObject, refOf } from "../../../domain/kube-object.ts";
import { timeText } from "../clock.ts";
import type { Surroundings } from "../controller.ts";
import { type Condition, NODE, type Pod, withCondition } from "../kinds.ts";

const FROM = "default-scheduler";
const RETRY_MS = 5_000;

interface Node extends KubeObject {
	readonly spec?: { readonly unschedulable?: boolean };
}

/** Binds pods to nodes, one after the other. Returns in how many milliseconds to try again when none will have the pod. */
export function createScheduler({ api, clock, events }: Surroundings): (pod: Pod) => number | undefined {
	let turn = 0;

	return (pod) => {
		const nodes = api.list(NODE) as readonly Node[];
		const fitting = nodes.filter((node) => isOpen(node) && fits(node, pod)).sort(byName);
		const node = fitting[turn % Math.max(1, fitting.length)];
		if (node === undefined) {
			const message = `0/${nodes.length} nodes are available`;
			const condition: Condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
			api.changeStatus(refOf(pod), (status) => ({
				...status,
				phase: "Pending",
				conditions: withCondition(
					status.conditions as readonly Condition[] | undefined,
					condition,
					timeText(clock.now()),
				),
			}));
			events(pod, { type: "Warning", reason: "FailedScheduling", message, from: FROM });
			return RETRY_MS;
		}
		turn += 1;
		const { name } = node.metadata;
		api.patch(refOf(pod), { metadata: { uid: pod.metadata.uid }, spec: { nodeName: name } });
		const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${name}`;
		events(pod, { reason: "Scheduled", message, from: FROM });
		return undefined;
	};
}

export function fits({ metadata }: KubeObject, { spec }: Pick<Pod, "spec">): boolean {
	return Object.entries(spec.nodeSelector ?? {}).every(([name, value]) => metadata.labels?.[name] === value);
}

function isOpen({ spec, metadata }: Node): boolean {
	return spec?.unschedulable !== true && metadata.deletionTimestamp === undefined;
}

function byName(one: KubeObject, other: KubeObject): number {
	return one.metadata.name < other.metadata.name ? -1 : 1;
}
