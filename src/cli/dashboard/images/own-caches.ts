import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Log } from "../../../domain/log.ts";
import { ResourceCache } from "../../../kube/cache.ts";
import type { KubeClient } from "../../../kube/client.ts";
import type { Clock } from "../../../kube/clock.ts";
import { ApiError } from "../../../kube/errors.ts";
import { type Resource, resources } from "../../../kube/resources.ts";
import { imagePatch, imagesOf } from "../../../updater/workload.ts";
import type { ImageCaches, ImageSource } from "./view.ts";

const kinds = {
	Deployment: resources.deployments,
	DaemonSet: resources.daemonSets,
	StatefulSet: resources.statefulSets,
	CronJob: resources.cronJobs,
} as const;

type Reading = Pick<KubeClient, "list" | "watch">;

export interface OwnCachesOptions {
	readonly client: Reading;
	/** The only one that is shown; all when undefined. */
	readonly namespace: string | undefined;
	readonly canaries: ImageCaches["canaries"];
	readonly log: Log;
	readonly clock: Clock;
	/** What is missing has changed. */
	changed(): void;
}

/**
 * Watches what images are read from, where no updater does. Of a workload no more is kept than its images and what is said
 * of them, and what somebody may not read is said and done without. Runs until the signal aborts.
 */
export function ownImages(options: OwnCachesOptions, signal: AbortSignal): ImageSource {
	const { client, namespace, canaries, log, clock, changed } = options;
	const missing = new Map<string, string>();
	const note = (what: string, sentence: string | undefined) => {
		if (missing.get(what) === sentence) return;
		if (sentence === undefined) missing.delete(what);
		else missing.set(what, sentence);
		changed();
	};
	const start = (resource: Resource, from: Reading): ResourceCache => {
		const cache = new ResourceCache({
			client: from,
			resource,
			namespace,
			clock,
			random: Math.random,
			log,
			onAccess: (mayRead, detail) =>
				note(
					resource.plural,
					mayRead ? undefined : `${pluralOf(resource)} can't be shown: ${detail}; ask for a role such as view`,
				),
		});
		void cache.run(signal);
		return cache;
	};
	const slim = slimReading(client);
	const imagePolicies = start(resources.imagePolicies, client);
	imagePolicies.subscribe(() => note("served", undefined));
	void client.list(resources.imagePolicies, { namespace, limit: 1, signal }).catch((thrown: unknown) => {
		const isAbsent = thrown instanceof ApiError && thrown.status === 404;
		if (isAbsent) note("served", "ImagePolicies are not installed; haldane crds | kubectl apply --server-side -f -");
	});
	return {
		caches: {
			workloads: {
				Deployment: start(kinds.Deployment, slim),
				DaemonSet: start(kinds.DaemonSet, slim),
				StatefulSet: start(kinds.StatefulSet, slim),
				CronJob: start(kinds.CronJob, slim),
			},
			imagePolicies,
			imageApprovals: start(resources.imageApprovals, client),
			canaries,
		},
		seen: () => [],
		missing: () => [...missing.values()],
	};
}

function pluralOf({ kind }: Resource): string {
	return kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/** Reads workloads and lets go of all but their images, and of what says how these are kept up to date. */
function slimReading(client: Reading): Reading {
	return {
		async list(resource, options) {
			const page = await client.list(resource, options);
			return { ...page, items: page.items.map(slimmed) };
		},
		async *watch(resource, options) {
			for await (const line of client.watch(resource, options)) {
				yield line.type === "ADDED" || line.type === "MODIFIED" ? { ...line, object: slimmed(line.object) } : line;
			}
		},
	};
}

export function slimmed(workload: KubeObject): KubeObject {
	// Who reads it passes over what has no name.
	if (typeof workload?.metadata?.name !== "string") return workload;
	const { name, namespace, uid, resourceVersion, creationTimestamp, labels, annotations } = workload.metadata;
	const said = Object.entries(annotations ?? {}).filter(([key]) => /^([^/]*\.)?(keel|haldane)\b/.test(key));
	const { apiVersion, kind, spec } = imagePatch(workload, imagesOf(workload), { changeCause: "" });
	const metadata = {
		name,
		namespace,
		uid,
		resourceVersion,
		creationTimestamp,
		labels,
		annotations: Object.fromEntries(said),
	};
	const given = Object.entries(metadata).filter(([, value]) => value !== undefined);
	return {
		apiVersion,
		kind,
		metadata: { name, ...Object.fromEntries(given) },
		...(spec === undefined ? {} : { spec }),
	};
}
