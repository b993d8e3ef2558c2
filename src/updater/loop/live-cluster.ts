import type { Instant } from "../../domain/instant.ts";
import { byAge, describeRef, type KubeObject, keyOf, refOf } from "../../domain/kube-object.ts";
import type { ResourceCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { ApiError, orNone } from "../../kube/errors.ts";
import { resources } from "../../kube/resources.ts";
import { sitesOf } from "../image-registry/settings.ts";
import { platformsFor } from "../platforms.ts";
import { imagePatch, imagesOf, ownedImages, type WorkloadImage, type WorkloadKind } from "../workload.ts";
import { vouching } from "./approvals/vouching.ts";
import type { UpdaterCluster, WorkloadName } from "./cluster.ts";
import { type CredentialPorts, pullCredentials } from "./pull-credentials.ts";
import type { Scope } from "./scope.ts";

/** Who the images are applied as: a manager of its own, so that no other apply of ours takes them away. */
export const UPDATER_MANAGER = "haldane-updater";

/** ImagePolicies by `Deployment/shop/cart`; ImageApprovals by `shop/sha256:…` and by `Deployment/shop/cart`; Canaries by `shop/cart`, their target. */
export const POLICY_TARGET_INDEX = "target";
export const APPROVAL_DIGEST_INDEX = "digest";
export const APPROVAL_WORKLOAD_INDEX = "workload";
export const CANARY_TARGET_INDEX = "target";

/** The caches that the updater reads. */
export interface UpdaterCaches {
	readonly workloads: Readonly<Record<WorkloadKind, ResourceCache>>;
	readonly imagePolicies: ResourceCache;
	readonly imageApprovals: ResourceCache;
	readonly canaries: ResourceCache;
	readonly nodes: ResourceCache;
	readonly namespaces: ResourceCache;
	/** Which there are, and nothing of what they hold. */
	readonly secrets: ResourceCache;
}

export interface LiveUpdaterPorts {
	readonly client: KubeClient;
	readonly caches: UpdaterCaches;
	readonly scope: Scope;
	readonly readSecret: CredentialPorts["readSecret"];
	readonly registries: CredentialPorts["registries"];
	readonly ownNamespace: CredentialPorts["ownNamespace"];
	readonly configured: CredentialPorts["configured"];
	readonly now: () => Instant;
}

/** The real cluster: reads from watch caches, which remember our own writes; writes go to the API server. */
export function liveUpdaterCluster(ports: LiveUpdaterPorts): UpdaterCluster {
	const { client, caches, scope, readSecret, registries, ownNamespace, configured, now } = ports;
	const keyed = ({ namespace, name }: WorkloadName) => keyOf({ namespace, name });
	const cacheOf = (kind: string): ResourceCache | undefined => caches.workloads[kind as WorkloadKind];
	const remembered = (object: KubeObject): KubeObject => {
		cacheOf(object.kind)?.remember(object);
		return object;
	};
	const credentials = pullCredentials({
		readSecret,
		secretVersion: (ref) => caches.secrets.get(keyOf(ref))?.metadata.resourceVersion,
		serviceAccount: (ref, signal) => orNone(client.get({ ...resources.serviceAccounts, ...ref }, { signal })),
		registries,
		ownNamespace,
		configured,
		now,
	});
	return {
		workload: (named) => cacheOf(named.kind)?.get(keyed(named)),
		policiesOn: ({ kind, namespace, name }) =>
			[...caches.imagePolicies.by(POLICY_TARGET_INDEX, `${kind}/${namespace}/${name}`)].sort(byAge),
		canaryOn: (named) => {
			if (named.kind !== "Deployment") return undefined;
			return [...caches.canaries.by(CANARY_TARGET_INDEX, keyed(named))].sort(byAge)[0];
		},
		primaryOf: (canary) => {
			const target = (canary.spec as { readonly targetRef?: { readonly name?: unknown } } | undefined)?.targetRef?.name;
			if (typeof target !== "string") return undefined;
			const { namespace } = canary.metadata;
			return caches.workloads.Deployment.get(keyOf({ namespace, name: `${target}-primary` }));
		},
		approvals: (namespace, digest) => caches.imageApprovals.by(APPROVAL_DIGEST_INDEX, `${namespace}/${digest}`),
		vouched: vouching({
			admissionPolicy: (name, signal) => orNone(client.get({ ...resources.admissionPolicies, name }, { signal })),
			admissionPolicyBinding: (name, signal) =>
				orNone(client.get({ ...resources.admissionPolicyBindings, name }, { signal })),
			now,
		}),
		approvalsOn: ({ kind, namespace, name }) =>
			caches.imageApprovals.by(APPROVAL_WORKLOAD_INDEX, `${kind}/${namespace}/${name}`),
		deleteApproval: (approval, signal) => client.delete(refOf(approval), { uid: approval.metadata.uid, signal }),
		nodePlatforms: (workload) => platformsFor(workload, caches.nodes.list()),
		// Who may not see which policies there are does not know what they forbid.
		isInScope: (namespace) =>
			caches.imagePolicies.mayRead && scope.includes(namespace, caches.namespaces.get(namespace)?.metadata.labels),
		credentials,
		hostsOf: (registry) => sitesOf(registry, registries).map(({ host }) => host),
		replaceStatus: async (policy, signal) => {
			const written = await client.replaceStatus(policy, { signal });
			caches.imagePolicies.remember(written);
			return written;
		},
		annotate: async (workload, annotations, signal) => {
			// Of the version that was read: a record that is written over one not seen would forget.
			const { resourceVersion } = workload.metadata;
			return remembered(
				await client.patch(refOf(workload), { metadata: { annotations, resourceVersion } }, { signal }),
			);
		},
		writeImages: async (workload, images, changeCause, signal) => {
			const live = await client.get(refOf(workload), { signal });
			if (!isAsSeen(live, workload, images))
				throw new ApiError(`${describeRef(refOf(workload))}: its images are others by now`, CONFLICT);
			// An apply takes away what it applied before and does not say again.
			const kept = ownedImages(live, UPDATER_MANAGER).filter(
				({ role, name }) => !images.some((image) => image.role === role && image.name === name),
			);
			const { uid, resourceVersion } = live.metadata;
			const patch = imagePatch(live, [...images, ...kept], { changeCause });
			// An apply makes what is not there: only this one, and only as it was looked at.
			const asSeen = {
				...(uid === undefined ? {} : { uid }),
				...(resourceVersion === undefined ? {} : { resourceVersion }),
			};
			const exact = { ...patch, metadata: { ...patch.metadata, ...asSeen } };
			return remembered(await client.apply(exact, { force: true, manager: UPDATER_MANAGER, signal }));
		},
	};
}

const CONFLICT = { status: 409, reason: "Conflict" } as const;

/** Whether it is the workload that was decided about, and nobody has written one of these images since: a leader that was replaced may not know. */
function isAsSeen(live: KubeObject, seen: KubeObject, images: readonly WorkloadImage[]): boolean {
	if (live.metadata.uid !== seen.metadata.uid) return false;
	const written = (object: KubeObject) => {
		const all = imagesOf(object);
		return images.map(({ role, name }) => all.find((one) => one.role === role && one.name === name)?.image).join("\n");
	};
	return written(live) === written(seen);
}
