import type { KubeObject } from "../../domain/kube-object.ts";
import { timeText } from "./clock.ts";
import type { Controller, Surroundings } from "./controller.ts";
import { type Condition, NODE, withCondition } from "./kinds.ts";

/** The machines of the sandbox; their pods all run in this process. */
export const NODES = ["sandbox-1", "sandbox-2", "sandbox-3"] as const;

const VERSION = "v1.34.0";
const HEARTBEAT_MS = 300_000;

/** The node's own address and the range of its pods' addresses: made up, as nothing is ever sent to them. */
export function nodeIP(name: string): string {
	return `172.18.0.${numberOf(name) + 1}`;
}

export function podRange(name: string): string {
	return `10.244.${numberOf(name)}`;
}

function numberOf(name: string): number {
	return NODES.indexOf(name as (typeof NODES)[number]) + 1;
}

/** Keeps the nodes there and Ready. */
export function createNodeController({ api, clock }: Surroundings): Controller {
	function work(name: string): number | undefined {
		if (api.get({ ...NODE, name }) === undefined) api.create(nodeOf(name));
		const now = timeText(clock.now());
		api.changeStatus({ ...NODE, name }, (status) => ({
			...status,
			addresses: [
				{ type: "InternalIP", address: nodeIP(name) },
				{ type: "Hostname", address: name },
			],
			capacity: RESOURCES,
			allocatable: RESOURCES,
			conditions: healthy
				.reduce<readonly Condition[]>(
					(all, condition) => withCondition(all, condition, now),
					(status.conditions ?? []) as readonly Condition[],
				)
				.map((condition) => ({ ...condition, lastHeartbeatTime: now })),
			daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
			nodeInfo: {
				architecture: "amd64",
				bootID: "",
				containerRuntimeVersion: "haldane-sandbox://1",
				kernelVersion: "none",
				kubeProxyVersion: VERSION,
				kubeletVersion: VERSION,
				machineID: name,
				operatingSystem: "linux",
				osImage: "Haldane sandbox",
				systemUUID: name,
			},
		}));
		return HEARTBEAT_MS;
	}

	return {
		name: "nodes",
		watches: [
			{
				kind: NODE,
				keysOf: ({ metadata: { name } }, type) =>
					type === "DELETED" && (NODES as readonly string[]).includes(name) ? [name] : [],
			},
		],
		first: NODES,
		work,
	};
}

const RESOURCES = { cpu: "8", memory: "16Gi", pods: "253", "ephemeral-storage": "100Gi" };

const healthy: readonly Condition[] = [
	condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
	condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
	condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
	condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];

function condition(type: string, status: Condition["status"], reason: string, message: string): Condition {
	return { type, status, reason, message };
}

function nodeOf(name: string): KubeObject {
	const isFirst = name === NODES[0];
	return {
		...NODE,
		metadata: {
			name,
			labels: {
				"beta.kubernetes.io/arch": "amd64",
				"beta.kubernetes.io/os": "linux",
				"kubernetes.io/arch": "amd64",
				"kubernetes.io/hostname": name,
				"kubernetes.io/os": "linux",
				...(isFirst ? { "node-role.kubernetes.io/control-plane": "" } : {}),
				"topology.kubernetes.io/region": "sandbox",
				"topology.kubernetes.io/zone": `zone-${numberOf(name)}`,
			},
		},
		spec: {
			podCIDR: `${podRange(name)}.0/24`,
			podCIDRs: [`${podRange(name)}.0/24`],
			providerID: `sandbox://${name}`,
		},
	};
}
