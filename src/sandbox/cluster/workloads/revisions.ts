import { refOf } from "../../../domain/kube-object.ts";
import type { SandboxApi } from "../../contract.ts";
import { canonical } from "../hash.ts";
import { compact, type Deployment, type ReplicaSet, type Template } from "../kinds.ts";

/** Of a pod: which of its Deployment's templates it is made from. */
export const TEMPLATE_HASH = "pod-template-hash";

const PREFIX = "deployment.kubernetes.io/";
export const REVISION = `${PREFIX}revision`;
const REVISION_HISTORY = `${PREFIX}revision-history`;
export const DESIRED_REPLICAS = `${PREFIX}desired-replicas`;
const MAX_REPLICAS = `${PREFIX}max-replicas`;
/** Of a Deployment, and not handed on to its ReplicaSets. */
const OWN_ANNOTATIONS = [
	"kubectl.kubernetes.io/last-applied-configuration",
	REVISION,
	REVISION_HISTORY,
	DESIRED_REPLICAS,
	MAX_REPLICAS,
	"deprecated.deployment.rollback.to",
];

/** True when the ReplicaSet makes the pods that the template asks for. */
export function isOfTemplate({ spec }: ReplicaSet, template: Template): boolean {
	const { [TEMPLATE_HASH]: _hash, ...labels } = spec.template.metadata?.labels ?? {};
	const made = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
	const { [TEMPLATE_HASH]: _other, ...wantedLabels } = template.metadata?.labels ?? {};
	const wanted = { ...template, metadata: { ...template.metadata, labels: wantedLabels } };
	return canonical(made) === canonical(wanted);
}

export function revisionOf({ metadata }: { metadata: ReplicaSet["metadata"] }): number {
	return Number(metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** What a ReplicaSet's annotations say when it is its Deployment's newest, of that revision. */
export function annotationsOf(
	deployment: Deployment,
	set: ReplicaSet | undefined,
	revision: number,
	maxReplicas: number,
): Readonly<Record<string, string>> {
	const handedOn = Object.entries(deployment.metadata.annotations ?? {}).filter(
		([name]) => !OWN_ANNOTATIONS.includes(name),
	);
	const before = set?.metadata.annotations ?? {};
	const was = set === undefined ? 0 : revisionOf(set);
	const isRaised = was > 0 && was < revision;
	const history = [before[REVISION_HISTORY], isRaised ? String(was) : undefined].filter(Boolean).join(",");
	return compact({
		...before,
		...Object.fromEntries(handedOn),
		[REVISION]: String(Math.max(was, revision)),
		[REVISION_HISTORY]: history === "" ? undefined : history,
		[DESIRED_REPLICAS]: String(deployment.spec.replicas ?? 1),
		[MAX_REPLICAS]: String(maxReplicas),
	}) as Readonly<Record<string, string>>;
}

/** Sets how many pods it keeps, and notes how many its Deployment asks for. */
export function resize(
	api: SandboxApi,
	set: ReplicaSet,
	replicas: number,
	annotations: Readonly<Record<string, string>> = {},
): ReplicaSet {
	const { resourceVersion } = set.metadata;
	return api.patch(refOf(set), { metadata: { resourceVersion, annotations }, spec: { replicas } }) as ReplicaSet;
}
