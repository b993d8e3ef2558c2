import { contains } from "../domain/contains.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { allPrimary, type Traffic } from "../domain/traffic.ts";
import { isDeployment } from "../workloads/deployment.ts";
import { primarySelector, REVISION_ANNOTATION } from "../workloads/primary.ts";
import { readinessOf } from "../workloads/readiness.ts";
import { revisionOf } from "../workloads/revision.ts";
import { CANARY_ANNOTATION, type Service } from "../workloads/service.ts";
import { FINALIZER, labelOf, routedService, type Scene, targetOf, wantedServices } from "./children.ts";
import type { Observed, Obstacle } from "./decide/situation.ts";

/** What the scene looks like to `decide`. Pure; the same objects always look the same. */
export function observe(scene: Scene, problem: Obstacle | undefined): Observed {
	const { canary, objects } = scene;
	const { analysis } = canary.spec;
	const target = targetOf(scene);
	const obstacle = obstacleIn(scene);
	const route = routeSeen(scene);
	return {
		target: target && {
			...readinessOf(target, analysis?.canaryReadyThreshold ?? 100),
			revision: revisionOf(target.spec.template),
			generation: target.metadata.generation ?? 1,
		},
		primary: isDeployment(objects.primary)
			? {
					...readinessOf(objects.primary, analysis?.primaryReadyThreshold ?? 100),
					revision: objects.primary.metadata.annotations?.[REVISION_ANNOTATION],
				}
			: undefined,
		servicesInPlace: obstacle === undefined && target !== undefined && servicesInPlace(scene),
		apex: apexSide(scene),
		...route,
		hasFinalizer: canary.metadata.finalizers?.includes(FINALIZER) ?? false,
		deleting: canary.metadata.deletionTimestamp !== undefined,
		obstacle,
		problem,
	};
}

function servicesInPlace(scene: Scene): boolean {
	const { primaryService, candidateService } = scene.objects;
	const [primary, candidate] = wantedServices(scene);
	return contains(primaryService, primary) && contains(candidateService, candidate);
}

function apexSide(scene: Scene): Observed["apex"] {
	const selector = (scene.objects.apexService as Service | undefined)?.spec?.selector;
	if (scene.objects.apexService === undefined) return "absent";
	const target = targetOf(scene);
	const label = labelOf(scene);
	if (target === undefined || label === undefined) return "other";
	if (sameLabels(selector, primarySelector(target, label))) return "primary";
	return selectsPods(selector, target.spec.template.metadata?.labels) ? "target" : "other";
}

interface RouteSeen {
	readonly traffic: Traffic | undefined;
	readonly pair: Observed["pair"];
	readonly accepted: boolean;
	readonly refused: string | undefined;
	readonly routeReleased: boolean;
}

function routeSeen(scene: Scene): RouteSeen {
	const { adapter } = scene.mesh;
	const service = routedService(scene);
	if (adapter.resource === undefined) {
		return { traffic: allPrimary, pair: "known", accepted: true, refused: undefined, routeReleased: true };
	}
	if (service === undefined) {
		return { traffic: undefined, pair: "unknown", accepted: false, refused: undefined, routeReleased: true };
	}
	const { route } = scene.objects;
	const acceptance = adapter.accepted(service, route);
	const traffic = adapter.observe(service, route);
	// Who has the requests needs no introduction.
	const introduction = traffic === undefined ? adapter.introduce(service, route) : undefined;
	const isLeaving = scene.canary.metadata.deletionTimestamp !== undefined;
	return {
		traffic,
		pair: introduction === undefined ? "known" : contains(route, introduction) ? "named" : "unknown",
		accepted: acceptance.kind === "accepted",
		refused: route !== undefined && acceptance.kind === "refused" ? acceptance.detail : undefined,
		routeReleased: route === undefined || (isLeaving && isReleased(adapter.release(service, route), route)),
	};
}

function isReleased(release: ReturnType<Scene["mesh"]["adapter"]["release"]>, route: KubeObject): boolean {
	return release.kind === "write" && contains(route, release.object);
}

/** The first thing in our way that only a person can clear. */
function obstacleIn(scene: Scene): Obstacle | undefined {
	const { canary, objects, names, mesh } = scene;
	const namespace = names.namespace;
	const isNew = canary.status === undefined || canary.status.phase === "" || canary.status.phase === "Initializing";
	if (objects.target === undefined) {
		if (!isNew) return undefined;
		return { reason: "TargetMissing", message: `Deployment ${namespace}/${names.target} does not exist; create it` };
	}
	const target = targetOf(scene);
	if (target === undefined || labelOf(scene) === undefined) {
		const known = scene.settings.selectorLabels.join(", ");
		const message = `Deployment ${namespace}/${names.target} selects its pods by none of the labels ${known}; add one to its selector, or name its label with --selector-labels`;
		return { reason: "SelectorUnusable", message };
	}
	const keeper = objects.target.metadata.ownerReferences?.find(
		({ kind, controller }) => kind === "Canary" && controller,
	);
	if (keeper !== undefined) {
		const message = `Deployment ${namespace}/${names.target} is the primary of Canary ${keeper.name}; name the Deployment that you deploy to`;
		return { reason: "TargetUnusable", message };
	}
	if (canary.spec.service === undefined) {
		return { reason: "ServiceMissing", message: "spec.service is missing; say at least its port" };
	}
	if (mesh.adapter.resource !== undefined && mesh.apiVersion === undefined) {
		const { kind, group, versions } = mesh.adapter.resource;
		const message = `the cluster serves no ${kind} of ${group} (${versions.join(", ")}); install it, or choose another spec.provider`;
		return { reason: "RouteKindMissing", message };
	}
	return foreignChild(scene) ?? foreignApex(scene) ?? routeObstacle(scene);
}

function foreignChild({ canary, objects, names }: Scene): Obstacle | undefined {
	const children = [
		[objects.primary, `Deployment ${names.namespace}/${names.primary}`, "ForeignPrimary"],
		[objects.primaryService, `Service ${names.namespace}/${names.primaryService}`, "ForeignService"],
		[objects.candidateService, `Service ${names.namespace}/${names.candidateService}`, "ForeignService"],
	] as const;
	for (const [object, name, reason] of children) {
		if (object === undefined || object.metadata.deletionTimestamp !== undefined) continue;
		const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
		const isOurs = owner === undefined ? isMarked(object, canary.metadata.name) : owner.uid === canary.metadata.uid;
		if (!isOurs) return { reason, message: `${name} was not made by this Canary; delete or rename it` };
	}
	return undefined;
}

/** Made by a Canary of this name that is gone: its children may be taken over. */
function isMarked({ metadata }: KubeObject, canaryName: string): boolean {
	const { annotations } = metadata;
	return annotations?.[CANARY_ANNOTATION] === canaryName || annotations?.[REVISION_ANNOTATION] !== undefined;
}

function foreignApex(scene: Scene): Obstacle | undefined {
	const { objects, names } = scene;
	const apex = objects.apexService as Service | undefined;
	if (apex === undefined || apexSide(scene) !== "other") return undefined;
	if (apex.metadata.annotations?.[CANARY_ANNOTATION] === scene.canary.metadata.name) return undefined;
	const message = `Service ${names.namespace}/${names.apexService} selects other pods than those of Deployment ${names.target}; change its selector, or name another Service in spec.service.name`;
	return { reason: "ForeignService", message };
}

function routeObstacle(scene: Scene): Obstacle | undefined {
	const service = routedService(scene);
	return service && scene.mesh.adapter.obstacle(service, scene.objects.route);
}

function sameLabels(
	one: Readonly<Record<string, string>> | undefined,
	other: Readonly<Record<string, string>>,
): boolean {
	const keys = Object.keys(one ?? {});
	return keys.length === Object.keys(other).length && keys.every((key) => one?.[key] === other[key]);
}

/** Whether pods with these labels are selected; an empty selector selects none. */
function selectsPods(
	selector: Service["spec"]["selector"],
	labels: Readonly<Record<string, string>> | undefined,
): boolean {
	const entries = Object.entries(selector ?? {});
	return entries.length > 0 && entries.every(([key, value]) => labels?.[key] === value);
}
