import { parseImageApproval } from "../../../api/image-approval.ts";
import { type Instant, instantOf } from "../../../domain/instant.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ChosenImage, Vote } from "../../decide/situation.ts";
import { type ImageReference, parseImageReference, repositoryKey } from "../../image-reference.ts";
import type { WorkloadName } from "../cluster.ts";

interface Voting {
	readonly chosen: ChosenImage;
	readonly written: ImageReference;
	readonly workload: WorkloadName;
	/** Since when the API server vouches for who said what; undefined: it does not. */
	readonly vouchedSince: Instant | undefined;
}

/**
 * What people say about the chosen image: only of its digest, of its repository and for the workload, and only what the API
 * server vouches for. One entry a person; whoever rejected it has rejected it, whatever else he says.
 */
export function votesFor(
	{ chosen, written, workload, vouchedSince }: Voting,
	approvals: readonly KubeObject[],
): readonly Vote[] {
	const votes = new Map<string, Vote>();
	if (vouchedSince === undefined) return [];
	for (const object of approvals) {
		const parsed = parseImageApproval(object);
		if (!parsed.ok) continue;
		const { spec, metadata } = parsed.approval;
		const image = parseImageReference(spec.image);
		if (!image.ok || repositoryKey(image.reference) !== repositoryKey(written)) continue;
		if (spec.digest !== chosen.digest) continue;
		if (spec.workload.kind !== workload.kind || spec.workload.name !== workload.name) continue;
		const saidAt = instantOf(metadata.creationTimestamp);
		if (saidAt === undefined || saidAt < vouchedSince) continue;
		if (votes.get(spec.user)?.decision !== "reject") votes.set(spec.user, { user: spec.user, decision: spec.decision });
	}
	return [...votes.values()];
}

/** What was said so long ago is deleted, once nothing waits for it. */
export const APPROVAL_AGE_MS_MAX = 30 * 86_400_000;

/** Approvals that are that old and about none of the digests. */
export function spentApprovals(
	approvals: readonly KubeObject[],
	{ awaited, now }: { readonly awaited: ReadonlySet<string>; readonly now: Instant },
): readonly KubeObject[] {
	return approvals.filter(({ metadata, spec }) => {
		const saidAt = instantOf(metadata.creationTimestamp);
		const digest = (spec as { readonly digest?: unknown } | undefined)?.digest;
		if (typeof digest === "string" && awaited.has(digest)) return false;
		return saidAt !== undefined && now - saidAt > APPROVAL_AGE_MS_MAX;
	});
}
