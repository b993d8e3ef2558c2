import { createHash } from "node:crypto";
import type { Behaviour, Json } from "../../contract.ts";
import { timeText } from "../clock.ts";
import {
	type Condition,
	type Container,
	type ContainerStatus,
	compact,
	conditionOf,
	type Pod,
	type PodStatus,
	withCondition,
} from "../kinds.ts";

/** A container as its node sees it. Instants are milliseconds since the epoch. */
export interface ContainerRun {
	readonly image: string;
	readonly behaviour: Behaviour;
	/** Undefined: it isn't running now. */
	readonly startedAt: number | undefined;
	readonly restartCount: number;
	/** Its last end. */
	readonly endedAt: number | undefined;
	/** Milliseconds that it waits between its last end and its next start. */
	readonly backOffMs: number;
}

export interface Placement {
	readonly hostIP: string;
	readonly podIP: string;
}

/** What kubelet would say of the pod now. */
export function podStatus(options: {
	readonly pod: Pod;
	readonly before: PodStatus;
	readonly runs: ReadonlyMap<string, ContainerRun>;
	readonly placement: Placement;
	readonly now: number;
}): PodStatus {
	const { pod, before, runs, placement, now } = options;
	const time = timeText(now);
	const containerStatuses = pod.spec.containers.map((container) =>
		containerStatus(pod, container, runs.get(container.name), now),
	);
	const unready = containerStatuses.filter(({ ready }) => ready !== true).map(({ name }) => name);
	const isGated = (pod.spec.readinessGates ?? []).some(
		({ conditionType }) => conditionOf(before.conditions, conditionType)?.status !== "True",
	);
	const notReady = {
		status: "False",
		reason: "ContainersNotReady",
		message: `containers with unready status: [${unready.join(" ")}]`,
	} as const;
	const containersReady = unready.length === 0 ? ({ status: "True" } as const) : notReady;
	const podReady =
		unready.length === 0 && isGated
			? ({ status: "False", reason: "ReadinessGatesNotReady", message: "readiness gates are not True" } as const)
			: containersReady;
	const conditions: readonly Condition[] = [
		{ type: "PodReadyToStartContainers", status: "True" },
		{ type: "Initialized", status: "True" },
		{ type: "Ready", ...podReady },
		{ type: "ContainersReady", ...containersReady },
		{ type: "PodScheduled", status: "True" },
	];
	const hasStarted = [...runs.values()].every(
		({ startedAt, restartCount }) => startedAt !== undefined || restartCount > 0,
	);
	return {
		...before,
		phase: hasStarted && runs.size > 0 ? "Running" : "Pending",
		conditions: conditions.reduce<readonly Condition[]>(
			(all, condition) => withCondition(withoutReason(all, condition.type), condition, time),
			before.conditions ?? [],
		),
		hostIP: placement.hostIP,
		hostIPs: [{ ip: placement.hostIP }],
		podIP: placement.podIP,
		podIPs: [{ ip: placement.podIP }],
		startTime: before.startTime ?? time,
		containerStatuses,
		qosClass: before.qosClass ?? qosClassOf(pod),
	};
}

/** Reasons of old are not kept beside a new status. */
function withoutReason(conditions: readonly Condition[], type: string): readonly Condition[] {
	return conditions.map(({ reason, message, ...rest }) =>
		rest.type === type ? rest : (compact({ ...rest, reason, message }) as unknown as Condition),
	);
}

/** Milliseconds until the container becomes ready; undefined: it never does by itself. */
export function readyInMs({ behaviour, startedAt }: ContainerRun, now: number): number | undefined {
	if (startedAt === undefined || behaviour.start !== "ready") return undefined;
	return Math.max(0, startedAt + behaviour.readyAfterMs - now);
}

function containerStatus(
	pod: Pod,
	{ name, image }: Container,
	run: ContainerRun | undefined,
	now: number,
): ContainerStatus {
	const id = `containerd://${longHash(`${pod.metadata.uid}/${name}/${run?.restartCount ?? 0}`)}`;
	const isRunning = run?.startedAt !== undefined;
	const isPulled = isRunning || (run?.restartCount ?? 0) > 0;
	return compact({
		name,
		image,
		imageID: isPulled ? imageId(image) : "",
		...(isPulled ? { containerID: id } : {}),
		ready: run !== undefined && readyInMs(run, now) === 0,
		started: isRunning,
		restartCount: run?.restartCount ?? 0,
		state: run === undefined ? waiting("ContainerCreating") : stateOf(pod, run, name, image),
		lastState: lastStateOf(run, id),
	}) as ContainerStatus;
}

function stateOf(pod: Pod, run: ContainerRun, name: string, image: string): Json {
	if (run.startedAt !== undefined) return { running: { startedAt: timeText(run.startedAt) } };
	if (run.behaviour.start === "ImagePullBackOff")
		return waiting("ImagePullBackOff", `Back-off pulling image "${image}"`);
	if (run.endedAt !== undefined) {
		const { namespace, uid } = pod.metadata;
		const subject = `container=${name} pod=${pod.metadata.name}_${namespace}(${uid})`;
		return waiting("CrashLoopBackOff", `back-off ${run.backOffMs / 1_000}s restarting failed ${subject}`);
	}
	return waiting("ContainerCreating");
}

function waiting(reason: string, message?: string): Json {
	return { waiting: compact({ message, reason }) };
}

function lastStateOf(run: ContainerRun | undefined, containerID: string): Json {
	if (run?.endedAt === undefined) return {};
	const at = timeText(run.endedAt);
	return { terminated: { containerID, exitCode: 1, finishedAt: at, reason: "Error", startedAt: at } };
}

function imageId(image: string): string {
	return image.includes("@sha256:") ? image : `${image.replace(/:[^:/]*$/, "")}@sha256:${longHash(image)}`;
}

/** 64 hexadecimal digits. */
function longHash(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

function qosClassOf({ spec }: Pod): string {
	const resources = spec.containers.map((container) => container.resources ?? {});
	const isEmpty = resources.every(
		({ requests = {}, limits = {} }) => Object.keys({ ...requests, ...limits }).length === 0,
	);
	if (isEmpty) return "BestEffort";
	const isGuaranteed = resources.every(({ requests = {}, limits = {} }) =>
		["cpu", "memory"].every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name]),
	);
	return isGuaranteed ? "Guaranteed" : "Burstable";
}
