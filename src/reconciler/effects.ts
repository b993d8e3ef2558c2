import { contains } from "../domain/contains.ts";
import { invariant } from "../domain/invariant.ts";
import { describeRef, type KubeObject, type ObjectRef, refOf } from "../domain/kube-object.ts";
import { revisionOf } from "../workloads/revision.ts";
import {
	FINALIZER,
	routedService,
	type Scene,
	targetOf,
	wantedApex,
	wantedPrimary,
	wantedServices,
} from "./children.ts";
import type { Action } from "./decide/situation.ts";

/** One write to the API. */
export type Effect =
	/** Server-side apply; over what is there already, fields of others are taken. */
	| { readonly kind: "apply"; readonly object: KubeObject; readonly existing: KubeObject | undefined }
	/** JSON merge patch, for single fields of objects that others own. */
	| { readonly kind: "merge"; readonly ref: ObjectRef; readonly patch: object }
	| { readonly kind: "delete"; readonly ref: ObjectRef; readonly uid: string | undefined };

/** The writes that perform an action in this scene; none where all is as wanted already. Pure. */
export function effectsOf(action: Action, scene: Scene): readonly Effect[] {
	const { canary, objects, mesh } = scene;
	switch (action.do) {
		case "addFinalizer": {
			const finalizers = [...(canary.metadata.finalizers ?? []), FINALIZER];
			return [mergeInto(canary, { metadata: { finalizers, resourceVersion: canary.metadata.resourceVersion } })];
		}
		case "removeFinalizer": {
			const finalizers = (canary.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
			return [mergeInto(canary, { metadata: { finalizers, resourceVersion: canary.metadata.resourceVersion } })];
		}
		case "createPrimary":
			return [apply(wantedPrimary(scene, Math.max(1, targetOf(scene)?.spec.replicas ?? 1)), objects.primary)];
		case "keepServices": {
			const existing = [objects.primaryService, objects.candidateService];
			return wantedServices(scene)
				.map((wanted, index) => apply(wanted, existing[index]))
				.filter(({ object, existing: known }) => !contains(known, object));
		}
		case "pointApexAtPrimary":
			return [apply(wantedApex(scene, "primary"), objects.apexService)];
		case "pointApexAtTarget":
			return [apply(wantedApex(scene, "target"), objects.apexService)];
		case "introduce": {
			const service = routedService(scene);
			const object = service && mesh.adapter.introduce(service, objects.route);
			return object === undefined || contains(objects.route, object) ? [] : [applyExactly(object, objects.route)];
		}
		case "route": {
			const service = routedService(scene);
			const object = service && mesh.adapter.render(service, action.traffic, objects.route);
			return object === undefined || contains(objects.route, object) ? [] : [applyExactly(object, objects.route)];
		}
		case "scaleTarget":
			return scale(objects.target, action.replicas);
		case "scalePrimary":
			return scale(objects.primary, action.replicas);
		case "promote": {
			const target = targetOf(scene);
			// The copy is of what was judged, or nothing is copied: the scene is the one that was decided on.
			invariant(target !== undefined && revisionOf(target.spec.template) === action.revision, "another revision came");
			const { replicas } = (objects.primary?.spec ?? {}) as { replicas?: number };
			return [apply(wantedPrimary(scene, Math.max(replicas ?? 1, action.replicasMin)), objects.primary)];
		}
		case "releaseRoute":
		case "forgetRoute": {
			const service = routedService(scene);
			const { route } = objects;
			if (service === undefined || route === undefined) return [];
			const release = mesh.adapter[action.do === "releaseRoute" ? "release" : "forget"](service, route);
			if (release.kind === "delete") return [{ kind: "delete", ref: refOf(route), uid: route.metadata.uid }];
			return contains(route, release.object) ? [] : [applyExactly(release.object, route)];
		}
		case "orphanChildren":
			return [objects.primary, objects.primaryService, objects.candidateService].flatMap((object) => {
				const owners = object?.metadata.ownerReferences ?? [];
				const ownerReferences = owners.filter(({ uid }) => uid !== canary.metadata.uid);
				if (object === undefined || ownerReferences.length === owners.length) return [];
				return [mergeInto(object, { metadata: { ownerReferences } })];
			});
	}
}

/** What the log says an effect is about. */
export function describeEffect(effect: Effect): string {
	return effect.kind === "apply" ? describeRef(refOf(effect.object)) : describeRef(effect.ref);
}

function apply(object: KubeObject, existing: KubeObject | undefined): Extract<Effect, { kind: "apply" }> {
	return { kind: "apply", object, existing };
}

/**
 * Applies to exactly what was looked at: routes hold lists that are written whole, so a rule that somebody added since
 * would be lost, and a route that was deleted since would come back as half of itself.
 */
function applyExactly(object: KubeObject, existing: KubeObject | undefined): Effect {
	if (existing === undefined) return apply(object, existing);
	const { uid, resourceVersion } = existing.metadata;
	return apply(
		{ ...object, metadata: { ...object.metadata, uid, resourceVersion } as KubeObject["metadata"] },
		existing,
	);
}

function mergeInto(object: KubeObject, patch: object): Effect {
	return { kind: "merge", ref: refOf(object), patch };
}

function scale(object: KubeObject | undefined, replicas: number): readonly Effect[] {
	const asked = (object?.spec as { replicas?: number } | undefined)?.replicas ?? 1;
	if (object === undefined || asked === replicas) return [];
	return [mergeInto(object, { spec: { replicas } })];
}
