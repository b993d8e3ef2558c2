import { type KubeObject, refOf } from "../../../domain/kube-object.ts";
import { Refusal } from "../../contract.ts";
import type { Controller, Surroundings } from "../controller.ts";
import { NAMESPACE } from "../kinds.ts";
import { isGone } from "../queue.ts";
import type { InventoryKind } from "./inventory.ts";

/** The namespaces that every cluster has. */
const OWN = ["default", "kube-node-lease", "kube-public", "kube-system"];
const FINALIZER = "kubernetes";
const LOOK_AGAIN_MS = 500;

interface Namespace extends KubeObject {
	readonly spec?: { readonly finalizers?: readonly string[] };
}

/** Furnishes new namespaces, and clears out those that are deleted. */
export function createNamespaceController(
	{ api }: Surroundings,
	options: { readonly kinds: () => readonly InventoryKind[] },
): Controller {
	function work(name: string): number | undefined {
		const namespace = api.get({ ...NAMESPACE, name }) as Namespace | undefined;
		if (namespace === undefined) {
			if (OWN.includes(name)) api.create({ ...NAMESPACE, metadata: { name } });
			return undefined;
		}
		if (namespace.metadata.deletionTimestamp !== undefined) return clear(namespace);
		api.changeStatus({ ...NAMESPACE, name }, (status) => ({ ...status, phase: "Active" }));
		furnish({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
		furnish({
			apiVersion: "v1",
			kind: "ConfigMap",
			metadata: { name: "kube-root-ca.crt", namespace: name },
			data: { "ca.crt": "" },
		});
		return undefined;
	}

	function furnish(object: KubeObject): void {
		if (api.get(refOf(object)) !== undefined) return;
		try {
			api.create(object);
		} catch (error) {
			if (!(error instanceof Refusal) || error.reason !== "AlreadyExists") throw error;
		}
	}

	/** Deletes what is in it; when all of that is gone, the namespace may go. */
	function clear(namespace: Namespace): number | undefined {
		const { name, resourceVersion } = namespace.metadata;
		const { finalizers = [] } = namespace.spec ?? {};
		if (!finalizers.includes(FINALIZER)) return undefined;
		const written = api.changeStatus({ ...NAMESPACE, name }, (status) => ({ ...status, phase: "Terminating" }));
		if (written?.metadata.resourceVersion !== resourceVersion) return LOOK_AGAIN_MS / 10;
		let left = 0;
		for (const { apiVersion, kind, namespaced } of options.kinds()) {
			if (!namespaced) continue;
			for (const object of api.list({ apiVersion, kind }, { namespace: name })) {
				if (object.metadata.deletionTimestamp === undefined) remove(object);
				if (api.get(refOf(object)) !== undefined) left += 1;
			}
		}
		if (left > 0) return LOOK_AGAIN_MS;
		const rest = finalizers.filter((one) => one !== FINALIZER);
		api.patch({ ...NAMESPACE, name }, { metadata: { resourceVersion }, spec: { finalizers: rest } });
		return undefined;
	}

	function remove(object: KubeObject): void {
		try {
			api.delete(refOf(object), { propagation: "Background" });
		} catch (error) {
			if (!isGone(error)) throw error;
		}
	}

	const home = ({ metadata: { namespace, name } }: KubeObject, type: string, furniture: string) =>
		type === "DELETED" && name === furniture && namespace !== undefined ? [namespace] : [];

	return {
		name: "namespaces",
		watches: [
			{ kind: NAMESPACE, keysOf: ({ metadata }) => [metadata.name] },
			{ kind: { apiVersion: "v1", kind: "ServiceAccount" }, keysOf: (object, type) => home(object, type, "default") },
			{
				kind: { apiVersion: "v1", kind: "ConfigMap" },
				keysOf: (object, type) => home(object, type, "kube-root-ca.crt"),
			},
		],
		first: OWN,
		work,
	};
}
