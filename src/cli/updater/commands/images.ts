import type { ImageRecord } from "../../../api/image-record.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { resources } from "../../../kube/resources.ts";
import { type ImageReference, parseImageReference } from "../../../updater/image-reference.ts";
import { workloadKey, workloadNamed, workloadsNamedBy } from "../../../updater/loop/cluster.ts";
import { recordOf, recordsIn } from "../../../updater/loop/records.ts";
import { keptAsPrimaryBy, type Source, sourceOf } from "../../../updater/loop/sources.ts";
import type { UpdateRule } from "../../../updater/rule.ts";
import type { WorkloadKind } from "../../../updater/workload.ts";
import { DEFAULTS, listAll, targeting, workloadResources } from "./workloads.ts";

/** One image that is kept up to date, with what is recorded of it. */
export interface KeptImage {
	readonly kind: WorkloadKind;
	readonly namespace: string;
	readonly name: string;
	/** An ImagePolicy records what it saw; annotations record only what has to outlive the operator. */
	readonly by: "policy" | "annotations";
	readonly written: ImageReference | undefined;
	readonly record: ImageRecord;
	readonly rule: UpdateRule;
	/** What the operator said last that keeps what was chosen from going on; of an ImagePolicy alone. */
	readonly hindered?: { readonly reason: string; readonly message: string };
}

/** Who asked for updates and cannot have them, with why. */
export interface Refused {
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
	readonly problems: readonly string[];
}

export interface KeptImages {
	readonly images: readonly KeptImage[];
	readonly refused: readonly Refused[];
}

/** The images of one workload. */
export function imagesKept(workload: KubeObject, policies: readonly KubeObject[]): KeptImages {
	const source = sourceOf(workload, policies, DEFAULTS);
	const { kind, metadata } = workload;
	const named = { kind: kind as WorkloadKind, namespace: metadata.namespace ?? "default", name: metadata.name };
	const refused = (problems: readonly string[]) => ({ images: [], refused: [{ ...named, problems }] });
	if (source.kind === "unreadable") return refused(source.problems);
	if (source.kind === "none" || source.asked.kind === "none") return { images: [], refused: [] };
	if (source.asked.kind === "invalid") return refused(source.asked.problems);
	const { records, problems } = recordsIn(source, workload);
	if (problems.length > 0) return refused(problems);
	const images = source.asked.images.map(({ container, rule }): KeptImage => {
		const parsed = parseImageReference(container.image);
		const written = parsed.ok ? parsed.reference : undefined;
		return { ...named, by: by(source), written, record: recordOf(container, records), rule, ...hinderedBy(source) };
	});
	return { images, refused: [] };
}

/** All images that are kept up to date in the namespace, or in every one; by namespace, kind and name. */
export async function allImagesKept(
	client: Pick<KubeClient, "list">,
	namespace: string | undefined,
): Promise<KeptImages> {
	const [policies, ...listed] = await Promise.all([
		listAll(client, resources.imagePolicies, namespace),
		...Object.values(workloadResources).map((resource) => listAll(client, resource, namespace)),
	]);
	const byNamespace = Map.groupBy(policies, ({ metadata }) => metadata.namespace ?? "default");
	const workloads = listed
		.flat()
		.filter((workload) => keptAsPrimaryBy(workload) === undefined)
		.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
	const kept = workloads.map((workload) => {
		const near = byNamespace.get(workload.metadata.namespace ?? "default") ?? [];
		return imagesKept(workload, targeting(workloadKey(workload), near));
	});
	return {
		images: kept.flatMap(({ images }) => images),
		refused: [...kept.flatMap(({ refused }) => refused), ...withoutTarget(policies, workloads)],
	};
}

/** Reasons of the condition `Ready` that are not of one image alone. */
const HINDERING = ["ApprovalsProblem", "WriteProblem", "WriteBackProblem"];

/** What the operator said last of the policy's images as a whole, if they cannot go on. */
export function hinderedBy(source: Source): Pick<KeptImage, "hindered"> {
	const conditions = source.kind === "policy" ? (source.policy.status?.conditions ?? []) : [];
	const ready = conditions.find(({ type, reason }) => type === "Ready" && HINDERING.includes(reason));
	return ready === undefined ? {} : { hindered: { reason: ready.reason, message: ready.message } };
}

function by(source: Source): KeptImage["by"] {
	return source.kind === "policy" ? "policy" : "annotations";
}

function orderOf({ kind, metadata }: KubeObject): string {
	return `${metadata.namespace} ${kind} ${metadata.name}`;
}

/** ImagePolicies of workloads that are not there. */
function withoutTarget(policies: readonly KubeObject[], workloads: readonly KubeObject[]): readonly Refused[] {
	const there = new Set(workloads.map(workloadKey));
	return policies.flatMap((policy) => {
		const missing = workloadsNamedBy(policy).filter((key) => !there.has(key));
		const { namespace = "default", name } = policy.metadata;
		return missing.map(workloadNamed).map(({ kind, name: target }) => ({
			...{ kind: policy.kind, namespace, name },
			problems: [`spec.targetRef: there is no ${kind} ${target}`],
		}));
	});
}
