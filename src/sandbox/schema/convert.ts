import type { KubeObject } from "../../domain/kube-object.ts";
import type { Json, ServedKind } from "../contract.ts";
import { fieldsOf, itemsOf } from "./problems.ts";

const EVENTS = "events.k8s.io/v1";
/** Fields of Events that have another name, in v1 and in events.k8s.io/v1. */
const eventFields = [
	["involvedObject", "regarding"],
	["message", "note"],
	["source", "deprecatedSource"],
	["firstTimestamp", "deprecatedFirstTimestamp"],
	["lastTimestamp", "deprecatedLastTimestamp"],
	["count", "deprecatedCount"],
	["reportingComponent", "reportingController"],
] as const;

/** The object as another version of its kind says it; the object itself when that is its own. */
export function convert(object: KubeObject, to: ServedKind): KubeObject {
	if (object.apiVersion === to.apiVersion) return object;
	if (object.kind === "Event" && (object.apiVersion === EVENTS || to.apiVersion === EVENTS)) return event(object, to);
	if (object.kind === "HorizontalPodAutoscaler") return autoscaler(object, to);
	return { ...object, apiVersion: to.apiVersion };
}

function event(object: KubeObject, { apiVersion }: ServedKind): KubeObject {
	const isNew = apiVersion === EVENTS;
	const names = new Map<string, string>(eventFields.map(([old, name]) => (isNew ? [old, name] : [name, old])));
	const renamed = Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]);
	return { ...Object.fromEntries(renamed), apiVersion } as KubeObject;
}

/** What autoscaling/v1 cannot say is kept in annotations, so that nothing is lost on the way there and back. */
const OTHER_METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";

function autoscaler(object: KubeObject, { apiVersion }: ServedKind): KubeObject {
	return { ...(apiVersion === "autoscaling/v1" ? olderAutoscaler(object) : newerAutoscaler(object)), apiVersion };
}

function olderAutoscaler(object: KubeObject): KubeObject {
	const { metrics, behavior, ...spec } = fieldsOf(object.spec);
	const target = itemsOf(metrics)
		.map(shareOfCpu)
		.find((share) => share !== undefined);
	const others = itemsOf(metrics).filter((metric) => shareOfCpu(metric) === undefined);
	const { currentMetrics: _seen, conditions: _conditions, ...status } = fieldsOf(object.status);
	return {
		...withAnnotations(object, {
			...(others.length === 0 ? {} : { [OTHER_METRICS]: JSON.stringify(others) }),
			...(behavior === undefined ? {} : { [BEHAVIOR]: JSON.stringify(behavior) }),
		}),
		spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
		...(object.status === undefined ? {} : { status }),
	};
}

function newerAutoscaler(object: KubeObject): KubeObject {
	const { targetCPUUtilizationPercentage: target, ...spec } = fieldsOf(object.spec);
	const { annotations = {}, ...metadata } = object.metadata;
	const { [OTHER_METRICS]: others, [BEHAVIOR]: behavior, ...rest } = annotations;
	const cpu = { name: "cpu", target: { type: "Utilization", averageUtilization: target } };
	const metrics = [...(target === undefined ? [] : [{ type: "Resource", resource: cpu }]), ...itemsOf(parsed(others))];
	const scaling = parsed(behavior);
	return {
		...object,
		metadata: { ...metadata, ...(Object.keys(rest).length === 0 ? {} : { annotations: rest }) },
		spec: {
			...spec,
			...(metrics.length === 0 ? {} : { metrics }),
			...(scaling === undefined ? {} : { behavior: scaling }),
		},
	};
}

function shareOfCpu(metric: unknown): unknown {
	const { name, target } = fieldsOf(fieldsOf(metric).resource);
	return name === "cpu" ? fieldsOf(target).averageUtilization : undefined;
}

function withAnnotations(object: KubeObject, added: Record<string, string>): KubeObject {
	if (Object.keys(added).length === 0) return object;
	return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...added } } };
}

/** People may write these annotations as well; what cannot be read says nothing. */
function parsed(text: string | undefined): Json | readonly unknown[] | undefined {
	try {
		return text === undefined ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}
