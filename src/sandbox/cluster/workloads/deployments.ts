import { type KubeObject, keyOf, refOf } from "../../../domain/kube-object.ts";
import { Refusal } from "../../contract.ts";
import { claim } from "../claim.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import { templateHash } from "../hash.ts";
import {
	controllerOf,
	DEPLOYMENT,
	type Deployment,
	isControlledBy,
	ownedBy,
	POD,
	type Pod,
	REPLICA_SET,
	type ReplicaSet,
	selects,
} from "../kinds.ts";
import { deadlineInMs, deploymentStatus, isComplete, type NewestNews } from "./deployment-status.ts";
import { annotationsOf, isOfTemplate, REVISION, resize, revisionOf, TEMPLATE_HASH } from "./revisions.ts";
import { marginsOf, newReplicas, oldReplicas, replicasOf } from "./rolling-update.ts";

const FROM = "deployment-controller";

/** Moves the pods of each Deployment to its newest template, as its strategy says. */
export function createDeploymentController({ api, clock, events }: Surroundings): Controller {
	function work(key: string): number | undefined {
		const deployment = api.get({ ...DEPLOYMENT, ...namesIn(key) }) as Deployment | undefined;
		if (deployment === undefined) return undefined;
		const { namespace = "" } = deployment.metadata;
		const sets = () =>
			[
				...claim({
					api,
					owner: deployment,
					ownerKind: DEPLOYMENT,
					selector: deployment.spec.selector,
					candidates: api.list(REPLICA_SET, { namespace }) as readonly ReplicaSet[],
				}),
			].sort(oldestFirst);
		if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(deployment, sets(), undefined);
		const news = move(deployment, sets());
		return writeStatus(deployment, sets(), news);
	}

	/** Brings the ReplicaSets one step nearer to what is wanted. */
	function move(deployment: Deployment, sets: readonly ReplicaSet[]): NewestNews {
		const { spec } = deployment;
		const known = newestOf(deployment, sets);
		const old = sets.filter((set) => set !== known);
		if (spec.paused === true) {
			const [only, second] = sets.filter((set) => replicasOf(set) > 0);
			const scalable = second === undefined ? (only ?? known) : known;
			if (scalable !== undefined && second === undefined) scale(deployment, scalable, spec.replicas ?? 1);
			return undefined;
		}
		const isRecreate = spec.strategy?.type === "Recreate";
		if (isRecreate && scaleDownAll(deployment, old)) return undefined;
		if (isRecreate && old.some((set) => hasPods(set))) return undefined;
		const revision = Math.max(0, ...old.map(revisionOf)) + 1;
		const newest =
			known === undefined ? createNewest(deployment, old, revision) : annotate(deployment, known, revision);
		if (newest === undefined) return undefined;
		noteRevision(deployment, newest);
		if (known !== undefined) scale(deployment, newest, newReplicas(deployment, newest, old));
		if (!isRecreate) {
			for (const [set, replicas] of oldReplicas(deployment, newest, old)) scale(deployment, set, replicas);
		}
		if (isComplete(deployment, deployment.status ?? {})) forgetOldest(deployment, old);
		return known === undefined ? "created" : undefined;
	}

	function createNewest(deployment: Deployment, old: readonly ReplicaSet[], revision: number): ReplicaSet | undefined {
		const { metadata, spec } = deployment;
		const hash = templateHash(spec.template, deployment.status?.collisionCount);
		const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
		const { maxSurge } = marginsOf(deployment);
		const replicas = newReplicas(deployment, undefined, old);
		const { namespace = "" } = metadata;
		const set = {
			...REPLICA_SET,
			metadata: {
				name: `${metadata.name}-${hash}`,
				namespace,
				labels,
				annotations: annotationsOf(deployment, undefined, revision, (spec.replicas ?? 1) + maxSurge),
				ownerReferences: [ownedBy(deployment, DEPLOYMENT)],
			},
			spec: {
				replicas,
				...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
				selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [TEMPLATE_HASH]: hash } },
				template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
			},
		};
		try {
			const created = api.create(set) as ReplicaSet;
			tellScaling(deployment, created, 0, replicas);
			return created;
		} catch (error) {
			if (!(error instanceof Refusal) || error.reason !== "AlreadyExists") throw error;
			const { collisionCount = 0 } = deployment.status ?? {};
			api.changeStatus(refOf(deployment), (status) => ({ ...status, collisionCount: collisionCount + 1 }));
			return undefined;
		}
	}

	/** The newest ReplicaSet, with annotations that say so. */
	function annotate(deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet {
		const most = (deployment.spec.replicas ?? 1) + marginsOf(deployment).maxSurge;
		const annotations = annotationsOf(deployment, set, revision, most);
		const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
		const before = set.metadata.annotations ?? {};
		const isSame = Object.entries(annotations).every(([name, value]) => before[name] === value);
		if (isSame && (set.spec.minReadySeconds ?? 0) === minReadySeconds) return set;
		return api.patch(refOf(set), { metadata: { annotations }, spec: { minReadySeconds } }) as ReplicaSet;
	}

	function noteRevision(deployment: Deployment, newest: ReplicaSet): void {
		const revision = newest.metadata.annotations?.[REVISION];
		if (revision === undefined || deployment.metadata.annotations?.[REVISION] === revision) return;
		api.patch(refOf(deployment), { metadata: { annotations: { [REVISION]: revision } } });
	}

	function scale(deployment: Deployment, set: ReplicaSet, replicas: number): void {
		const before = replicasOf(set);
		if (before === replicas) return;
		const { maxSurge } = marginsOf(deployment);
		const wanted = deployment.spec.replicas ?? 1;
		resize(api, set, replicas, {
			"deployment.kubernetes.io/desired-replicas": String(wanted),
			"deployment.kubernetes.io/max-replicas": String(wanted + maxSurge),
		});
		tellScaling(deployment, set, before, replicas);
	}

	function tellScaling(deployment: Deployment, set: ReplicaSet, before: number, after: number): void {
		if (before === after) return;
		const message = `Scaled ${after > before ? "up" : "down"} replica set ${set.metadata.name} from ${before} to ${after}`;
		events(deployment, { reason: "ScalingReplicaSet", message, from: FROM });
	}

	function scaleDownAll(deployment: Deployment, old: readonly ReplicaSet[]): boolean {
		const standing = old.filter((set) => replicasOf(set) > 0);
		for (const set of standing) scale(deployment, set, 0);
		return standing.length > 0;
	}

	/** Pods count until they are gone, not only until they are asked to go. */
	function hasPods(set: ReplicaSet): boolean {
		const pods = api.list(POD, { namespace: set.metadata.namespace ?? "" });
		return pods.some((pod) => isControlledBy(pod, set));
	}

	function forgetOldest({ spec }: Deployment, old: readonly ReplicaSet[]): void {
		const idle = old.filter(
			(set) =>
				replicasOf(set) === 0 &&
				(set.status?.replicas ?? 0) === 0 &&
				set.metadata.deletionTimestamp === undefined &&
				(set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0),
		);
		const surplus = idle.length - (spec.revisionHistoryLimit ?? 10);
		const byRevision = [...idle].sort((one, other) => revisionOf(one) - revisionOf(other));
		for (const set of byRevision.slice(0, Math.max(0, surplus))) api.delete(refOf(set), { propagation: "Background" });
	}

	/** Returns when the roll-out will be late. */
	function writeStatus(deployment: Deployment, all: readonly ReplicaSet[], news: NewestNews): number | undefined {
		const newest = newestOf(deployment, all);
		const written = api.changeStatus(refOf(deployment), (status) => ({
			...deploymentStatus({
				deployment: { ...deployment, status } as Deployment,
				newest,
				all,
				news,
				now: clock.now(),
			}),
		}));
		return written === undefined ? undefined : deadlineInMs(written as Deployment, clock.now());
	}

	/** The Deployment of a pod that is gone or has come, by way of its ReplicaSet: Recreate waits for it. */
	function deploymentOf(pod: Pod): readonly string[] {
		const owner = controllerOf(pod);
		const { namespace = "" } = pod.metadata;
		if (owner?.kind !== "ReplicaSet") return [];
		const set = api.get({ ...REPLICA_SET, namespace, name: owner.name });
		return set === undefined ? [] : ownerKeys(set);
	}

	function ownerKeys(set: KubeObject): readonly string[] {
		const { namespace = "", labels } = set.metadata;
		const owner = controllerOf(set);
		if (owner !== undefined) return owner.kind === "Deployment" ? [keyOf({ namespace, name: owner.name })] : [];
		const deployments = api.list(DEPLOYMENT, { namespace }) as readonly Deployment[];
		return deployments.filter(({ spec }) => selects(spec.selector, labels)).map(({ metadata }) => keyOf(metadata));
	}

	return {
		name: "deployments",
		watches: [
			{ kind: DEPLOYMENT, keysOf: ({ metadata }) => [keyOf(metadata)] },
			{ kind: REPLICA_SET, keysOf: ownerKeys },
			{ kind: POD, keysOf: (pod, type) => (type === "DELETED" ? deploymentOf(pod as Pod) : []) },
		],
		work,
	};
}

/** Of several that make the wanted pods the oldest, as long as the cluster stands. */
function newestOf({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
	return sets.find((set) => isOfTemplate(set, spec.template));
}

function oldestFirst(one: ReplicaSet, other: ReplicaSet): number {
	const [born, otherBorn] = [one.metadata.creationTimestamp ?? "", other.metadata.creationTimestamp ?? ""];
	if (born === otherBorn) return one.metadata.name < other.metadata.name ? -1 : 1;
	return born < otherBorn ? -1 : 1;
}
