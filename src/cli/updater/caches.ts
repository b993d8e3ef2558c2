import type { KubeObject, ObjectKey } from "../../domain/kube-object.ts";
import { keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { ResourceCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { type Resource, resources } from "../../kube/resources.ts";
import type { Change } from "../../kube/store.ts";
import { type WorkloadKey, workloadKey, workloadsNamedBy } from "../../updater/loop/cluster.ts";
import {
	APPROVAL_DIGEST_INDEX,
	APPROVAL_WORKLOAD_INDEX,
	POLICY_TARGET_INDEX,
	type UpdaterCaches,
} from "../../updater/loop/live-cluster.ts";
import type { LiveCaches } from "../live-caches.ts";

/** The caches of the updater, beside those that it shares with the loop of Canaries. */
export interface LiveUpdaterCaches extends UpdaterCaches {
	readonly synced: Promise<void>;
}

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
		DaemonSet: start(resources.daemonSets),
		StatefulSet: start(resources.statefulSets),
		CronJob: start(resources.cronJobs),
	};
	const imagePolicies = start(resources.imagePolicies, { [POLICY_TARGET_INDEX]: workloadsNamedBy });
	const imageApprovals = start(resources.imageApprovals, {
		[APPROVAL_DIGEST_INDEX]: digestKeys,
		[APPROVAL_WORKLOAD_INDEX]: workloadsNamedBy,
	});
	const nodes = start(resources.nodes);
	const namespaces = start(resources.namespaces);

	for (const cache of Object.values(workloads))
		cache.subscribe((change) => {
			const workload = change.after ?? change.before;
			if (workload !== undefined && concernsImages(change)) wake(workloadKey(workload));
		});
	shared.deployments.subscribe((change) => {
		// What serves is the primary's image: when that changes, the target's workload is looked at.
		const { key } = change;
		if (key.endsWith("-primary") && concernsImages(change)) wake(`Deployment/${key.slice(0, -"-primary".length)}`);
	});
	for (const cache of [shared.canaries, imagePolicies, imageApprovals])
		cache.subscribe(({ before, after }) => {
			for (const object of [before, after])
				for (const key of object === undefined ? [] : workloadsNamedBy(object)) wake(key);
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
function concernsImages({ before, after }: Change): boolean {
	const asked = ({ metadata: { uid, generation, annotations, labels } }: KubeObject) =>
		JSON.stringify([uid, generation, annotations, labels]);
	return before === undefined || after === undefined || asked(before) !== asked(after);
}

function digestKeys({ metadata, spec }: KubeObject): readonly string[] {
	const { digest } = (spec ?? {}) as { readonly digest?: unknown };
	return typeof digest === "string" ? [`${keyOf({ namespace: metadata.namespace, name: digest })}`] : [];
}
