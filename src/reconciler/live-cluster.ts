import { API_VERSION } from "../api/canary.ts";
import { type KubeObject, keyOf, type ObjectRef } from "../domain/kube-object.ts";
import type { ResourceCache } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import type { RouteResource } from "../mesh-adapters/mesh-adapter.ts";
import type { Cluster } from "./cluster.ts";

/** The index of Canaries by `namespace/target`. */
export const TARGET_INDEX = "target";

/** The caches that a reconciler reads. Routes have theirs only once some Canary asks for that kind. */
export interface Caches {
	readonly canaries: ResourceCache;
	readonly deployments: ResourceCache;
	readonly services: ResourceCache;
	readonly metricTemplates: ResourceCache;
	readonly alertProviders: ResourceCache;
	/** Which there are, and nothing of what they hold. */
	readonly secrets: ResourceCache;
	/** Starts watching when first asked for; undefined until then. Resolves once it has what there is. */
	route(apiVersion: string, kind: string): ResourceCache | undefined;
	watchRoutes(apiVersion: string, resource: RouteResource, signal: AbortSignal): Promise<void>;
}

/** The real cluster: reads from watch caches, which remember our own writes; writes go to the API server. */
export function liveCluster(client: KubeClient, caches: Caches): Cluster {
	const cacheOf = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }) => {
		if (kind === "Canary") return caches.canaries;
		if (kind === "Deployment") return caches.deployments;
		if (kind === "Service" && apiVersion === "v1") return caches.services;
		return caches.route(apiVersion, kind);
	};
	const remembered = (object: KubeObject): KubeObject => {
		cacheOf(object)?.remember(object);
		return object;
	};
	return {
		canary: (key) => caches.canaries.get(key),
		canariesOn: (namespace, target) => caches.canaries.by(TARGET_INDEX, keyOf({ namespace, name: target })),
		deployment: (namespace, name) => caches.deployments.get(keyOf({ namespace, name })),
		service: (namespace, name) => caches.services.get(keyOf({ namespace, name })),
		route: (apiVersion, kind, namespace, name) => caches.route(apiVersion, kind)?.get(keyOf({ namespace, name })),
		metricTemplate: (namespace, name) => caches.metricTemplates.get(keyOf({ namespace, name })),
		alertProvider: (namespace, name) => caches.alertProviders.get(keyOf({ namespace, name })),
		hasSecret: (namespace, name) =>
			!caches.secrets.mayRead || caches.secrets.get(keyOf({ namespace, name })) !== undefined,
		async routeVersion(resource, versions, signal) {
			const served = await client.servedVersions(resource.group, signal);
			const version = versions.find((one) => served.includes(one));
			if (version === undefined) return undefined;
			const apiVersion = `${resource.group}/${version}`;
			await caches.watchRoutes(apiVersion, resource, signal);
			return apiVersion;
		},
		apply: async (object, { force, signal }) => remembered(await client.apply(object, { force, signal })),
		merge: async (ref, patch, signal) => remembered(await client.patch(ref, patch, { signal })),
		async remove(ref: ObjectRef, uid, signal) {
			await client.delete(ref, { ...(uid === undefined ? {} : { uid }), signal });
		},
		replaceStatus: async (canary, signal) =>
			remembered(await client.replaceStatus({ ...canary, apiVersion: API_VERSION }, { signal })),
	};
}
