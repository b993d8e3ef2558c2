import type { KubeObject, ObjectMeta, OwnerReference } from "../../domain/kube-object.ts";
import type { Json, KindRef } from "../contract.ts";

// The fields of built-in kinds that the controllers read, as the API server has filled them in.

export const POD = { apiVersion: "v1", kind: "Pod" } as const;
export const NODE = { apiVersion: "v1", kind: "Node" } as const;
export const NAMESPACE = { apiVersion: "v1", kind: "Namespace" } as const;
export const SERVICE = { apiVersion: "v1", kind: "Service" } as const;
export const EVENT = { apiVersion: "v1", kind: "Event" } as const;
export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
export const REPLICA_SET = { apiVersion: "apps/v1", kind: "ReplicaSet" } as const;
export const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet" } as const;
export const CONTROLLER_REVISION = { apiVersion: "apps/v1", kind: "ControllerRevision" } as const;
export const ENDPOINT_SLICE = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" } as const;
export const AUTOSCALER = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" } as const;
export const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;

export interface LabelSelector {
	readonly matchLabels?: Readonly<Record<string, string>>;
	readonly matchExpressions?: readonly {
		readonly key: string;
		readonly operator: string;
		readonly values?: readonly string[];
	}[];
}

export interface Container {
	readonly name: string;
	readonly image: string;
	readonly env?: readonly {
		readonly name: string;
		readonly value?: string;
		readonly valueFrom?: { readonly configMapKeyRef?: KeyRef; readonly secretKeyRef?: KeyRef };
	}[];
	readonly envFrom?: readonly {
		readonly prefix?: string;
		readonly configMapRef?: { readonly name?: string };
		readonly secretRef?: { readonly name?: string };
	}[];
	readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
	readonly resources?: { readonly requests?: Json; readonly limits?: Json };
}

interface KeyRef {
	readonly name?: string;
	readonly key: string;
}

export interface PodSpec {
	readonly nodeName?: string;
	readonly nodeSelector?: Readonly<Record<string, string>>;
	readonly containers: readonly Container[];
	readonly terminationGracePeriodSeconds?: number;
	readonly readinessGates?: readonly { readonly conditionType: string }[];
	readonly [field: string]: unknown;
}

export interface Template {
	readonly metadata?: {
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
	};
	readonly spec: PodSpec;
}

export interface Condition {
	readonly type: string;
	readonly status: "True" | "False" | "Unknown";
	readonly reason?: string;
	readonly message?: string;
	readonly lastTransitionTime?: string;
	readonly lastUpdateTime?: string;
}

export interface Pod extends KubeObject {
	readonly spec: PodSpec;
	readonly status?: PodStatus;
}

export interface PodStatus {
	readonly phase?: string;
	readonly podIP?: string;
	readonly startTime?: string;
	readonly conditions?: readonly Condition[];
	readonly containerStatuses?: readonly ContainerStatus[];
	readonly [field: string]: unknown;
}

export interface ContainerStatus {
	readonly name: string;
	readonly restartCount: number;
	readonly state?: Json;
	readonly lastState?: Json;
	readonly [field: string]: unknown;
}

export interface ReplicaSet extends KubeObject {
	readonly spec: {
		readonly replicas?: number;
		readonly minReadySeconds?: number;
		readonly selector: LabelSelector;
		readonly template: Template;
	};
	readonly status?: {
		readonly replicas?: number;
		readonly readyReplicas?: number;
		readonly availableReplicas?: number;
		readonly observedGeneration?: number;
		readonly conditions?: readonly Condition[];
	};
}

export interface Deployment extends KubeObject {
	readonly spec: {
		readonly replicas?: number;
		readonly minReadySeconds?: number;
		readonly selector: LabelSelector;
		readonly template: Template;
		readonly paused?: boolean;
		readonly revisionHistoryLimit?: number;
		readonly progressDeadlineSeconds?: number;
		readonly strategy?: {
			readonly type?: string;
			readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
		};
	};
	readonly status?: DeploymentStatus;
}

export interface DeploymentStatus {
	readonly observedGeneration?: number;
	readonly replicas?: number;
	readonly updatedReplicas?: number;
	readonly readyReplicas?: number;
	readonly availableReplicas?: number;
	readonly unavailableReplicas?: number;
	readonly collisionCount?: number;
	readonly conditions?: readonly Condition[];
}

/** The owner that manages the object; undefined when none does. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
	return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
	return controllerOf(object)?.uid === owner.metadata.uid;
}

/** What a dependent says of the owner that manages it. */
export function ownedBy({ metadata }: KubeObject, { apiVersion, kind }: KindRef): OwnerReference {
	return {
		apiVersion,
		kind,
		name: metadata.name,
		uid: metadata.uid ?? "",
		controller: true,
		blockOwnerDeletion: true,
	};
}

/** As in the API: an empty selector selects everything, and none nothing. */
export function selects(
	selector: LabelSelector | undefined,
	labels: Readonly<Record<string, string>> | undefined = {},
): boolean {
	if (selector === undefined) return false;
	const areEqual = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
	return (
		areEqual &&
		(selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
			const value = labels[key];
			if (operator === "Exists") return value !== undefined;
			if (operator === "DoesNotExist") return value === undefined;
			if (operator === "In") return value !== undefined && values.includes(value);
			return value === undefined || !values.includes(value);
		})
	);
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
	return conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
	return conditionOf(pod.status?.conditions, "Ready")?.status === "True";
}

/** Counts for its owner: neither on its way out nor at its end. */
export function isPodActive(pod: Pod): boolean {
	const { phase } = pod.status ?? {};
	return pod.metadata.deletionTimestamp === undefined && phase !== "Succeeded" && phase !== "Failed";
}

/** Milliseconds until the pod has been ready for so long; 0: it is available; undefined: it isn't ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, now: number): number | undefined {
	const ready = conditionOf(pod.status?.conditions, "Ready");
	if (ready?.status !== "True") return undefined;
	if (minReadySeconds === 0) return 0;
	const since = Date.parse(ready.lastTransitionTime ?? "");
	return Math.max(0, since + minReadySeconds * 1_000 - now);
}

/** Metadata with `generateName`: the API server makes up the name. */
export function unnamed(metadata: Omit<ObjectMeta, "name"> & { readonly generateName: string }): ObjectMeta {
	return metadata as unknown as ObjectMeta;
}

/** Counts of nothing are left out, as Kubernetes leaves them out. */
export function countOrNone(count: number): number | undefined {
	return count === 0 ? undefined : count;
}

/** Without the fields that have no value. */
export function compact(fields: Json): Json {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The conditions with this one in place of the one of its type; its times are moved only when it says something new. */
export function withCondition(
	conditions: readonly Condition[] | undefined,
	{ type, status, reason, message }: Condition,
	now: string,
): readonly Condition[] {
	const before = conditionOf(conditions, type);
	const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now;
	const next = compact({ lastTransitionTime, message, reason, status, type }) as unknown as Condition;
	if (before === undefined) return [...(conditions ?? []), next];
	return (conditions ?? []).map((condition) => (condition.type === type ? { ...condition, ...next } : condition));
}
