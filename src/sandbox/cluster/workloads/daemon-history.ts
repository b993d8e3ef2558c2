import { type KubeObject, refOf } from "../../../domain/kube-object.ts";
import type { SandboxApi } from "../../contract.ts";
import { claim } from "../claim.ts";
import { canonical, templateHash } from "../hash.ts";
import { CONTROLLER_REVISION, DAEMON_SET, type LabelSelector, ownedBy, type Template } from "../kinds.ts";

/** Of a pod: which of its DaemonSet's templates it is made from. */
export const REVISION_HASH = "controller-revision-hash";

export interface DaemonSet extends KubeObject {
	readonly spec: {
		readonly selector: LabelSelector;
		readonly template: Template;
		readonly minReadySeconds?: number;
		readonly revisionHistoryLimit?: number;
		readonly updateStrategy?: {
			readonly type?: string;
			readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
		};
	};
}

interface Revision extends KubeObject {
	readonly revision: number;
	readonly data: unknown;
}

/**
 * Writes down the DaemonSet's template as its newest revision, for `kubectl rollout history` and `undo`, and forgets the
 * oldest beyond the limit, unless there are pods of it. Returns the hash that its pods have as a label.
 */
export function keepHistory(api: SandboxApi, set: DaemonSet, hashesInUse: ReadonlySet<string>): string {
	const { namespace = "", name } = set.metadata;
	const candidates = api.list(CONTROLLER_REVISION, { namespace }) as readonly Revision[];
	const revisions = [
		...claim({ api, owner: set, ownerKind: DAEMON_SET, selector: set.spec.selector, candidates }),
	].sort((one, other) => one.revision - other.revision);
	const data = { spec: { template: { ...set.spec.template, $patch: "replace" } } };
	const next = (revisions.at(-1)?.revision ?? 0) + 1;
	const known = revisions.find((revision) => canonical(revision.data) === canonical(data));
	forgetOldest(
		api,
		set,
		revisions.filter((one) => one !== known && !hashesInUse.has(hashIn(one))),
	);
	if (known !== undefined) {
		if (known !== revisions.at(-1)) {
			const { resourceVersion } = known.metadata;
			api.patch(refOf(known), { metadata: { resourceVersion }, revision: next });
		}
		return hashIn(known);
	}
	const hash = templateHash(set.spec.template);
	api.create({
		...CONTROLLER_REVISION,
		metadata: {
			name: `${name}-${hash}`,
			namespace,
			labels: { ...set.spec.template.metadata?.labels, [REVISION_HASH]: hash },
			annotations: { "deprecated.daemonset.template.generation": String(set.metadata.generation ?? 1) },
			ownerReferences: [ownedBy(set, DAEMON_SET)],
		},
		data,
		revision: next,
	});
	return hash;
}

function forgetOldest(api: SandboxApi, { spec }: DaemonSet, idle: readonly Revision[]): void {
	const surplus = idle.length - (spec.revisionHistoryLimit ?? 10);
	for (const revision of idle.slice(0, Math.max(0, surplus))) api.delete(refOf(revision));
}

function hashIn({ metadata }: KubeObject): string {
	return metadata.labels?.[REVISION_HASH] ?? "";
}
