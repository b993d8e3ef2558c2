import type { KubeObject, ObjectMeta } from "../domain/kube-object.ts";
import type { RoutedService } from "./mesh-adapter.ts";

/**
 * On routes that we made, none on those that we found and only change. A route without it is somebody's: when the mark
 * is lost, we take care of less than before and never of more.
 */
export const CREATED_ANNOTATION = "haldane.dev/created";

/** True when the route was made by us, so that `spec.service` says what it looks like. */
export function isCreated(existing: KubeObject): boolean {
	return existing.metadata.annotations?.[CREATED_ANNOTATION] === "true";
}

/** Metadata of a route that we make: the user's own for the apex, our mark, and notices to leave it alone for Flux. */
export function createdMetadata({ apex, namespace, spec }: RoutedService): ObjectMeta {
	const { labels, annotations } = spec.apex ?? {};
	return {
		name: apex,
		namespace,
		...(labels === undefined ? {} : { labels }),
		annotations: {
			...annotations,
			[CREATED_ANNOTATION]: "true",
			"helm.toolkit.fluxcd.io/driftDetection": "disabled",
			"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
		},
	};
}
