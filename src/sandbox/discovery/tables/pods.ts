import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { humanDuration } from "./ages.ts";
import {
	ageColumn,
	at,
	type Column,
	conditionOf,
	count,
	fields,
	items,
	nameColumn,
	orNone,
	text,
	wide,
	word,
} from "./column.ts";

/** What `kubectl get pods` shows. */
export const podColumns: readonly Column[] = [
	nameColumn,
	text("Ready", (pod) => {
		const { ready, total } = summaryOf(pod);
		return `${ready}/${total}`;
	}),
	text("Status", (pod) => summaryOf(pod).word),
	text("Restarts", (pod, now) => {
		const { restarts, lastRestart } = summaryOf(pod);
		if (restarts === 0 || lastRestart === 0) return String(restarts);
		return `${restarts} (${humanDuration(now - lastRestart)} ago)`;
	}),
	ageColumn,
	wide("IP", (pod) => orNone(word(at(items(at(pod, "status", "podIPs"))[0], "ip") ?? at(pod, "status", "podIP")))),
	wide("Node", (pod) => orNone(word(at(pod, "spec", "nodeName")))),
	wide("Nominated Node", (pod) => orNone(word(at(pod, "status", "nominatedNodeName")))),
	wide("Readiness Gates", (pod) => {
		const gates = items(at(pod, "spec", "readinessGates"));
		const open = gates.filter((gate) => conditionOf(pod, word(at(gate, "conditionType")))?.status === "True");
		return gates.length === 0 ? "<none>" : `${open.length}/${gates.length}`;
	}),
];

interface PodSummary {
	/** What the pod is at, in one word. */
	readonly word: string;
	readonly ready: number;
	readonly total: number;
	readonly restarts: number;
	/** In milliseconds; 0: never, or unknown. */
	readonly lastRestart: number;
}

function summaryOf(pod: KubeObject): PodSummary {
	const spec = fields(pod.spec);
	const status = fields(pod.status);
	// What runs beside the containers from before they start counts as one of them.
	const sidecars = new Set(
		items(spec.initContainers)
			.filter((container) => at(container, "restartPolicy") === "Always")
			.map((container) => at(container, "name")),
	);
	const total = items(spec.containers).length + sidecars.size;
	const beginning = beginningOf(items(status.initContainerStatuses).map(fields), {
		sidecars,
		total: items(spec.initContainers).length,
	});
	const before = {
		ready: beginning.ready,
		total,
		...(beginning.word === undefined || conditionOf(pod, "Initialized")?.status === "True"
			? runningOf(pod, beginning)
			: { word: beginning.word, ...restartsOf(items(status.initContainerStatuses).map(fields)) }),
	};
	if (pod.metadata.deletionTimestamp === undefined) return before;
	if (status.reason === "NodeLost") return { ...before, word: "Unknown" };
	const isOver = status.phase === "Succeeded" || status.phase === "Failed";
	return isOver ? before : { ...before, word: "Terminating" };
}

interface Beginning {
	/** What holds the pod up before its containers start; undefined when nothing does. */
	readonly word: string | undefined;
	/** Of the sidecars. */
	readonly ready: number;
	readonly sidecars: readonly Json[];
}

function beginningOf(
	statuses: readonly Json[],
	{ sidecars, total }: { readonly sidecars: ReadonlySet<unknown>; readonly total: number },
): Beginning {
	let ready = 0;
	const beside = statuses.filter(({ name }) => sidecars.has(name));
	for (const [index, status] of statuses.entries()) {
		const ended = at(status, "state", "terminated");
		if (ended !== undefined && count(at(ended, "exitCode")) === 0) continue;
		if (sidecars.has(status.name) && status.started === true) {
			if (status.ready === true) ready += 1;
			continue;
		}
		const waiting = word(at(status, "state", "waiting", "reason"));
		if (ended !== undefined) return { word: `Init:${endWord(ended)}`, ready, sidecars: beside };
		if (waiting !== "" && waiting !== "PodInitializing") return { word: `Init:${waiting}`, ready, sidecars: beside };
		return { word: `Init:${index}/${total}`, ready, sidecars: beside };
	}
	return { word: undefined, ready, sidecars: beside };
}

function runningOf(pod: KubeObject, beginning: Beginning): Omit<PodSummary, "total"> {
	const status = fields(pod.status);
	const statuses = items(status.containerStatuses).map(fields);
	let said = orPhase(status);
	if (conditionOf(pod, "PodScheduled")?.reason === "SchedulingGated") said = "SchedulingGated";
	let running = 0;
	// From the last to the first: the first container with something to say has the last word.
	for (const container of statuses.toReversed()) {
		const waiting = word(at(container, "state", "waiting", "reason"));
		const ended = at(container, "state", "terminated");
		if (waiting !== "") said = waiting;
		else if (ended !== undefined) said = endWord(ended);
		else if (container.ready === true && at(container, "state", "running") !== undefined) running += 1;
	}
	if (said === "Completed" && running > 0) {
		said = conditionOf(pod, "Ready")?.status === "True" ? "Running" : "NotReady";
	}
	return { word: said, ready: beginning.ready + running, ...restartsOf([...beginning.sidecars, ...statuses]) };
}

function orPhase({ reason, phase }: Json): string {
	return word(reason) === "" ? word(phase) : word(reason);
}

function endWord(ended: unknown): string {
	const { reason, signal, exitCode } = fields(ended);
	if (word(reason) !== "") return word(reason);
	return count(signal) !== 0 ? `Signal:${signal}` : `ExitCode:${count(exitCode)}`;
}

function restartsOf(statuses: readonly Json[]): { restarts: number; lastRestart: number } {
	const times = statuses
		.map((status) => Date.parse(word(at(status, "lastState", "terminated", "finishedAt"))))
		.filter((time) => !Number.isNaN(time));
	return {
		restarts: statuses.reduce((sum, { restartCount }) => sum + count(restartCount), 0),
		lastRestart: Math.max(0, ...times),
	};
}
