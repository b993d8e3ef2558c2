import { referencesOf, secretNamedBy } from "../api/references.ts";
import type { KubeObject, ObjectKey } from "../domain/kube-object.ts";
import { keyOf } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import { type CacheOptions, ResourceCache } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import { systemClock } from "../kube/clock.ts";
import { type Resource, resources } from "../kube/resources.ts";
import type { Change } from "../kube/store.ts";
import type { RouteResource } from "../mesh-adapters/mesh-adapter.ts";
import { type Caches, TARGET_INDEX } from "../reconciler/live-cluster.ts";

/** The caches of a running operator, and the wiring from what changes to whose key it wakes. */
export interface LiveCaches extends Caches {
	/** Resolves once every cache but those of routes has what there is. */
	readonly synced: Promise<void>;
}

interface Spec {
	readonly targetRef?: { readonly name?: string };
	readonly service?: { readonly name?: string };
}

interface Status {
	readonly binding?: { readonly target?: unknown; readonly service?: unknown };
}

const APEX_INDEX = "apex";
const TEMPLATE_INDEX = "template";
const PROVIDER_INDEX = "provider";
/** Canaries by the Secrets of their hooks; MetricTemplates and AlertProviders by their own. */
const SECRET_INDEX = "secret";

/** Helm keeps each release's history in Secrets, which nobody else names. Those of service accounts may be somebody's token. */
const NAMEABLE = "type!=helm.sh/release.v1";
const SECRETS_MEND = "let the operator's role list and watch secrets, as deploy/rbac.yaml does";

/** Starts the caches. Whatever changes in one wakes the Canaries that it concerns, and no others. */
export function startCaches(
	{
		client,
		namespace,
		log,
	}: { readonly client: KubeClient; readonly namespace: string | undefined; readonly log: Log },
	wake: (key: ObjectKey) => void,
	signal: AbortSignal,
): LiveCaches {
	const start = (resource: Resource, indexes = {}, options: Partial<CacheOptions> = {}): ResourceCache => {
		const cache = new ResourceCache({
			client,
			resource,
			namespace,
			indexes,
			clock: systemClock,
			random: Math.random,
			log,
			...options,
		});
		void cache.run(signal);
		return cache;
	};
	const canaries = start(resources.canaries, {
		[TARGET_INDEX]: targetKeys,
		[APEX_INDEX]: apexKeys,
		[TEMPLATE_INDEX]: (canary: KubeObject) => referencesOf(canary).metricTemplates,
		[PROVIDER_INDEX]: (canary: KubeObject) => referencesOf(canary).alertProviders,
		[SECRET_INDEX]: (canary: KubeObject) => referencesOf(canary).secrets,
	});
	const deployments = start(resources.deployments);
	const services = start(resources.services);
	const metricTemplates = start(resources.metricTemplates, { [SECRET_INDEX]: secretNamedBy });
	const alertProviders = start(resources.alertProviders, { [SECRET_INDEX]: secretNamedBy });
	const secrets = start({ ...resources.secrets, metadataOnly: true }, undefined, {
		fieldSelector: NAMEABLE,
		onAccess: (mayRead, detail) => {
			if (mayRead) log.info({}, "Secrets can be watched now");
			else log.warn({ reason: detail, mend: SECRETS_MEND }, "Secrets cannot be watched, so each is taken to be there");
			for (const { metadata } of canaries.list()) wake(keyOf(metadata));
		},
	});
	const routes = new Map<string, ResourceCache>();

	const wakeBy = (index: string, key: ObjectKey) => {
		for (const { metadata } of canaries.by(index, key)) wake(keyOf(metadata));
	};
	canaries.subscribe(({ key, before, after }) => {
		wake(key);
		// Of several Canaries on one target only one is obeyed: when one goes or changes, the others have to look again.
		if (after === undefined && before !== undefined) {
			for (const target of targetKeys(before)) wakeBy(TARGET_INDEX, target);
		}
	});
	deployments.subscribe((change) => {
		if (!isRelevant(change)) return;
		wakeBy(TARGET_INDEX, change.key);
		wakeBy(TARGET_INDEX, withoutSuffix(change.key, "-primary"));
	});
	services.subscribe(({ key }) => {
		wakeBy(APEX_INDEX, key);
		wakeBy(APEX_INDEX, withoutSuffix(key, "-primary"));
		wakeBy(APEX_INDEX, withoutSuffix(key, "-canary"));
	});
	metricTemplates.subscribe(({ key }) => wakeBy(TEMPLATE_INDEX, key));
	alertProviders.subscribe(({ key }) => wakeBy(PROVIDER_INDEX, key));
	secrets.subscribe(({ key }) => {
		wakeBy(SECRET_INDEX, key);
		for (const { metadata } of metricTemplates.by(SECRET_INDEX, key)) wakeBy(TEMPLATE_INDEX, keyOf(metadata));
		for (const { metadata } of alertProviders.by(SECRET_INDEX, key)) wakeBy(PROVIDER_INDEX, keyOf(metadata));
	});

	return {
		canaries,
		deployments,
		services,
		metricTemplates,
		alertProviders,
		secrets,
		synced: Promise.all(
			[canaries, deployments, services, metricTemplates, alertProviders, secrets].map((cache) => cache.synced),
		).then(() => undefined),
		route: (apiVersion, kind) => routes.get(`${apiVersion}/${kind}`),
		async watchRoutes(apiVersion: string, { kind, plural }: RouteResource, until: AbortSignal) {
			const known = routes.get(`${apiVersion}/${kind}`);
			if (known !== undefined) return syncedBefore(known, until);
			const cache = start({ apiVersion, kind, plural, namespaced: true });
			routes.set(`${apiVersion}/${kind}`, cache);
			cache.subscribe(({ key }) => wakeBy(APEX_INDEX, key));
			return syncedBefore(cache, until);
		},
	};
}

/** Throws when the signal aborts first: a cache that is stopped before its first list is never synced. */
async function syncedBefore(cache: ResourceCache, signal: AbortSignal): Promise<void> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const stop = () => reject(signal.reason);
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	try {
		await Promise.race([cache.synced, aborted]);
	} finally {
		signal.removeEventListener("abort", stop);
	}
}

/** A Deployment's status counts pods one by one; only what a Canary looks at is worth a look. */
function isRelevant({ before, after }: Change): boolean {
	if (before === undefined || after === undefined) return true;
	return relevantPart(before) !== relevantPart(after);
}

function relevantPart({ metadata, status }: KubeObject): string {
	const { observedGeneration, replicas, updatedReplicas, availableReplicas, conditions } = (status ?? {}) as {
		observedGeneration?: number;
		replicas?: number;
		updatedReplicas?: number;
		availableReplicas?: number;
		conditions?: { type: string; status: string; reason?: string }[];
	};
	const { generation, labels, annotations, ownerReferences, deletionTimestamp } = metadata;
	const stuck = conditions?.find(({ type }) => type === "Progressing");
	return JSON.stringify([
		[generation, observedGeneration, replicas, updatedReplicas, availableReplicas],
		[stuck?.status, stuck?.reason, labels, annotations, ownerReferences, deletionTimestamp],
	]);
}

function withoutSuffix(key: ObjectKey, suffix: string): ObjectKey {
	return key.endsWith(suffix) ? key.slice(0, -suffix.length) : "";
}

function targetName(canary: KubeObject): string {
	return String((canary.spec as Spec | undefined)?.targetRef?.name ?? "");
}

function apexName(canary: KubeObject): string {
	return String((canary.spec as Spec | undefined)?.service?.name ?? targetName(canary));
}

/** What the spec names, and what was taken over under another spec. */
function targetKeys(canary: KubeObject): readonly ObjectKey[] {
	return keysOf(canary, targetName(canary), (canary.status as Status | undefined)?.binding?.target);
}

function apexKeys(canary: KubeObject): readonly ObjectKey[] {
	return keysOf(canary, apexName(canary), (canary.status as Status | undefined)?.binding?.service);
}

function keysOf({ metadata: { namespace } }: KubeObject, asked: string, taken: unknown): readonly ObjectKey[] {
	const names = typeof taken === "string" && taken !== asked ? [asked, taken] : [asked];
	return names.map((name) => keyOf({ namespace, name }));
}
