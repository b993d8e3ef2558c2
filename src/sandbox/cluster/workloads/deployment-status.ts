import { timeText } from "../clock.ts";
import {
	type Condition,
	compact,
	conditionOf,
	countOrNone,
	type Deployment,
	type DeploymentStatus,
	type ReplicaSet,
} from "../kinds.ts";
import { marginsOf, replicasOf } from "./rolling-update.ts";

/** What became of a Deployment's newest ReplicaSet in this round. */
export type NewestNews = "created" | "found" | undefined;

/** The status that the ReplicaSets add up to. `now`: milliseconds since the epoch. */
export function deploymentStatus(options: {
	readonly deployment: Deployment;
	readonly newest: ReplicaSet | undefined;
	readonly all: readonly ReplicaSet[];
	readonly news: NewestNews;
	readonly now: number;
}): DeploymentStatus {
	const { deployment, newest, all, news, now } = options;
	const before = deployment.status ?? {};
	const sumOf = (count: "replicas" | "readyReplicas" | "availableReplicas") =>
		all.reduce((sum, set) => sum + (set.status?.[count] ?? 0), 0);
	const available = sumOf("availableReplicas");
	const total = all.reduce((sum, set) => sum + replicasOf(set), 0);
	const counts = {
		observedGeneration: deployment.metadata.generation,
		replicas: countOrNone(sumOf("replicas")),
		updatedReplicas: countOrNone(newest?.status?.replicas ?? 0),
		readyReplicas: countOrNone(sumOf("readyReplicas")),
		availableReplicas: countOrNone(available),
		unavailableReplicas: countOrNone(Math.max(0, total - available)),
		collisionCount: before.collisionCount,
	};
	const isEnough = available >= (deployment.spec.replicas ?? 1) - marginsOf(deployment).maxUnavailable;
	const availability: Condition = isEnough
		? {
				type: "Available",
				status: "True",
				reason: "MinimumReplicasAvailable",
				message: "Deployment has minimum availability.",
			}
		: {
				type: "Available",
				status: "False",
				reason: "MinimumReplicasUnavailable",
				message: "Deployment does not have minimum availability.",
			};
	const served = withFailure(told(before.conditions ?? [], availability, now), newest, all, now);
	const conditions = progressOf({ deployment, conditions: served, newest, counts, news, now });
	return compact({ ...counts, conditions }) as DeploymentStatus;
}

const FAILURE = "ReplicaFailure";

/** What keeps a ReplicaSet from making its pods, the newest one's before those of others. */
function withFailure(
	conditions: readonly Condition[],
	newest: ReplicaSet | undefined,
	all: readonly ReplicaSet[],
	now: number,
): readonly Condition[] {
	const [failure] = [...(newest === undefined ? [] : [newest]), ...all].flatMap(
		(set) => conditionOf(set.status?.conditions, FAILURE) ?? [],
	);
	return failure === undefined ? conditions.filter(({ type }) => type !== FAILURE) : told(conditions, failure, now);
}

/** Milliseconds until the roll-out is late; undefined when nothing is being waited for. */
export function deadlineInMs({ spec, status }: Deployment, now: number): number | undefined {
	const progressing = conditionOf(status?.conditions, "Progressing");
	if (spec.progressDeadlineSeconds === undefined || progressing === undefined || spec.paused === true) return undefined;
	if (["NewReplicaSetAvailable", "ProgressDeadlineExceeded"].includes(progressing.reason ?? "")) return undefined;
	const since = Date.parse(progressing.lastUpdateTime ?? "");
	// Times are kept in whole seconds, so a moment later it is sure.
	return since + spec.progressDeadlineSeconds * 1_000 - now;
}

export function isComplete({ spec, metadata }: Deployment, counts: DeploymentStatus): boolean {
	const wanted = spec.replicas ?? 1;
	return (
		(counts.updatedReplicas ?? 0) === wanted &&
		(counts.replicas ?? 0) === wanted &&
		(counts.availableReplicas ?? 0) === wanted &&
		(counts.observedGeneration ?? 0) >= (metadata.generation ?? 0)
	);
}

function progressOf(options: {
	readonly deployment: Deployment;
	readonly conditions: readonly Condition[];
	readonly newest: ReplicaSet | undefined;
	readonly counts: { readonly [count in keyof DeploymentStatus]: DeploymentStatus[count] | undefined };
	readonly news: NewestNews;
	readonly now: number;
}): readonly Condition[] {
	const { deployment, conditions, newest, news, now } = options;
	const counts = compact(options.counts) as DeploymentStatus;
	const progressing = conditionOf(conditions, "Progressing");
	const subject =
		newest === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newest.metadata.name}"`;
	const say = (status: Condition["status"], reason: string, message: string) =>
		told(conditions, { type: "Progressing", status, reason, message }, now);

	if (deployment.spec.progressDeadlineSeconds === undefined) return conditions;
	if (deployment.spec.paused === true) {
		if (progressing?.reason === "DeploymentPaused") return conditions;
		return say("Unknown", "DeploymentPaused", "Deployment is paused");
	}
	if (progressing?.reason === "DeploymentPaused") return say("Unknown", "DeploymentResumed", "Deployment is resumed");
	if (isComplete(deployment, counts)) {
		return say("True", "NewReplicaSetAvailable", `${subject} has successfully progressed.`);
	}
	if (newest === undefined) return conditions;
	const { name } = newest.metadata;
	if (news === "created") return say("True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
	if (news === "found" || progressing === undefined) {
		return say("True", "FoundNewReplicaSet", `Found new replica set "${name}"`);
	}
	// A roll-out that is over stays so while pods come and go with the number of replicas.
	const isOver = progressing.reason === "NewReplicaSetAvailable";
	if (isOver && counts.replicas === counts.updatedReplicas) return conditions;
	if (hasMoved(deployment.status ?? {}, counts)) {
		return told(
			conditions,
			{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: `${subject} is progressing.` },
			now,
			"moved",
		);
	}
	const leftMs = deadlineInMs(deployment, now);
	if (leftMs !== undefined && leftMs <= 0) {
		return say("False", "ProgressDeadlineExceeded", `${subject} has timed out progressing.`);
	}
	return conditions;
}

/** More pods of the newest template, fewer of the others, or more that serve than before. */
function hasMoved(before: DeploymentStatus, after: DeploymentStatus): boolean {
	const oldOf = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
	return (
		(after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
		oldOf(after) < oldOf(before) ||
		(after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
		(after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
	);
}

/** As `withCondition`, with the time of the last update: it moves when something new is said, or something has `moved`. */
function told(
	conditions: readonly Condition[],
	{ type, status, reason, message }: Condition,
	instant: number,
	moved?: "moved",
): readonly Condition[] {
	const now = timeText(instant);
	const before = conditionOf(conditions, type);
	const isSame = before?.status === status && before.reason === reason && before.message === message;
	if (isSame && moved === undefined) return conditions;
	const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
	const next = compact({
		type,
		status,
		lastUpdateTime: now,
		lastTransitionTime,
		reason,
		message,
	}) as unknown as Condition;
	// As the real controller keeps them: what says something new comes last.
	if (before?.status !== status || before.reason !== reason) {
		return [...conditions.filter((condition) => condition.type !== type), next];
	}
	return conditions.map((condition) => (condition.type === type ? next : condition));
}
