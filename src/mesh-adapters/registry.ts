import type { SupportedProvider } from "../api/canary.ts";
import { gatewayApi } from "./gateway-api.ts";
import type { MeshAdapter } from "./mesh-adapter.ts";
import { plainService } from "./plain-service.ts";
import { trafficSplit } from "./traffic-split.ts";

/** Every interface to a mesh or an ingress. */
export const meshAdapters = {
	"gateway-api": gatewayApi,
	"plain-service": plainService,
	"traffic-split": trafficSplit,
} as const satisfies Record<string, MeshAdapter>;

export type MeshAdapterId = keyof typeof meshAdapters;

/** What a provider's name in a Canary or on the command line stands for. */
export interface Provider {
	readonly id: MeshAdapterId;
	readonly adapter: MeshAdapter;
	/** Versions of the route's API in order of preference; the first that the cluster serves is used. */
	readonly versions: readonly string[];
}

const provider = (id: MeshAdapterId, versions?: readonly string[]): Provider => {
	const adapter: MeshAdapter = meshAdapters[id];
	return { id, adapter, versions: versions ?? adapter.resource?.versions ?? [] };
};

/** Names as users know them. One that ends in a version is held to it. */
const providers = {
	gatewayapi: provider("gateway-api"),
	"gatewayapi:v1": provider("gateway-api", ["v1"]),
	"gatewayapi:v1beta1": provider("gateway-api", ["v1beta1"]),
	kubernetes: provider("plain-service"),
	// What linkerd-smi serves. Newer Linkerds are driven by gatewayapi, with a Service in spec.service.gatewayRefs.
	linkerd: provider("traffic-split", ["v1alpha2", "v1alpha1"]),
	osm: provider("traffic-split", ["v1alpha4", "v1alpha3", "v1alpha2"]),
	smi: provider("traffic-split"),
	"smi:v1alpha1": provider("traffic-split", ["v1alpha1"]),
	"smi:v1alpha2": provider("traffic-split", ["v1alpha2"]),
	"smi:v1alpha3": provider("traffic-split", ["v1alpha3"]),
	"smi:v1alpha4": provider("traffic-split", ["v1alpha4"]),
} as const satisfies Record<SupportedProvider | "smi", Provider>;

export const knownProviders: readonly string[] = Object.keys(providers);

/** For what a provider is needed that is unknown: it reaches no mesh. */
export const withoutMesh: MeshAdapter = plainService;

/** The provider of that name; undefined when it is unknown. `smi:v1alpha2:istio` names the mesh too, which changes nothing. */
export function providerFor(name: string): Provider | undefined {
	const [, known = name] = /^(smi:[^:]+):[^:]+$/.exec(name) ?? [];
	return Object.hasOwn(providers, known) ? providers[known as keyof typeof providers] : undefined;
}
