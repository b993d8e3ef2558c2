import { ageOf, humanDuration } from "./ages.ts";
import {
	ageColumn,
	at,
	type Cell,
	type Column,
	conditionOf,
	count,
	fields,
	integer,
	items,
	labelsText,
	nameColumn,
	orNone,
	selectorText,
	text,
	wide,
	word,
} from "./column.ts";

const specOf =
	(...path: readonly string[]): Cell =>
	(object) =>
		count(at(object, "spec", ...path));
const statusOf =
	(field: string): Cell =>
	(object) =>
		count(at(object, "status", field));

/** Names and images of the containers of a pod template. */
function containers(...template: readonly string[]): readonly Column[] {
	const each =
		(field: string): Cell =>
		(object) =>
			items(at(object, "spec", ...template, "spec", "containers"))
				.map((container) => word(at(container, field)))
				.join(",");
	return [wide("Containers", each("name")), wide("Images", each("image"))];
}

const selector = wide("Selector", (object) => selectorText(at(object, "spec", "selector")));

/** `1/3`: ready of wanted. */
const readyOfWanted: Cell = (object) =>
	`${count(at(object, "status", "readyReplicas"))}/${count(at(object, "spec", "replicas"))}`;

export const deploymentColumns: readonly Column[] = [
	nameColumn,
	text("Ready", readyOfWanted),
	text("Up-to-date", statusOf("updatedReplicas")),
	text("Available", statusOf("availableReplicas")),
	...[ageColumn, ...containers("template"), selector],
];

/** Of the scale of any kind. */
export const scaleColumns: readonly Column[] = [
	nameColumn,
	integer("Desired", specOf("replicas")),
	integer("Available", statusOf("replicas")),
	ageColumn,
];

export const replicaSetColumns: readonly Column[] = [
	nameColumn,
	integer("Desired", specOf("replicas")),
	integer("Current", statusOf("replicas")),
	integer("Ready", statusOf("readyReplicas")),
	...[ageColumn, ...containers("template"), selector],
];

export const replicationControllerColumns: readonly Column[] = [
	...replicaSetColumns.filter((column) => column !== selector),
	wide("Selector", (object) => labelsText(at(object, "spec", "selector"))),
];

export const daemonSetColumns: readonly Column[] = [
	nameColumn,
	integer("Desired", statusOf("desiredNumberScheduled")),
	integer("Current", statusOf("currentNumberScheduled")),
	integer("Ready", statusOf("numberReady")),
	integer("Up-to-date", statusOf("updatedNumberScheduled")),
	integer("Available", statusOf("numberAvailable")),
	text("Node Selector", (object) => labelsText(at(object, "spec", "template", "spec", "nodeSelector"))),
	...[ageColumn, ...containers("template"), selector],
];

export const statefulSetColumns: readonly Column[] = [
	...[nameColumn, text("Ready", readyOfWanted), ageColumn, ...containers("template")],
];

export const controllerRevisionColumns: readonly Column[] = [
	nameColumn,
	text("Controller", ({ metadata }) => {
		const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
		if (owner === undefined) return "<none>";
		const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0]}` : "";
		return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
	}),
	text("Revision", (object) => count(object.revision)),
	ageColumn,
];

export const jobColumns: readonly Column[] = [
	nameColumn,
	text("Status", (job) => {
		const has = (type: string): boolean => conditionOf(job, type)?.status === "True";
		for (const end of ["Complete", "Failed"]) if (has(end)) return end;
		if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
		return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(has) ?? "Running";
	}),
	text("Completions", (job) => {
		const { completions, parallelism } = fields(job.spec);
		const done = count(at(job, "status", "succeeded"));
		if (typeof completions === "number") return `${done}/${completions}`;
		return count(parallelism) > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
	}),
	text("Duration", (job, now) => {
		const { startTime, completionTime } = fields(job.status);
		if (typeof startTime !== "string") return "";
		const end = typeof completionTime === "string" ? Date.parse(completionTime) : now;
		return humanDuration(end - Date.parse(startTime));
	}),
	...[ageColumn, ...containers("template"), selector],
];

export const cronJobColumns: readonly Column[] = [
	nameColumn,
	text("Schedule", (object) => word(at(object, "spec", "schedule"))),
	text("Timezone", (object) => orNone(word(at(object, "spec", "timeZone")))),
	{ name: "Suspend", type: "boolean", cell: (object) => (at(object, "spec", "suspend") === true ? "True" : "False") },
	integer("Active", (object) => items(at(object, "status", "active")).length),
	text("Last Schedule", (object, now) => {
		const last = at(object, "status", "lastScheduleTime");
		return last === undefined ? "<none>" : ageOf(last, now);
	}),
	...[ageColumn, ...containers("jobTemplate", "spec", "template")],
	wide("Selector", (object) => selectorText(at(object, "spec", "jobTemplate", "spec", "selector"))),
];

export const budgetColumns: readonly Column[] = [
	nameColumn,
	text("Min Available", (object) => word(at(object, "spec", "minAvailable")) || "N/A"),
	text("Max Unavailable", (object) => word(at(object, "spec", "maxUnavailable")) || "N/A"),
	integer("Allowed Disruptions", statusOf("disruptionsAllowed")),
	ageColumn,
];
