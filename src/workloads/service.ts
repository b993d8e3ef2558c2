import type { Canary } from "../api/canary.ts";
import type { KubeObject, OwnerReference } from "../domain/kube-object.ts";
import type { Deployment } from "./deployment.ts";
import type { SelectorLabel } from "./primary.ts";

/** On a Service that we made: the Canary it belongs to. */
export const CANARY_ANNOTATION = "haldane.dev/canary";

/** What we read of a Service. */
export interface Service extends KubeObject {
	readonly spec: {
		readonly selector?: Readonly<Record<string, string>>;
		readonly ports?: readonly ServicePort[];
		readonly [field: string]: unknown;
	};
}

export interface ServicePort {
	readonly name?: string;
	readonly port: number;
	readonly targetPort?: number | string;
	readonly protocol?: string;
	readonly appProtocol?: string;
}

export interface ServiceRequest {
	readonly canary: Canary;
	readonly target: Deployment;
	readonly name: string;
	readonly role: "apex" | "primary" | "candidate";
	readonly label: SelectorLabel;
	readonly selector: Readonly<Record<string, string>>;
	/** Absent for the apex, which has to outlive its Canary. */
	readonly owner?: OwnerReference;
	/** What is there already: a Service stays headless, or not, as it was made. */
	readonly existing?: KubeObject | undefined;
}

const MANAGED_BY = "app.kubernetes.io/managed-by";

/** Tells GitOps tools to leave a Service that we made alone, as Flagger does. */
const LEFT_ALONE = {
	"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
	"helm.toolkit.fluxcd.io/driftDetection": "disabled",
};

/**
 * A Service of the Canary as it is to be applied. Of one that others made, only the selector is taken over, and the
 * port added when it is missing.
 */
export function serviceOf({
	canary,
	target,
	name,
	role,
	label,
	selector,
	owner,
	existing,
}: ServiceRequest): KubeObject {
	const service = canary.spec.service;
	const isTakenOver = existing !== undefined && existing.metadata.labels?.[MANAGED_BY] !== "haldane";
	const metadata = { apex: service?.apex, primary: service?.primary, candidate: service?.canary }[role];
	return {
		apiVersion: "v1",
		kind: "Service",
		metadata: {
			name,
			namespace: canary.metadata.namespace ?? "default",
			labels: {
				...(isTakenOver ? {} : { [label.key]: name, [MANAGED_BY]: "haldane" }),
				...metadata?.labels,
			},
			annotations: {
				...(isTakenOver ? {} : LEFT_ALONE),
				[CANARY_ANNOTATION]: canary.metadata.name,
				...metadata?.annotations,
			},
			...(owner === undefined ? {} : { ownerReferences: [owner] }),
		},
		spec: {
			...(service?.headless === true && existing === undefined ? { clusterIP: "None" } : {}),
			...(service?.trafficDistribution === undefined ? {} : { trafficDistribution: service.trafficDistribution }),
			...(isTakenOver && hasPort(existing, service?.port)
				? {}
				: { ports: portsOf(canary, target, isTakenOver ? existing : undefined) }),
			selector,
		},
	};
}

function hasPort(existing: KubeObject, port: number | undefined): boolean {
	return (existing as Service).spec.ports?.some((one) => one.port === port) ?? false;
}

const SIDECARS = ["istio-proxy", "envoy"];

function portsOf(canary: Canary, target: Deployment, foreign: KubeObject | undefined): readonly ServicePort[] {
	const service = canary.spec.service;
	if (service === undefined) return [];
	const name = service.portName ?? "http";
	const isTaken = (foreign as Service | undefined)?.spec.ports?.some(
		(one) => one.name === name && one.port !== service.port,
	);
	const main: ServicePort = {
		name: isTaken ? `${name}-${service.port}` : name,
		port: service.port,
		protocol: "TCP",
		targetPort: service.targetPort ?? service.port,
		...(service.appProtocol === undefined ? {} : { appProtocol: service.appProtocol }),
	};
	return service.portDiscovery ? [main, ...discovered(target, main)] : [main];
}

/** The remaining container ports of the target, sidecars' aside; no two of a Service may have the same name. */
function discovered(target: Deployment, main: ServicePort): readonly ServicePort[] {
	const names = new Set([main.name]);
	const numbers = new Set([`${main.port}/TCP`, `${main.targetPort}/TCP`]);
	const ports = (target.spec.template.spec?.containers ?? [])
		.filter(({ name }) => !SIDECARS.includes(name))
		.flatMap((container) => container.ports ?? [])
		.filter(({ name }) => name === undefined || name !== main.targetPort);
	return ports.flatMap(({ name, containerPort, protocol = "TCP" }) => {
		const number = `${containerPort}/${protocol}`;
		if (numbers.has(number)) return [];
		const isNamed = name !== undefined && !names.has(name);
		const port: ServicePort = {
			name: isNamed ? name : `${protocol.toLowerCase()}-${containerPort}`,
			port: containerPort,
			protocol,
			targetPort: isNamed ? name : containerPort,
		};
		numbers.add(number);
		names.add(port.name);
		return [port];
	});
}
