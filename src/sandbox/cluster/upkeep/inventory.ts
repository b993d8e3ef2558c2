import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import { type KindRef, Refusal, type SandboxApi, type WatchEvent } from "../../contract.ts";
import type { Controller } from "../controller.ts";
import { CRD } from "../kinds.ts";

/** A kind whose objects may own others, be owned, or lie in a namespace. */
export interface InventoryKind extends KindRef {
	readonly namespaced: boolean;
}

/** All kinds that are served now, with their objects' changes. */
export interface Inventory extends Controller {
	kinds(): readonly InventoryKind[];
	stop(): Promise<void>;
}

interface CustomKind extends KubeObject {
	readonly spec: {
		readonly group: string;
		readonly scope: string;
		readonly names: { readonly kind: string };
		readonly versions: readonly { readonly name: string; readonly served?: boolean; readonly storage?: boolean }[];
	};
}

const RETRY_MS = 200;

/** Watches every built-in kind that the API serves, and custom ones as they come and go. */
export function createInventory(options: {
	readonly api: SandboxApi;
	readonly listener: (event: WatchEvent) => void;
}): Inventory {
	const { api, listener } = options;
	/** By key: the name of a CustomResourceDefinition, or of a built-in kind. */
	const watched = new Map<string, { readonly kind: InventoryKind; readonly end: () => void }>();

	function work(key: string): number | undefined {
		const kind = builtInKinds.get(key) ?? customKind(api.get({ ...CRD, name: key }) as CustomKind | undefined);
		const known = watched.get(key);
		if (known !== undefined && known.kind.apiVersion === kind?.apiVersion && known.kind.kind === kind.kind)
			return undefined;
		known?.end();
		watched.delete(key);
		if (kind === undefined) return undefined;
		try {
			watched.set(key, { kind, end: api.watch(kind, listener) });
			return undefined;
		} catch (error) {
			if (!(error instanceof Refusal) || error.code !== 404) throw error;
			// A built-in kind that the sandbox has no use for; a custom one is served as soon as it is established.
			return builtInKinds.has(key) ? undefined : RETRY_MS;
		}
	}

	return {
		name: "inventory",
		watches: [{ kind: CRD, keysOf: ({ metadata }) => [keyOf(metadata)] }],
		first: [...builtInKinds.keys()],
		work,
		kinds: () => [...watched.values()].map(({ kind }) => kind),
		async stop() {
			for (const { end } of watched.values()) end();
			watched.clear();
		},
	};
}

function customKind(crd: CustomKind | undefined): InventoryKind | undefined {
	if (crd === undefined) return undefined;
	const { group, scope, names, versions } = crd.spec;
	const version = versions.find(({ storage }) => storage === true) ?? versions[0];
	if (version === undefined) return undefined;
	return { apiVersion: `${group}/${version.name}`, kind: names.kind, namespaced: scope === "Namespaced" };
}

const namespacedKinds = {
	v1: [
		...["ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolumeClaim", "Pod", "PodTemplate"],
		...["ReplicationController", "ResourceQuota", "Secret", "Service", "ServiceAccount"],
	],
	"apps/v1": ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
	"autoscaling/v2": ["HorizontalPodAutoscaler"],
	"batch/v1": ["CronJob", "Job"],
	"coordination.k8s.io/v1": ["Lease"],
	"discovery.k8s.io/v1": ["EndpointSlice"],
	"networking.k8s.io/v1": ["Ingress", "NetworkPolicy"],
	"policy/v1": ["PodDisruptionBudget"],
	"rbac.authorization.k8s.io/v1": ["Role", "RoleBinding"],
};

const clusterKinds = {
	v1: ["Namespace", "Node", "PersistentVolume"],
	"rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding"],
};

const builtInKinds: ReadonlyMap<string, InventoryKind> = new Map([
	...named(namespacedKinds, true),
	...named(clusterKinds, false),
]);

function named(kinds: Readonly<Record<string, readonly string[]>>, namespaced: boolean): [string, InventoryKind][] {
	return Object.entries(kinds).flatMap(([apiVersion, names]) =>
		names.map((kind): [string, InventoryKind] => [`${apiVersion} ${kind}`, { apiVersion, kind, namespaced }]),
	);
}
