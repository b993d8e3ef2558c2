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
	/** Server-side apply; takes fields over from others only where it has to. */
	| { readonly kind: "apply"; readonly object: KubeObject }
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
			return [{ kind: "apply", object: wantedPrimary(scene, Math.max(1, targetOf(scene)?.spec.replicas ?? 1)) }];
		case "keepServices": {
			const existing = [objects.primaryService, objects.candidateService];
			return wantedServices(scene)
				.filter((wanted, index) => !contains(existing[index], wanted))
				.map((object) => ({ kind: "apply", object }));
		}
		case "pointApexAtPrimary":
			return [{ kind: "apply", object: wantedApex(scene, "primary") }];
		case "pointApexAtTarget":
			return [{ kind: "apply", object: wantedApex(scene, "target") }];
		case "route": {
			const service = routedService(scene);
			const object = service && mesh.adapter.render(service, action.traffic, objects.route);
			return object === undefined || contains(objects.route, object) ? [] : [{ kind: "apply", object }];
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
			return [{ kind: "apply", object: wantedPrimary(scene, Math.max(replicas ?? 1, action.replicasMin)) }];
		}
		case "releaseRoute": {
			const service = routedService(scene);
			if (service === undefined || objects.route === undefined) return [];
			const release = mesh.adapter.release(service, objects.route);
			if (release.kind === "write") return [{ kind: "apply", object: release.object }];
			return [{ kind: "delete", ref: refOf(objects.route), uid: objects.route.metadata.uid }];
		}
		case "orphanChildren":
			return [objects.primary, objects.primaryService, objects.candidateService]
				.filter((object) => object !== undefined)
				.map((object) => mergeInto(object, { metadata: { ownerReferences: null } }));
	}
}

/** What the log says an effect is about. */
export function describeEffect(effect: Effect): string {
	return effect.kind === "apply" ? describeRef(refOf(effect.object)) : describeRef(effect.ref);
}

function mergeInto(object: KubeObject, patch: object): Effect {
	return { kind: "merge", ref: refOf(object), patch };
}

function scale(object: KubeObject | undefined, replicas: number): readonly Effect[] {
	const asked = (object?.spec as { replicas?: number } | undefined)?.replicas ?? 1;
	if (object === undefined || asked === replicas) return [];
	return [mergeInto(object, { spec: { replicas } })];
}
