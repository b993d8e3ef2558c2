import { parseImageApproval } from "../../api/image-approval.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { ChosenImage, Vote } from "../decide/situation.ts";
import { type ImageReference, parseImageReference, repositoryKey } from "../image-reference.ts";

/**
 * What people say about the chosen image: only of its digest, and of its repository. One entry a person; whoever rejected
 * it has rejected it, whatever else he says.
 */
export function votesFor(
	{ digest }: ChosenImage,
	written: ImageReference,
	approvals: readonly KubeObject[],
): readonly Vote[] {
	const votes = new Map<string, Vote>();
	for (const object of approvals) {
		const parsed = parseImageApproval(object);
		if (!parsed.ok) continue;
		const { spec } = parsed.approval;
		const image = parseImageReference(spec.image);
		if (!image.ok || repositoryKey(image.reference) !== repositoryKey(written) || spec.digest !== digest) continue;
		if (votes.get(spec.user)?.decision !== "reject") votes.set(spec.user, { user: spec.user, decision: spec.decision });
	}
	return [...votes.values()];
}
