import { describeRef, type KubeObject, refOf } from "../domain/kube-object.ts";
import { sameTraffic, type Traffic } from "../domain/traffic.ts";
import { createdMetadata, isCreated } from "./created.ts";
import type { Capabilities, MeshAdapter, Obstacle, Release, RoutedService } from "./mesh-adapter.ts";
import { quantity } from "./quantity.ts";
import { requireWithin } from "./require-within.ts";
import { shapeObstacle } from "./shape.ts";
import { sharesOf } from "./shares.ts";

interface Backend {
	readonly service: string;
	/** Relative to the others; v1alpha1 also takes a quantity in text. */
	readonly weight: number | string;
}

interface SplitSpec {
	readonly service?: string;
	readonly backends?: readonly Backend[];
}

const can: Capabilities = { weights: true, mirror: false, mirrorPercent: false, headerMatch: false };

/**
 * SMI TrafficSplit: weights on named Services, nothing else, and no word back. A split that was there before keeps all
 * but its backends.
 */
export const trafficSplit = {
	can,
	resource: {
		group: "split.smi-spec.io",
		kind: "TrafficSplit",
		plural: "trafficsplits",
		// Newest first: the SDK serves v1alpha4 alone, and linkerd-smi's v1alpha2 means what its v1alpha1 does but has
		// plain numbers for weights. The whole numbers we write are good in all four.
		versions: ["v1alpha4", "v1alpha3", "v1alpha2", "v1alpha1"],
	},
	// Meshes that obey splits know every Service of the cluster.
	introduce: () => undefined,
	render(service, traffic, existing) {
		requireWithin(can, traffic);
		const said = existing && trafficOf(service, existing);
		// The same shares in other numbers, such as quantities, are as wanted.
		const isSaid = said !== undefined && sameTraffic(said, traffic);
		return splitObject(service, existing, isSaid ? backendsOf(existing) : pair(service, traffic, existing));
	},
	observe(service, existing) {
		return existing && trafficOf(service, existing);
	},
	accepted(service, existing) {
		if (existing !== undefined) return { kind: "accepted" };
		return { kind: "pending", detail: `TrafficSplit ${service.namespace}/${service.apex} is not written yet` };
	},
	obstacle(service, existing) {
		return foreignness(service, existing) ?? shapeObstacle(service.spec, "a TrafficSplit", []);
	},
	release: released,
	forget: released,
} satisfies MeshAdapter;

function released(service: RoutedService, existing: KubeObject): Release {
	if (isCreated(existing)) return { kind: "delete" };
	const backends = [{ service: service.apex, weight: 100 }, ...othersIn(service, existing)];
	return { kind: "write", object: splitObject(service, existing, backends) };
}

/** What in a split that we found keeps us from using it. */
function foreignness(service: RoutedService, existing: KubeObject | undefined): Obstacle | undefined {
	if (existing === undefined || isCreated(existing)) return undefined;
	const name = describeRef(refOf(existing));
	if (!isForApex(service, existing)) {
		const split = specOf(existing).service ?? "nothing";
		const message = `${name} splits the traffic of ${split}, not of ${service.apex}; delete or rename it`;
		return { reason: "ForeignRoute", message };
	}
	const others = othersIn(service, existing).filter(({ weight }) => quantity(weight) !== 0);
	if (others.length === 0) return undefined;
	const names = others.map((backend) => backend.service).join(", ");
	return { reason: "RouteUnusable", message: `${name} also sends requests to ${names}; take them out of its backends` };
}

/** The fields that are ours: all of a split that we make, the backends of one that we found. */
function splitObject(
	service: RoutedService,
	existing: KubeObject | undefined,
	backends: readonly Backend[],
): KubeObject {
	const { apex, apiVersion, namespace } = service;
	const kind = trafficSplit.resource.kind;
	if (existing !== undefined && !isCreated(existing)) {
		return { apiVersion, kind, metadata: { name: apex, namespace }, spec: { backends } };
	}
	return { apiVersion, kind, metadata: createdMetadata(service), spec: { service: hostOf(service), backends } };
}

function pair(service: RoutedService, traffic: Traffic, existing: KubeObject | undefined): readonly Backend[] {
	const at = (name: string, weight: number): Backend => ({
		...backendsOf(existing).find((backend) => backend.service === name),
		service: name,
		weight,
	});
	return [
		at(service.primary, traffic.primary),
		at(service.candidate, traffic.candidate),
		...(existing ? othersIn(service, existing) : []),
	];
}

/** Undefined unless the split is for our apex and every request goes to one of the pair. */
function trafficOf(service: RoutedService, existing: KubeObject): Traffic | undefined {
	if (!isForApex(service, existing)) return undefined;
	const weights = new Map<string, number>();
	for (const { service: name, weight } of backendsOf(existing)) {
		const number = quantity(weight);
		if (number === undefined) return undefined;
		weights.set(name, (weights.get(name) ?? 0) + number);
	}
	const isPair = (name: string) => name === service.primary || name === service.candidate;
	if ([...weights].some(([name, weight]) => weight !== 0 && !isPair(name))) return undefined;
	return sharesOf(weights.get(service.primary) ?? 0, weights.get(service.candidate) ?? 0);
}

/** Whose traffic is split: what clients call, by its first host if the Canary names any. */
function hostOf({ apex, spec }: RoutedService): string {
	return spec.hosts?.[0] ?? apex;
}

function isForApex(service: RoutedService, existing: KubeObject): boolean {
	const { apex, namespace } = service;
	const split = specOf(existing).service ?? "";
	if (isCreated(existing)) return split === hostOf(service);
	const names = [apex, `${apex}.${namespace}`, `${apex}.${namespace}.svc`, `${apex}.${namespace}.svc.cluster.local`];
	return split === hostOf(service) || names.includes(split);
}

/** Backends of a split that we found that are neither of the pair nor the apex itself: not ours to change. */
function othersIn({ apex, primary, candidate }: RoutedService, existing: KubeObject): readonly Backend[] {
	if (isCreated(existing)) return [];
	return backendsOf(existing).filter(({ service }) => service !== apex && service !== primary && service !== candidate);
}

function specOf(existing: KubeObject | undefined): SplitSpec {
	return (existing?.spec ?? {}) as SplitSpec;
}

function backendsOf(existing: KubeObject | undefined): readonly Backend[] {
	return specOf(existing).backends ?? [];
}
