import type { KubeObject } from "../../domain/kube-object.ts";
import type { WorkloadImage, WorkloadKind } from "../workload.ts";
import type { Vouched } from "./approvals/vouching.ts";
import type { CredentialQuestion, Found } from "./pull-credentials.ts";

/** `Deployment/shop/cart`: the key of the updater's queue. */
export type WorkloadKey = string;

export function workloadKey({ kind, metadata: { namespace, name } }: KubeObject): WorkloadKey {
	return `${kind}/${namespace ?? "default"}/${name}`;
}

/** What an ImagePolicy or a Canary has as its target, or an ImageApproval is about: one, or none while the object does not say. */
export function workloadsNamedBy({ metadata: { namespace = "default" }, spec }: KubeObject): readonly WorkloadKey[] {
	const { targetRef, workload } = (spec ?? {}) as Readonly<
		Record<string, { kind?: unknown; name?: unknown } | undefined>
	>;
	const { kind, name } = targetRef ?? workload ?? {};
	return typeof kind === "string" && typeof name === "string" ? [`${kind}/${namespace}/${name}`] : [];
}

export interface WorkloadName {
	readonly kind: WorkloadKind;
	readonly namespace: string;
	readonly name: string;
}

export function workloadNamed(key: WorkloadKey): WorkloadName {
	const [kind = "", namespace = "", name = ""] = key.split("/");
	return { kind: kind as WorkloadKind, namespace, name };
}

/** The cluster as the updater sees it. Reads are from caches that hold our own writes at once; writes throw ApiError. */
export interface UpdaterCluster {
	workload(named: WorkloadName): KubeObject | undefined;
	/** ImagePolicies of the namespace that name the workload, the oldest first. */
	policiesOn(named: WorkloadName): readonly KubeObject[];
	/** The Canary whose target the workload is. */
	canaryOn(named: WorkloadName): KubeObject | undefined;
	/** What that Canary keeps as its primary. */
	primaryOf(canary: KubeObject): KubeObject | undefined;
	/** ImageApprovals of the namespace for that digest. */
	approvals(namespace: string, digest: string): readonly KubeObject[];
	/** Whether the API server vouches for who wrote an ImageApproval. */
	vouched(signal: AbortSignal): Promise<Vouched>;
	/** ImageApprovals of whatever digest that name the workload. */
	approvalsOn(named: WorkloadName): readonly KubeObject[];
	/** Deletes it; done as well when it is gone already. */
	deleteApproval(approval: KubeObject, signal: AbortSignal): Promise<void>;
	/** What the nodes run on that the workload's pods may come to, such as `linux/amd64`; empty when that is not known. */
	nodePlatforms(workload: KubeObject): readonly string[];
	/** Whether workloads of the namespace are looked after. */
	isInScope(namespace: string): boolean;
	/** What the images are asked about with. What cannot be read is said, and left out. */
	credentials(question: CredentialQuestion, signal: AbortSignal): Promise<Found>;
	/** The registry's own host and its mirror's. */
	hostsOf(registry: string): readonly string[];
	replaceStatus(policy: KubeObject, signal: AbortSignal): Promise<KubeObject>;
	/** An annotation of the workload, or none with undefined. */
	annotate(
		workload: KubeObject,
		annotations: Readonly<Record<string, string | null>>,
		signal: AbortSignal,
	): Promise<KubeObject>;
	/** These images and why, by server-side apply; all else of the workload stays as it is. */
	writeImages(
		workload: KubeObject,
		images: readonly WorkloadImage[],
		changeCause: string,
		signal: AbortSignal,
	): Promise<KubeObject>;
}
