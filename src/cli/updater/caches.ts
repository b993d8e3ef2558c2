import type { KubeObject, ObjectKey } from "../../domain/kube-object.ts";
import { keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { ResourceCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { type Resource, resources } from "../../kube/resources.ts";
import type { Change } from "../../kube/store.ts";
import { type WorkloadKey, workloadKey } from "../../updater/loop/cluster.ts";
import {
	APPROVAL_DIGEST_INDEX,
	APPROVAL_WORKLOAD_INDEX,
	POLICY_TARGET_INDEX,
	type UpdaterCaches,
} from "../../updater/loop/live-cluster.ts";
import type { WorkloadKind } from "../../updater/workload.ts";
import type { LiveCaches } from "../live-caches.ts";

/** The caches of the updater, beside those that it shares with the loop of Canaries. */
export interface LiveUpdaterCaches extends UpdaterCaches {
	readonly synced: Promise<void>;
}

/** Workloads by `shop/app`, for wakes that know no kind. */
const workloadKinds = {
	DaemonSet: resources.daemonSets,
	StatefulSet: resources.statefulSets,
	CronJob: resources.cronJobs,
} as const satisfies Record<Exclude<WorkloadKind, "Deployment">, Resource>;

export const RIGHTS_MEND = "grant the operator what deploy/updater/rbac.yaml says: add the component deploy/updater";
/** What is not done for want of the right to read a resource. */
const without: Readonly<Record<string, string>> = {
	daemonsets: "no DaemonSet is kept up to date",
	statefulsets: "no StatefulSet is kept up to date",
	cronjobs: "no CronJob is kept up to date",
	imagepolicies: "no image is kept up to date, as nobody knows what ImagePolicies forbid",
	imageapprovals: "no approval counts",
	nodes: "platforms are not checked unless a policy lists them",
	namespaces: "no namespace has labels, so a selector finds none",
};

/** Starts the caches. Whatever changes in one wakes the workloads that it concerns, and no others. */
export function startUpdaterCaches(
	{ client, namespace, log, shared, everybodysSecrets }: Starting,
	wake: (key: WorkloadKey) => void,
	signal: AbortSignal,
): LiveUpdaterCaches {
	const wakeAll = (within?: string) => {
		for (const cache of Object.values(workloads))
			for (const workload of cache.list())
				if (within === undefined || workload.metadata.namespace === within) wake(workloadKey(workload));
	};
	const start = (resource: Resource, indexes = {}): ResourceCache => {
		const within = resource.namespaced ? namespace : undefined;
		const cache = new ResourceCache({
			client,
			resource,
			namespace: within,
			indexes,
			clock: systemClock,
			random: Math.random,
			log,
			onAccess: (mayRead, detail) => {
				const { plural } = resource;
				if (mayRead) log.info({ resource: plural }, "the updater may read these now");
				else
					log.warn(
						{ resource: plural, reason: detail, mend: RIGHTS_MEND },
						`the updater does without: ${without[plural]}`,
					);
				wakeAll();
			},
		});
		void cache.run(signal);
		return cache;
	};
	const workloads = {
		Deployment: shared.deployments,
		DaemonSet: start(workloadKinds.DaemonSet),
		StatefulSet: start(workloadKinds.StatefulSet),
		CronJob: start(workloadKinds.CronJob),
	};
	const imagePolicies = start(resources.imagePolicies, { [POLICY_TARGET_INDEX]: targetKeys });
	const imageApprovals = start(resources.imageApprovals, {
		[APPROVAL_DIGEST_INDEX]: digestKeys,
		[APPROVAL_WORKLOAD_INDEX]: approvedWorkloads,
	});
	const nodes = start(resources.nodes);
	const namespaces = start(resources.namespaces);

	for (const cache of Object.values(workloads)) cache.subscribe((change) => wakeChanged(change, wake));
	shared.deployments.subscribe(({ key, before, after }) => {
		// What serves is the primary's image: when that changes, the target's workload is looked at.
		const either = after ?? before;
		if (either !== undefined && key.endsWith("-primary")) wake(`Deployment/${key.slice(0, -"-primary".length)}`);
	});
	shared.canaries.subscribe(({ before, after }) => {
		for (const canary of [before, after])
			for (const key of canary === undefined ? [] : canaryTargets(canary)) wake(key);
	});
	imagePolicies.subscribe(({ before, after }) => {
		for (const policy of [before, after]) for (const key of policy === undefined ? [] : targetKeys(policy)) wake(key);
	});
	imageApprovals.subscribe(({ before, after }) => {
		const approval = after ?? before;
		for (const key of approval === undefined ? [] : approvedWorkloads(approval)) wake(key);
	});
	shared.secrets.subscribe(({ key }) => {
		if (everybodysSecrets.has(key)) wakeAll();
		else wakeAll(key.slice(0, key.indexOf("/")));
	});
	namespaces.subscribe(({ key, before, after }) => {
		if (JSON.stringify(before?.metadata.labels) === JSON.stringify(after?.metadata.labels)) return;
		wakeAll(key);
	});
	const own = [...Object.values(workloads), imagePolicies, imageApprovals, nodes, namespaces];
	return {
		workloads,
		imagePolicies,
		imageApprovals,
		nodes,
		namespaces,
		canaries: shared.canaries,
		secrets: shared.secrets,
		synced: Promise.all(own.map((cache) => cache.synced)).then(() => undefined),
	};
}

interface Starting {
	readonly client: KubeClient;
	readonly namespace: string | undefined;
	readonly log: Log;
	/** Secrets that images of any workload may be asked about with. */
	readonly everybodysSecrets: ReadonlySet<ObjectKey>;
	readonly shared: Pick<LiveCaches, "deployments" | "canaries" | "secrets">;
}

/** A workload's status counts pods one by one, and says nothing of its images. */
function wakeChanged({ before, after }: Change, wake: (key: WorkloadKey) => void): void {
	const workload = after ?? before;
	if (workload === undefined) return;
	const part = (object: KubeObject | undefined) =>
		object && JSON.stringify([object.spec, object.metadata.annotations, object.metadata.labels]);
	if (before === undefined || after === undefined || part(before) !== part(after)) wake(workloadKey(workload));
}

interface Spec {
	readonly targetRef?: { readonly kind?: unknown; readonly name?: unknown };
	readonly workload?: { readonly kind?: unknown; readonly name?: unknown };
	readonly digest?: unknown;
}

function targetKeys({ metadata: { namespace = "default" }, spec }: KubeObject): readonly string[] {
	const { kind, name } = (spec as Spec | undefined)?.targetRef ?? {};
	return typeof kind === "string" && typeof name === "string" ? [`${kind}/${namespace}/${name}`] : [];
}

function canaryTargets(canary: KubeObject): readonly WorkloadKey[] {
	return targetKeys(canary);
}

function approvedWorkloads({ metadata: { namespace = "default" }, spec }: KubeObject): readonly WorkloadKey[] {
	const { kind, name } = (spec as Spec | undefined)?.workload ?? {};
	return typeof kind === "string" && typeof name === "string" ? [`${kind}/${namespace}/${name}`] : [];
}

function digestKeys({ metadata, spec }: KubeObject): readonly string[] {
	const digest = (spec as Spec | undefined)?.digest;
	return typeof digest === "string" ? [`${keyOf({ namespace: metadata.namespace, name: digest })}`] : [];
}
