import type { KubeObject } from "../../../domain/kube-object.ts";
import { isPodReady, type Pod } from "../kinds.ts";

export interface Service extends KubeObject {
	readonly spec: {
		readonly type?: string;
		readonly clusterIP?: string;
		readonly selector?: Readonly<Record<string, string>>;
		readonly publishNotReadyAddresses?: boolean;
		readonly ports?: readonly ServicePort[];
	};
}

export interface ServicePort {
	readonly name?: string;
	readonly port: number;
	readonly protocol?: string;
	readonly appProtocol?: string;
	readonly targetPort?: number | string;
}

/** The number of the pod's port that the Service's port leads to; undefined when the pod has no port of that name. */
export function targetPortOf(port: ServicePort, pod: Pod): number | undefined {
	const target = port.targetPort ?? port.port;
	if (typeof target === "number") return target;
	for (const { ports = [] } of pod.spec.containers) {
		const named = ports.find(({ name }) => name === target);
		if (named !== undefined) return named.containerPort;
	}
	return undefined;
}

/** True when the Service has pods of its own: those with the labels of its selector. */
export function hasSelector({ spec }: Service): boolean {
	return spec.type !== "ExternalName" && Object.keys(spec.selector ?? {}).length > 0;
}

/** Takes requests now. */
export function isServed({ spec }: Service, pod: Pod): boolean {
	return pod.metadata.deletionTimestamp === undefined && (isPodReady(pod) || spec.publishNotReadyAddresses === true);
}
