import type { KubeObject, ObjectKey, ObjectRef } from "../domain/kube-object.ts";
import type { RouteResource } from "../mesh-adapters/mesh-adapter.ts";

/** The cluster as the reconciler needs it. Reads come from caches that hold our own writes at once; writes go out. */
export interface Cluster {
	canary(key: ObjectKey): KubeObject | undefined;
	/** Canaries in the namespace whose target has this name. */
	canariesOn(namespace: string, target: string): readonly KubeObject[];
	deployment(namespace: string, name: string): KubeObject | undefined;
	service(namespace: string, name: string): KubeObject | undefined;
	route(apiVersion: string, kind: string, namespace: string, name: string): KubeObject | undefined;
	metricTemplate(namespace: string, name: string): KubeObject | undefined;
	alertProvider(namespace: string, name: string): KubeObject | undefined;
	/** Whether there is a Secret of that name; taken to be so where the operator may not look. */
	hasSecret(namespace: string, name: string): boolean;
	/** The API version of the route that is served, the first of those preferred; asked of the API server at most now and then. */
	routeVersion(resource: RouteResource, versions: readonly string[], signal: AbortSignal): Promise<string | undefined>;
	/** Server-side apply as field manager `haldane`. */
	apply(object: KubeObject, options: { readonly force: boolean; readonly signal: AbortSignal }): Promise<KubeObject>;
	merge(ref: ObjectRef, patch: object, signal: AbortSignal): Promise<KubeObject>;
	remove(ref: ObjectRef, uid: string | undefined, signal: AbortSignal): Promise<void>;
	/** Writes the status if the Canary is still at the resource version that it carries; else throws a Failure with remedy `refetch`. */
	replaceStatus(canary: KubeObject, signal: AbortSignal): Promise<KubeObject>;
}
