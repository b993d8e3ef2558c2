import { keyOf } from "../../domain/kube-object.ts";
import type { Endpoints, Running, SandboxApi } from "../contract.ts";
import { type CpuReading, createAutoscalerController } from "./autoscaling/autoscaler.ts";
import { type Clock, realClock } from "./clock.ts";
import type { Controller, Surroundings } from "./controller.ts";
import { createRecorder } from "./events.ts";
import { POD, SERVICE } from "./kinds.ts";
import { createNodeController } from "./nodes.ts";
import type { Images } from "./pods/images.ts";
import { createKubelet } from "./pods/kubelet.ts";
import { type StartPodServer, startPodServer } from "./pods/pod-server.ts";
import { createQueue, type Report } from "./queue.ts";
import { createEndpointSliceController } from "./services/endpoint-slices.ts";
import { createEndpoints } from "./services/endpoints.ts";
import { createEventExpiry } from "./upkeep/event-expiry.ts";
import { createGarbageCollector } from "./upkeep/garbage-collector.ts";
import { createInventory } from "./upkeep/inventory.ts";
import { createNamespaceController } from "./upkeep/namespaces.ts";
import { createDaemonSetController } from "./workloads/daemon-sets.ts";
import { createDeploymentController } from "./workloads/deployments.ts";
import { createReplicaSetController } from "./workloads/replica-sets.ts";

export interface ClusterOptions {
	readonly api: SandboxApi;
	readonly images: Images;
	readonly clock?: Clock;
	/** Told of what went wrong, by default on standard error; the cluster goes on and tries again. */
	readonly report?: Report;
	/** How a pod's program is started; by default as an HTTP server on loopback. */
	readonly startServer?: StartPodServer;
	/** What autoscalers read; by default every pod uses a tenth of the CPU that it asks for. */
	readonly cpuOf?: CpuReading;
	/** No more pods than this at a time; by default 500. */
	readonly podsMax?: number;
	/** Whether there are nodes, and pods run on them; true by default, else both are somebody else's work. */
	readonly runsPods?: boolean;
}

const IDLE_PERCENT = 10;
const PODS_MAX = 500;

/** Runs everything of a small Kubernetes but its API server: three nodes, its controllers, and pods that answer on loopback. */
export function startCluster({
	api,
	images,
	clock = realClock,
	report = (error, what) => console.error(`sandbox cluster, ${what}:`, error),
	startServer = startPodServer,
	cpuOf = () => IDLE_PERCENT,
	podsMax = PODS_MAX,
	runsPods = true,
}: ClusterOptions): Running & { endpoints: Endpoints } {
	const queue = createQueue({ clock, report, work });
	const surroundings: Surroundings = {
		api,
		clock,
		report,
		podsMax,
		events: createRecorder({ api, clock, report }),
		wake: (controller, key) => {
			endpoints.forget();
			queue.add(`${controller} ${key}`);
		},
	};
	const kubelet = createKubelet({ ...surroundings, images, startServer });
	const endpoints = createEndpoints({ api, addressOf: kubelet.addressOf });
	const garbage = createGarbageCollector(surroundings);
	const inventory = createInventory({ api, listener: garbage.note });
	const controllers: readonly Controller[] = [
		...(runsPods ? [createNodeController(surroundings), kubelet] : []),
		createReplicaSetController(surroundings),
		createDeploymentController(surroundings),
		createDaemonSetController(surroundings),
		createEndpointSliceController(surroundings),
		createAutoscalerController(surroundings, cpuOf),
		createEventExpiry(surroundings),
		garbage,
		inventory,
		createNamespaceController(surroundings, { kinds: inventory.kinds }),
	];
	const byName = new Map(controllers.map((controller) => [controller.name, controller]));

	function work(key: string): number | undefined {
		const space = key.indexOf(" ");
		return byName.get(key.slice(0, space))?.work(key.slice(space + 1));
	}

	const ends = [POD, SERVICE].map((kind) => api.watch(kind, () => endpoints.forget()));
	for (const { name, watches, first = [] } of controllers) {
		for (const key of first) queue.add(`${name} ${key}`);
		for (const { kind, keysOf } of watches) {
			ends.push(
				api.watch(kind, ({ object, type }) => {
					try {
						for (const key of keysOf(object, type)) queue.add(`${name} ${key}`);
					} catch (error) {
						// Whoever calls is the API server, which has others to tell.
						report(error, `${name} of ${object.kind} ${keyOf(object.metadata)}`);
					}
				}),
			);
		}
	}

	return {
		endpoints,
		async stop() {
			for (const end of ends) end();
			queue.stop();
			for (const controller of controllers) await controller.stop?.();
		},
	};
}
