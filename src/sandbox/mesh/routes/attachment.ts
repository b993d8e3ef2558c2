import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import { common } from "./hosts.ts";
import type { BackendRef, GatewaySpec, Listener, ParentRef, RouteSpec, ServiceSpec } from "./shapes.ts";

/** The objects that the gateway obeys, by `namespace/name`. */
export interface World {
	readonly routes: ReadonlyMap<string, KubeObject>;
	readonly splits: ReadonlyMap<string, KubeObject>;
	readonly routeGroups: ReadonlyMap<string, KubeObject>;
	readonly services: ReadonlyMap<string, KubeObject>;
	readonly gateways: ReadonlyMap<string, KubeObject>;
	readonly gatewayClasses: ReadonlyMap<string, KubeObject>;
}

/** Where a route is attached by one of its parents, or why it is not, in Gateway API's words. */
export type Attachment =
	| { readonly kind: "service"; readonly service: string; readonly port: number | undefined }
	| {
			readonly kind: "gateway";
			readonly gateway: string;
			readonly listeners: readonly string[];
			/** Undefined: every name. */
			readonly hostnames: readonly string[] | undefined;
	  }
	| { readonly kind: "none"; readonly reason: string; readonly message: string };

export const GATEWAY_GROUP = "gateway.networking.k8s.io";

export function routeSpec(route: KubeObject): RouteSpec {
	return (route.spec ?? {}) as RouteSpec;
}

export function serviceSpec(service: KubeObject | undefined): ServiceSpec {
	return (service?.spec ?? {}) as ServiceSpec;
}

export function gatewaySpec(gateway: KubeObject): GatewaySpec {
	return (gateway.spec ?? {}) as GatewaySpec;
}

export function attach(route: KubeObject, parent: ParentRef, world: World): Attachment {
	const namespace = parent.namespace ?? route.metadata.namespace ?? "default";
	const key = keyOf({ namespace, name: parent.name });
	const kind = parent.kind ?? "Gateway";
	if (kind === "Service") {
		const service = world.services.get(key);
		if (service === undefined) return none("NoMatchingParent", `there is no Service ${key}`);
		const hasPort = parent.port === undefined || portsOf(service).includes(parent.port);
		if (!hasPort) return none("NoMatchingParent", `Service ${key} has no port ${parent.port}`);
		return { kind: "service", service: key, port: parent.port };
	}
	if (kind !== "Gateway") return none("NoMatchingParent", `a parent of kind ${kind} is not known`);
	const gateway = world.gateways.get(key);
	if (gateway === undefined) return none("NoMatchingParent", `there is no Gateway ${key}`);
	return attachToGateway(route, parent, gateway);
}

function attachToGateway(route: KubeObject, parent: ParentRef, gateway: KubeObject): Attachment {
	const name = keyOf(gateway.metadata);
	const named = (gatewaySpec(gateway).listeners ?? []).filter(
		(listener) =>
			(parent.sectionName === undefined || parent.sectionName === listener.name) &&
			(parent.port === undefined || parent.port === listener.port),
	);
	if (named.length === 0) return none("NoMatchingParent", `Gateway ${name} has no such listener`);
	const isHome = route.metadata.namespace === gateway.metadata.namespace;
	const open = named.filter(({ allowedRoutes }) => isHome || (allowedRoutes?.namespaces?.from ?? "Same") !== "Same");
	if (open.length === 0) {
		const message = `the listeners of Gateway ${name} take routes of its own namespace only; see allowedRoutes.namespaces.from`;
		return none("NotAllowedByListeners", message);
	}
	const { hostnames = [] } = routeSpec(route);
	const own = hostnames.length === 0 ? undefined : hostnames;
	const shared = open.map((listener) => ({ listener, hostnames: common(own, listener.hostname) }));
	const met = shared.filter(({ hostnames }) => hostnames === undefined || hostnames.length > 0);
	if (met.length === 0) {
		const message = `no listener of Gateway ${name} takes ${hostnames.join(", ")}`;
		return none("NoMatchingListenerHostname", message);
	}
	return {
		kind: "gateway",
		gateway: name,
		listeners: met.map(({ listener }: { listener: Listener }) => listener.name),
		hostnames: met.some(({ hostnames }) => hostnames === undefined)
			? undefined
			: [...new Set(met.flatMap(({ hostnames }) => hostnames ?? []))],
	};
}

function none(reason: string, message: string): Attachment {
	return { kind: "none", reason, message };
}

/** Why no request can be sent to that backend, in Gateway API's words; undefined when one can. */
export function backendProblem(
	{ group = "", kind = "Service", namespace, name, port }: BackendRef,
	home: string,
	world: World,
): { readonly reason: string; readonly message: string } | undefined {
	if (kind !== "Service" || (group !== "" && group !== "core")) {
		return { reason: "InvalidKind", message: `backend ${name} is a ${group}/${kind}; only Services are known` };
	}
	const key = keyOf({ namespace: namespace ?? home, name });
	const service = world.services.get(key);
	if (service === undefined) return { reason: "BackendNotFound", message: `there is no Service ${key}` };
	const hasPort = port !== undefined && portsOf(service).includes(port);
	if (!hasPort)
		return { reason: "BackendNotFound", message: `Service ${key} has no port ${port ?? "(none is named)"}` };
	return undefined;
}

export function portsOf(service: KubeObject | undefined): readonly number[] {
	return (serviceSpec(service).ports ?? []).map(({ port }) => port);
}
