import type { Canary } from "../api/canary.ts";
import { invariant } from "../domain/invariant.ts";
import type { KubeObject, OwnerReference } from "../domain/kube-object.ts";
import type { MeshAdapter, RoutedService } from "../mesh-adapters/mesh-adapter.ts";
import { type Deployment, isDeployment } from "../workloads/deployment.ts";
import { type Names, namesOf } from "../workloads/names.ts";
import { primaryOf, primarySelector, type SelectorLabel, selectorLabelOf } from "../workloads/primary.ts";
import { serviceOf } from "../workloads/service.ts";

/** On the Canary: nothing of it is let go before the target answers by itself again. */
export const FINALIZER = "haldane.dev/release";

/** The objects of the cluster that one Canary is about, as the caches have them. */
export interface Objects {
	readonly target: KubeObject | undefined;
	readonly primary: KubeObject | undefined;
	readonly apexService: KubeObject | undefined;
	readonly primaryService: KubeObject | undefined;
	readonly candidateService: KubeObject | undefined;
	readonly route: KubeObject | undefined;
}

export interface Mesh {
	readonly adapter: MeshAdapter;
	/** The API version of the route that the cluster serves; undefined when it serves none, or none is needed. */
	readonly apiVersion: string | undefined;
	readonly provider: string;
}

export interface Settings {
	readonly selectorLabels: readonly string[];
	readonly includePrefixes: readonly string[];
}

/** One Canary with its objects and how they are named: what observing and acting both read. */
export interface Scene {
	readonly canary: Canary;
	readonly objects: Objects;
	readonly mesh: Mesh;
	readonly settings: Settings;
	readonly names: Names;
}

export function sceneOf(canary: Canary, objects: Objects, mesh: Mesh, settings: Settings): Scene {
	return { canary, objects, mesh, settings, names: namesOf(canary) };
}

export function targetOf({ objects }: Scene): Deployment | undefined {
	return isDeployment(objects.target) ? objects.target : undefined;
}

export function labelOf(scene: Scene): SelectorLabel | undefined {
	const target = targetOf(scene);
	return target && selectorLabelOf(target, scene.settings.selectorLabels);
}

function ownerOf({ canary }: Scene): OwnerReference {
	const { uid, name } = canary.metadata;
	invariant(uid !== undefined, `Canary ${name} has no uid`);
	return { apiVersion: canary.apiVersion, kind: canary.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function grounds(scene: Scene): { target: Deployment; label: SelectorLabel } {
	const target = targetOf(scene);
	const label = labelOf(scene);
	invariant(target !== undefined && label !== undefined, `no target to make children of`);
	return { target, label };
}

/** The primary as wanted, made of the target as it is in this scene. */
export function wantedPrimary(scene: Scene, replicas: number): KubeObject {
	const { target, label } = grounds(scene);
	const { includePrefixes } = scene.settings;
	return primaryOf({ target, name: scene.names.primary, label, replicas, owner: ownerOf(scene), includePrefixes });
}

/** The Services of the two versions as wanted. */
export function wantedServices(scene: Scene): readonly KubeObject[] {
	const { canary, names, objects } = scene;
	const { target, label } = grounds(scene);
	const common = { canary, target, label, owner: ownerOf(scene) };
	return [
		serviceOf({
			...common,
			name: names.primaryService,
			role: "primary",
			selector: primarySelector(target, label),
			existing: objects.primaryService,
		}),
		serviceOf({
			...common,
			name: names.candidateService,
			role: "candidate",
			selector: target.spec.selector.matchLabels ?? {},
			existing: objects.candidateService,
		}),
	];
}

/** The apex Service, selecting the pods of one side. */
export function wantedApex(scene: Scene, side: "primary" | "target"): KubeObject {
	const { canary, names, objects } = scene;
	const { target, label } = grounds(scene);
	const selector = side === "primary" ? primarySelector(target, label) : (target.spec.selector.matchLabels ?? {});
	return serviceOf({
		canary,
		target,
		label,
		name: names.apexService,
		role: "apex",
		selector,
		existing: objects.apexService,
	});
}

/** How the mesh adapter is told about this Canary; undefined when the cluster serves no route or none is needed. */
export function routedService({ canary, names, mesh }: Scene): RoutedService | undefined {
	const { service } = canary.spec;
	const isUnserved = mesh.adapter.resource !== undefined && mesh.apiVersion === undefined;
	if (service === undefined || isUnserved) return undefined;
	return {
		namespace: names.namespace,
		apex: names.apexService,
		primary: names.primaryService,
		candidate: names.candidateService,
		port: service.port,
		spec: service,
		apiVersion: mesh.apiVersion ?? "",
	};
}
