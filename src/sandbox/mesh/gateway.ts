import { createServer } from "node:http";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { Endpoints, Running, SandboxApi } from "../contract.ts";
import { LOOPBACK, listenOnLoopback } from "../loopback.ts";
import { createTraffic } from "./metrics/traffic.ts";
import { workloadOf } from "./metrics/workloads.ts";
import { createProxy } from "./proxy/proxy.ts";
import { GATEWAY_GROUP, portsOf, type World } from "./routes/attachment.ts";
import { report } from "./routes/report.ts";
import { compileTable } from "./routes/table.ts";
import { createWatching } from "./watching.ts";

export interface GatewayOptions {
	readonly api: SandboxApi;
	readonly endpoints: Endpoints;
	/** 0: any free one. */
	readonly port: number;
	/** 0 up to, never including, 1. */
	readonly random?: () => number;
	/** Milliseconds since 1970; for how long pods are gone. */
	readonly now?: () => number;
}

/**
 * The mesh in front of the pods: one proxy on loopback that obeys HTTPRoutes, TrafficSplits and plain Services, by the
 * Host of a request, and says so in the routes' status. Rejects when the port is taken.
 */
export async function startGateway({
	api,
	endpoints,
	port,
	random = Math.random,
	now = Date.now,
}: GatewayOptions): Promise<Running & { readonly url: string; metrics(): string }> {
	const traffic = createTraffic(now);
	const watching = createWatching(api, (kind) => {
		// A pod's Deployment is known for sure once its ReplicaSet is.
		if (kind === "ReplicaSet") known = new Map();
		if (kind === "Pod" || kind === "ReplicaSet") countPods();
		else plan();
	});
	const objects = (kind: string, ...apiVersions: string[]) => watching.objects({ apiVersions, kind }).objects;
	const pods = objects("Pod", "v1");
	const replicaSets = objects("ReplicaSet", "apps/v1");
	const world: World = {
		services: objects("Service", "v1"),
		routes: objects("HTTPRoute", `${GATEWAY_GROUP}/v1`, `${GATEWAY_GROUP}/v1beta1`),
		gateways: objects("Gateway", `${GATEWAY_GROUP}/v1`, `${GATEWAY_GROUP}/v1beta1`),
		gatewayClasses: objects("GatewayClass", `${GATEWAY_GROUP}/v1`, `${GATEWAY_GROUP}/v1beta1`),
		splits: objects("TrafficSplit", ...[4, 3, 2, 1].map((version) => `split.smi-spec.io/v1alpha${version}`)),
		routeGroups: objects("HTTPRouteGroup", ...[4, 3, 2, 1].map((version) => `specs.smi-spec.io/v1alpha${version}`)),
	};
	let table = compileTable(world);
	let planned: NodeJS.Immediate | undefined;
	let known: ReadonlyMap<string, KubeObject> = new Map();

	/** Many changes of one moment make one new table. */
	function plan() {
		planned ??= setImmediate(() => {
			planned = undefined;
			table = compileTable(world);
			report(api, world, table, {
				address: LOOPBACK,
				now: new Date(now()).toISOString().replace(/\.\d+Z$/, "Z"),
				refused: traffic.statusRefused,
			});
		});
	}

	function countPods() {
		for (const [key, { metadata }] of known) {
			if (!pods.has(key)) traffic.podWent(metadata.namespace ?? "default", metadata.name);
		}
		for (const [key, pod] of pods) {
			if (known.get(key) === pod) continue;
			traffic.podIs(pod.metadata.namespace ?? "default", pod.metadata.name, workloadOf(pod, replicaSets));
		}
		known = new Map(pods);
	}

	const proxy = createProxy({
		table: () => table,
		endpoints,
		portsOf: (namespace, service) => portsOf(world.services.get(`${namespace}/${service}`)),
		random,
		count: traffic.count,
	});
	const server = createServer(proxy.handle);
	const own = await listenOnLoopback(server, port, "--gateway-port");
	return {
		url: `http://${LOOPBACK}:${own}`,
		metrics: traffic.render,
		async stop() {
			watching.stop();
			clearImmediate(planned);
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
				proxy.stop();
			});
		},
	};
}
