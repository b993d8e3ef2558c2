import { stringify } from "yaml";
import type { Canary } from "../../api/canary.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { DashboardPorts } from "./ports.ts";
import { summaryOf } from "./summary.ts";
import type { Detail, EventLine, PodLine, WorkloadLine } from "./wire.ts";

/** More are not shown: the latest say what is going on. */
const EVENTS_MAX = 100;
const PODS_MAX = 200;

/** One Canary with all that belongs to it. What cannot be had is missing by a sentence, and the rest is there. */
export async function detailOf(ports: DashboardPorts, canary: Canary): Promise<Detail> {
	const { metadata, spec, status } = canary;
	const namespace = metadata.namespace ?? "default";
	const missing: string[] = [];
	const had = async <T>(what: string, asked: Promise<T>): Promise<T | undefined> => {
		try {
			return await asked;
		} catch (thrown) {
			missing.push(`${what} could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
			return undefined;
		}
	};
	const { apiVersion = "apps/v1", kind, name } = { ...spec.targetRef };
	const workload = (of: string) => ports.get({ apiVersion, kind, namespace, name: of });
	const route = ports.routeOf(canary);
	const selector = `involvedObject.kind=Canary,involvedObject.name=${metadata.name}`;
	const [candidate, primary, pods, events, routeObject] = await Promise.all([
		had(`${kind} ${name}`, workload(name)),
		had(`${kind} ${name}-primary`, workload(`${name}-primary`)),
		had("Pods", ports.list("pods", namespace)),
		had("Events", ports.list("events", namespace, selector)),
		route === undefined ? undefined : had(`${route.kind} ${route.name}`, ports.get(route)),
	]);
	return {
		summary: summaryOf(canary, ports.refusalOf),
		conditions: (status?.conditions ?? []).map(({ type, status: is, reason, message }) => ({
			type,
			status: is,
			reason,
			message,
		})),
		steps: ports.planOf(canary),
		...(status?.run === undefined ? {} : { startedAt: status.run.startedAt }),
		...(status?.run?.inForceSince === undefined ? {} : { inForceSince: status.run.inForceSince }),
		history: status?.history ?? [],
		events: eventLines(events ?? [], metadata.name),
		...(candidate === undefined ? {} : { candidate: workloadLine(candidate, pods ?? [], ports.shown) }),
		...(primary === undefined ? {} : { primary: workloadLine(primary, pods ?? [], ports.shown) }),
		...(routeObject === undefined
			? {}
			: {
					route: {
						kind: routeObject.kind,
						name: routeObject.metadata.name,
						spec: stringify(ports.shown(routeObject.spec)),
					},
				}),
		spec: stringify(ports.shown(spec)),
		missing,
	};
}

interface WorkloadShape {
	readonly spec?: {
		readonly replicas?: number;
		readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
		readonly template?: unknown;
	};
	readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

function workloadLine(object: KubeObject, pods: readonly KubeObject[], shown: DashboardPorts["shown"]): WorkloadLine {
	const { spec, status } = object as unknown as WorkloadShape;
	const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
	const isOwn = ({ metadata }: KubeObject) =>
		wanted.length > 0 && wanted.every(([label, value]) => metadata.labels?.[label] === value);
	return {
		name: object.metadata.name,
		replicas: spec?.replicas ?? status?.replicas ?? 0,
		ready: status?.readyReplicas ?? 0,
		template: stringify(shown(spec?.template ?? {})),
		pods: pods.filter(isOwn).slice(0, PODS_MAX).map(podLine),
	};
}

interface PodShape {
	readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
	readonly status?: {
		readonly phase?: string;
		readonly conditions?: readonly { readonly type: string; readonly status: string }[];
		readonly containerStatuses?: readonly {
			readonly restartCount?: number;
			readonly state?: { readonly waiting?: { readonly reason?: string } };
		}[];
	};
}

function podLine(object: KubeObject): PodLine {
	const { spec, status } = object as unknown as PodShape;
	const containers = status?.containerStatuses ?? [];
	const stuck = containers.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
	const isGoing = object.metadata.deletionTimestamp !== undefined;
	return {
		name: object.metadata.name,
		isReady: status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
		state: isGoing ? "Terminating" : (stuck ?? status?.phase ?? "Unknown"),
		restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
		image: spec?.containers?.[0]?.image ?? "",
	};
}

interface EventShape {
	readonly involvedObject?: { readonly kind?: string; readonly name?: string };
	readonly lastTimestamp?: string | null;
	readonly eventTime?: string | null;
	readonly type?: string;
	readonly reason?: string;
	readonly message?: string;
	readonly count?: number;
}

function eventLines(objects: readonly KubeObject[], name: string): readonly EventLine[] {
	return objects
		.map((object) => ({ object, event: object as unknown as EventShape }))
		.filter(({ event }) => event.involvedObject?.kind === "Canary" && event.involvedObject.name === name)
		.map(({ object, event }) => ({
			at: event.lastTimestamp ?? event.eventTime ?? object.metadata.creationTimestamp ?? "",
			type: event.type ?? "",
			reason: event.reason ?? "",
			message: event.message ?? "",
			count: event.count ?? 1,
		}))
		.sort((one, other) => other.at.localeCompare(one.at))
		.slice(0, EVENTS_MAX);
}
