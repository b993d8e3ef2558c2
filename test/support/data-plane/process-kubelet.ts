import { type PodRuntime, podAddresses } from "../control-plane/kubelet.ts";
import type { Pod } from "../control-plane/pod.ts";
import { behaviourOf } from "./pod-behaviour.ts";
import { PodServer, type Served } from "./pod-server.ts";
import type { ScrapeTarget } from "./prometheus.ts";

/** How pods end, and who is told where they can be scraped. */
export interface ProcessRuntimeOptions {
	/** How long a terminating pod serves on; 1500 ms unless said. */
	readonly drainMs?: number;
	/** Called with all targets whenever a pod starts or ends. */
	readonly onTargets: (targets: readonly ScrapeTarget[]) => void;
}

/** What one pod has served so far; a pod that is gone keeps its count. */
export interface PodRecord extends Served {
	readonly namespace: string;
	readonly name: string;
	readonly version: string;
	/** Its port is closed. */
	readonly ended: boolean;
}

/** Pods as local web servers. Only inside the namespace of `in-namespace.sh`, where their addresses are local. */
export interface ProcessRuntime extends PodRuntime {
	/** Every pod there ever was, in order of its start. */
	records(): readonly PodRecord[];
	/** Cuts all servers off. */
	close(): Promise<void>;
}

interface RunningPod {
	readonly pod: Pod;
	readonly server: PodServer;
	readonly address: string;
	readonly listening: Promise<void>;
	ending: Promise<void> | undefined;
	ended: boolean;
}

/** Starts one server a pod, on the pod's own address, with the behaviour its env asks for. */
export function processRuntime({ drainMs = 1_500, onTargets }: ProcessRuntimeOptions): ProcessRuntime {
	const addresses = podAddresses();
	const everRun = new Map<string, RunningPod>();
	const announce = () => {
		// What a pod serves while it drains counts too, so it is scraped to its end.
		const scraped = [...everRun.values()].filter(({ ended }) => !ended);
		onTargets(scraped.map(({ pod, address }) => targetOf(pod, address)));
	};
	const begin = (pod: Pod): RunningPod => {
		const address = addresses.of(pod);
		const server = new PodServer({ address, pod: pod.metadata.name, behaviour: behaviourOf(pod) });
		const started: RunningPod = { pod, server, address, listening: server.listen(), ending: undefined, ended: false };
		everRun.set(pod.metadata.uid ?? "", started);
		announce();
		return started;
	};
	return {
		async start(pod) {
			const { address, listening } = everRun.get(pod.metadata.uid ?? "") ?? begin(pod);
			await listening;
			return address;
		},
		async stop({ metadata: { uid = "" } }) {
			const running = everRun.get(uid);
			if (running === undefined) return;
			running.ending ??= running.server.drain(drainMs).then(() => {
				running.ended = true;
				announce();
			});
			await running.ending;
		},
		records: () =>
			[...everRun.values()].map(({ pod, server, ended }) => ({
				namespace: pod.metadata.namespace ?? "",
				name: pod.metadata.name,
				version: behaviourOf(pod).version,
				ended,
				...server.served,
			})),
		async close() {
			await Promise.all([...everRun.values()].map(({ server, ending }) => ending ?? server.kill()));
		},
	};
}

function targetOf(pod: Pod, address: string): ScrapeTarget {
	return {
		target: `${address}:${behaviourOf(pod).port}`,
		labels: {
			...(pod.metadata.labels?.app !== undefined && { app: pod.metadata.labels.app }),
			kubernetes_namespace: pod.metadata.namespace ?? "",
			kubernetes_pod_name: pod.metadata.name,
		},
	};
}
