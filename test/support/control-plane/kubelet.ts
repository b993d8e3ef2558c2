import { follow, type Running } from "./follow.ts";
import { keyedWork } from "./keyed-work.ts";
import type { KubeApi } from "./kube-api.ts";
import { conditionOf } from "./kube-object.ts";
import { type Pod, runningStatus, shouldBeReady } from "./pod.ts";

/** What makes pods run. Both may be called again for the same pod. */
export interface PodRuntime {
	/** Runs the pod and answers its address, the same one each time. */
	start(pod: Pod): Promise<string>;
	/** Resolves when the pod has ended in peace; also called for pods that vanished without notice. */
	stop(pod: Pod): Promise<void>;
}

/** How the stand-in runs pods. */
export interface KubeletOptions {
	readonly api: KubeApi;
	/** Pods that only have an address, unless given. */
	readonly runtime?: PodRuntime;
	/** Pods worked on at once; a pod that drains counts. */
	readonly atOnceMax?: number;
}

const NODE = "bed-node";

/**
 * Plays scheduler and kubelet of the one node `bed-node`: binds each pod, runs it, reports it Running and Ready (or not
 * ready, see READY_ANNOTATION), and ends terminating pods. One watch, however many pods; survives an API server restart.
 */
export async function startKubelet({
	api,
	runtime = addressesOnly(),
	atOnceMax = 48,
}: KubeletOptions): Promise<Running> {
	await registerNode(api);
	const pods = new Map<string, Pod>();
	/** What was last seen of a pod; an event that was under way when the pod was written is older than that. */
	const see = (pod: Pod) => {
		const known = pods.get(keyOf(pod));
		const isOlder = known !== undefined && known.metadata.uid === pod.metadata.uid && versionOf(known) > versionOf(pod);
		if (!isOlder) pods.set(keyOf(pod), { ...pod, apiVersion: "v1", kind: "Pod" });
	};
	const work = keyedWork(atOnceMax, async (key) => {
		const pod = pods.get(key);
		if (pod === undefined || isEnding(pod)) return;
		if (pod.metadata.deletionTimestamp !== undefined) return end(api, runtime, pod);
		const reported = await run(api, runtime, pod);
		if (pods.has(key)) see(reported);
	});
	const following = await follow<Pod>(
		api,
		{ apiVersion: "v1", kind: "Pod" },
		{
			seen(pod) {
				see(pod);
				work.wake(keyOf(pod));
			},
			gone(pod) {
				pods.delete(keyOf(pod));
				runtime.stop(pod).catch(() => {});
			},
		},
	);
	return {
		async stop() {
			await following.stop();
			await work.stop();
		},
	};
}

/** A runtime that runs nothing: each pod gets an address of 10.77.0.0/16 that nobody serves. */
export function addressesOnly(): PodRuntime {
	const addresses = podAddresses();
	return { start: async (pod) => addresses.of(pod), stop: async () => {} };
}

/** Gives each pod, by its UID, an address in 10.77.0.0/16 that no pod had before. */
export function podAddresses(): { of(pod: Pod): string } {
	const given = new Map<string, string>();
	return {
		of({ metadata: { uid = "" } }) {
			const known = given.get(uid);
			if (known !== undefined) return known;
			// 10.77.0.x stays free for the bed itself.
			const number = 256 + given.size;
			const address = `10.77.${(number >> 8) & 255}.${number & 255}`;
			given.set(uid, address);
			return address;
		},
	};
}

/** Binds and reports the pod where it is not yet; answers it as it is then. */
async function run(api: KubeApi, runtime: PodRuntime, pod: Pod): Promise<Pod> {
	const podIP = await runtime.start(pod);
	const ready = shouldBeReady(pod);
	if (pod.spec?.nodeName === undefined) {
		await api.post(pod, "binding", {
			apiVersion: "v1",
			kind: "Binding",
			metadata: { name: pod.metadata.name },
			target: { apiVersion: "v1", kind: "Node", name: NODE },
		});
	}
	const reported = conditionOf(pod.status?.conditions, "Ready")?.status === (ready ? "True" : "False");
	if (reported && pod.status?.podIP === podIP) return pod;
	const status = runningStatus(pod, { podIP, ready, now: new Date().toISOString() });
	return api.patch<Pod>(pod, { metadata: { uid: pod.metadata.uid }, status }, { subresource: "status" });
}

/** The API server says so of a pod in the moment in which it takes it away for good. */
function isEnding({ metadata }: Pod): boolean {
	return metadata.deletionGracePeriodSeconds === 0;
}

async function end(api: KubeApi, runtime: PodRuntime, pod: Pod): Promise<void> {
	await runtime.stop(pod);
	const { uid } = pod.metadata;
	await api.delete(pod, { gracePeriodSeconds: 0, ...(uid !== undefined && { uid }) });
}

async function registerNode(api: KubeApi): Promise<void> {
	const node = { apiVersion: "v1", kind: "Node", metadata: { name: NODE, labels: { "kubernetes.io/hostname": NODE } } };
	const room = { cpu: "1000", memory: "1000Gi", pods: "10000" };
	await api.apply(node, { fieldManager: "bed" });
	await api.patch(
		node,
		{
			status: {
				capacity: room,
				allocatable: room,
				addresses: [{ type: "InternalIP", address: "10.77.0.1" }],
				conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "stand-in" }],
			},
		},
		{ subresource: "status" },
	);
}

function keyOf({ metadata: { namespace, name } }: Pod): string {
	return `${namespace}/${name}`;
}

/** Opaque by contract, a growing number in fact. */
function versionOf({ metadata: { resourceVersion = "0" } }: Pod): number {
	return Number(resourceVersion);
}
