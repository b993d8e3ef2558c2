import { type KubeObject, keyOf, type ObjectRef, refOf } from "../../../../src/domain/kube-object.ts";
import {
	type Json,
	type KindRef,
	Refusal,
	type SandboxApi,
	type WatchEvent,
} from "../../../../src/sandbox/contract.ts";

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/** An API of what the mesh uses: kinds are served once `serve` says so; told are listeners in a microtask. */
export function fakeApi() {
	const served = new Set(["v1/Service", "v1/Pod", "apps/v1/ReplicaSet", nameOf(CRD)]);
	const objects = new Map<string, KubeObject>();
	const listeners = new Map<string, Set<(event: WatchEvent) => void>>();
	const writes: KubeObject[] = [];
	const keyOfRef = (ref: ObjectRef) => `${nameOf(ref)} ${keyOf(ref)}`;
	function nameOf({ apiVersion, kind }: KindRef) {
		return `${apiVersion}/${kind}`;
	}
	function require(kind: KindRef) {
		if (!served.has(nameOf(kind))) throw new Refusal(404, "NotFound", `no ${nameOf(kind)}`);
	}
	function tell(event: WatchEvent) {
		for (const listener of listeners.get(nameOf(event.object)) ?? []) queueMicrotask(() => listener(event));
	}
	const unused = () => {
		throw new Error("the mesh does not use this");
	};
	const api: SandboxApi = {
		get: (ref) => objects.get(keyOfRef(ref)),
		list: (kind) => [...objects.values()].filter((object) => nameOf(object) === nameOf(kind)),
		create: unused,
		update: unused,
		patch: unused,
		delete: unused,
		changeStatus(ref, change) {
			const object = objects.get(keyOfRef(ref));
			if (object === undefined) return undefined;
			const status = change((object.status ?? {}) as Json);
			if (JSON.stringify(status) === JSON.stringify(object.status ?? {})) return object;
			const written = { ...object, status };
			writes.push(written);
			objects.set(keyOfRef(ref), written);
			tell({ type: "MODIFIED", object: written });
			return written;
		},
		watch(kind, listener) {
			require(kind);
			const own = listeners.get(nameOf(kind)) ?? new Set();
			listeners.set(nameOf(kind), own.add(listener));
			for (const object of api.list(kind)) queueMicrotask(() => listener({ type: "ADDED", object }));
			return () => void own.delete(listener);
		},
	};
	return {
		api,
		writes,
		/** Writes an object as a person would; counts its generation. */
		put(object: KubeObject) {
			const key = keyOfRef(refOf(object));
			const before = objects.get(key);
			const generation = (before?.metadata.generation ?? 0) + 1;
			const put = { ...object, metadata: { ...object.metadata, generation } };
			objects.set(key, put);
			tell({ type: before === undefined ? "ADDED" : "MODIFIED", object: put });
		},
		remove(object: KubeObject) {
			objects.delete(keyOfRef(refOf(object)));
			tell({ type: "DELETED", object });
		},
		/** As when a CustomResourceDefinition is applied. */
		serve(apiVersion: string, kind: string) {
			served.add(`${apiVersion}/${kind}`);
			const [group = ""] = apiVersion.split("/");
			const metadata = { name: `${kind.toLowerCase()}s.${group}` };
			this.put({ ...CRD, metadata, spec: { group, names: { kind } } });
		},
		/** As when it is deleted; the objects come again with it, which spares tests to write them anew. */
		unserve(apiVersion: string, kind: string) {
			served.delete(`${apiVersion}/${kind}`);
			const [group = ""] = apiVersion.split("/");
			const metadata = { name: `${kind.toLowerCase()}s.${group}` };
			this.remove({ ...CRD, metadata, spec: { group, names: { kind } } });
		},
	};
}
