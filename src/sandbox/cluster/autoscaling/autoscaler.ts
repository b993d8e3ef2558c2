import { type KubeObject, keyOf, type ObjectRef, refOf } from "../../../domain/kube-object.ts";
import { type Json, Refusal } from "../../contract.ts";
import { timeText } from "../clock.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import {
	AUTOSCALER,
	type Condition,
	compact,
	isPodActive,
	isPodReady,
	type LabelSelector,
	POD,
	type Pod,
	selects,
	withCondition,
} from "../kinds.ts";
import { bounded, neededFor, type Recommendation, stabilized } from "./recommendation.ts";

/** How much of the CPU that it asks for a pod uses now, in percent. */
export type CpuReading = (pod: KubeObject) => number;

const FROM = "horizontal-pod-autoscaler";
const EVERY_MS = 15_000;
const WINDOW_SECONDS = 300;
const TARGET_PERCENT = 80;

interface Autoscaler extends KubeObject {
	readonly spec: {
		readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
		readonly minReplicas?: number;
		readonly maxReplicas: number;
		readonly metrics?: readonly {
			readonly type: string;
			readonly resource?: {
				readonly name: string;
				readonly target: { readonly type: string; readonly averageUtilization?: number };
			};
		}[];
		readonly behavior?: { readonly scaleDown?: { readonly stabilizationWindowSeconds?: number } };
	};
}

interface Scalable extends KubeObject {
	readonly spec?: { readonly replicas?: number; readonly selector?: LabelSelector };
}

/** What a look at an autoscaler comes to. */
interface Outcome {
	readonly conditions: readonly Condition[];
	readonly current: number;
	readonly desired: number;
	readonly utilization?: number;
	readonly hasScaled?: boolean;
}

/** Scales what autoscalers point at, by the CPU that its pods use. Other metrics have nobody to read them, and it says so. */
export function createAutoscalerController({ api, clock, events }: Surroundings, cpuOf: CpuReading): Controller {
	/** By the autoscaler's uid. */
	const history = new Map<string, readonly Recommendation[]>();

	function work(key: string): number | undefined {
		const autoscaler = api.get({ ...AUTOSCALER, ...namesIn(key) }) as Autoscaler | undefined;
		if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) {
			if (autoscaler?.metadata.uid !== undefined) history.delete(autoscaler.metadata.uid);
			return undefined;
		}
		writeStatus(autoscaler, look(autoscaler));
		return EVERY_MS;
	}

	function look(autoscaler: Autoscaler): Outcome {
		const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec;
		const { namespace = "", uid = "" } = autoscaler.metadata;
		const ref: ObjectRef = { ...scaleTargetRef, namespace };
		const target = findTarget(ref);
		if (target === undefined) {
			const message = `the HPA controller was unable to get the target's current scale: ${ref.kind} "${ref.name}" not found`;
			events(autoscaler, { type: "Warning", reason: "FailedGetScale", message, from: FROM });
			return failed("AbleToScale", "FailedGetScale", message, 0);
		}
		const current = target.spec?.replicas ?? 1;
		if (current === 0) {
			const message = "scaling is disabled since the replica count of the target is zero";
			return failed("ScalingActive", "ScalingDisabled", message, 0);
		}
		const percent = targetPercentOf(autoscaler);
		if (percent === undefined) {
			const message = "the sandbox knows the utilization of cpu, and no other metric";
			events(autoscaler, { type: "Warning", reason: "FailedGetResourceMetric", message, from: FROM });
			return failed("ScalingActive", "FailedGetResourceMetric", message, current);
		}
		const pods = (api.list(POD, { namespace }) as readonly Pod[]).filter(
			(pod) => isPodActive(pod) && isPodReady(pod) && selects(target.spec?.selector, pod.metadata.labels),
		);
		if (pods.length === 0) {
			const message = "unable to get metrics for resource cpu: no pods are ready";
			return failed("ScalingActive", "FailedGetResourceMetric", message, current);
		}
		const utilization = Math.round(pods.reduce((sum, pod) => sum + cpuOf(pod), 0) / pods.length);
		const now = clock.now();
		const { stabilizationWindowSeconds = WINDOW_SECONDS } = autoscaler.spec.behavior?.scaleDown ?? {};
		const windowMs = stabilizationWindowSeconds * 1_000;
		const needed = neededFor(current, pods.length, utilization, percent);
		// What was there at first counts as needed then.
		const before = history.get(uid) ?? [{ at: now, replicas: current }];
		history.set(uid, [...before.filter(({ at }) => at > now - windowMs), { at: now, replicas: needed }]);
		const wanted = stabilized(before, needed, current, windowMs, now);
		const { replicas, limit } = bounded(wanted, current, minReplicas, maxReplicas);
		if (replicas !== current) rescale(autoscaler, ref, replicas, `${utilization > percent ? "above" : "below"} target`);
		const conditions: readonly Condition[] = [
			replicas === current
				? condition("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size")
				: condition(
						"AbleToScale",
						"True",
						"SucceededRescale",
						`the HPA controller was able to update the target scale to ${replicas}`,
					),
			condition(
				"ScalingActive",
				"True",
				"ValidMetricFound",
				"the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)",
			),
			limit === undefined
				? condition("ScalingLimited", "False", "DesiredWithinRange", "the desired count is within the acceptable range")
				: condition("ScalingLimited", "True", limit.reason, limit.message),
		];
		return { conditions, current, desired: replicas, utilization, hasScaled: replicas !== current };
	}

	function findTarget(ref: ObjectRef): Scalable | undefined {
		try {
			return api.get(ref) as Scalable | undefined;
		} catch (error) {
			// A kind that nobody serves has no objects.
			if (error instanceof Refusal && error.code === 404) return undefined;
			throw error;
		}
	}

	function rescale(autoscaler: Autoscaler, ref: ObjectRef, replicas: number, why: string): void {
		api.patch(ref, { spec: { replicas } });
		const message = `New size: ${replicas}; reason: cpu resource utilization (percentage of request) ${why}`;
		events(autoscaler, { reason: "SuccessfulRescale", message, from: FROM });
	}

	function writeStatus(autoscaler: Autoscaler, outcome: Outcome): void {
		const { conditions, current, desired, utilization, hasScaled = false } = outcome;
		const now = timeText(clock.now());
		api.changeStatus(refOf(autoscaler), (status) =>
			compact({
				...status,
				observedGeneration: autoscaler.metadata.generation,
				currentReplicas: current,
				desiredReplicas: desired,
				lastScaleTime: hasScaled ? now : status.lastScaleTime,
				currentMetrics: utilization === undefined ? undefined : [cpuMetric(utilization)],
				conditions: conditions.reduce(
					(all, one) => withCondition(all, one, now),
					(status.conditions ?? []) as readonly Condition[],
				),
			}),
		);
	}

	return {
		name: "autoscalers",
		watches: [
			{
				kind: AUTOSCALER,
				keysOf: ({ metadata }, type) => {
					if (type === "DELETED") history.delete(metadata.uid ?? "");
					return [keyOf(metadata)];
				},
			},
		],
		work,
	};
}

/** The percentage of CPU to bring the pods to; undefined when the autoscaler goes by something else. */
function targetPercentOf({ spec }: Autoscaler): number | undefined {
	const { metrics = [] } = spec;
	if (metrics.length === 0) return TARGET_PERCENT;
	const cpu = metrics.find(({ type, resource }) => type === "Resource" && resource?.name === "cpu");
	return cpu?.resource?.target.averageUtilization;
}

function cpuMetric(averageUtilization: number): Json {
	const current = { averageUtilization, averageValue: `${averageUtilization}m` };
	return { type: "Resource", resource: { name: "cpu", current } };
}

function failed(type: string, reason: string, message: string, current: number): Outcome {
	return { conditions: [condition(type, "False", reason, message)], current, desired: current };
}

function condition(type: string, status: Condition["status"], reason: string, message: string): Condition {
	return { type, status, reason, message };
}
