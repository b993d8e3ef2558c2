import type { ImageApprovalSpec } from "../../../api/image-approval.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { ApiError } from "../../../kube/errors.ts";
import { resources } from "../../../kube/resources.ts";
import { RefusedError, UsageError } from "../../usage-error.ts";
import { type AwaitedImage, approvingIn, awaitedAmong, imageText, uncountedBy } from "./approvals.ts";
import { imagesKept } from "./images.ts";
import { oneLine } from "./one-line.ts";
import { listAll, type NamedWorkload, readWorkload } from "./workloads.ts";

export interface VotePorts {
	readonly client: Pick<KubeClient, "get" | "list" | "create">;
	readonly namespace: string;
}

export interface AskedVote {
	readonly decision: ImageApprovalSpec["decision"];
	readonly workload: NamedWorkload;
	/** Needed when several images of the workload wait. */
	readonly container: string | undefined;
	readonly comment: string | undefined;
}

const COMMENT_LENGTH_MAX = 1_024;
const did = { approve: "approved", reject: "rejected" } as const;

/**
 * Says what the user of the kubeconfig thinks of the image that was chosen: of its digest, and of nothing else. Who that
 * is the API server says. Refuses when nothing waits, or when the user may not.
 */
export async function vote({ client, namespace }: VotePorts, asked: AskedVote): Promise<string> {
	const { decision, comment } = asked;
	const { kind, name } = asked.workload;
	if (comment !== undefined && comment.length > COMMENT_LENGTH_MAX)
		throw new UsageError(`--comment: write at most ${COMMENT_LENGTH_MAX} characters`);
	const [{ workload, policies }, approvals] = await Promise.all([
		readWorkload(client, namespace, asked.workload),
		listAll(client, resources.imageApprovals, namespace),
	]);
	const image = theOne(awaitedAmong(imagesKept(workload, policies).images, approvals), asked, namespace);
	const { chosen, votes, rule } = image;
	const user = await whoAmI(client);
	const what = `${kind} ${namespace}/${name}: ${imageText(image)} (${chosen.digest})`;
	const before = votes.find((one) => one.user === user);
	if (before?.decision === decision) throw new RefusedError(`${what} was ${did[decision]} by you already`);
	if (before?.decision === "reject")
		throw new RefusedError(`${what} was rejected by you; delete your ImageApproval before you approve it`);
	const spec: ImageApprovalSpec = {
		image: imageText(image),
		digest: chosen.digest,
		workload: { kind, name },
		decision,
		user,
		...(comment === undefined ? {} : { comment }),
	};
	await create(client, { namespace, name, spec });
	if (decision === "reject") return `${what} is rejected by ${user}; it is not used, nor chosen again`;
	const uncounted = uncountedBy(image);
	if (uncounted !== undefined) return `${what} is approved by ${user}; but the operator says: ${oneLine(uncounted)}`;
	const missing = rule.approvals - new Set([...approvingIn(votes), user]).size;
	if (missing <= 0) return `${what} is approved by ${user}; that was enough, and the operator goes on`;
	const until = chosen.deadline === undefined ? "" : ` until ${chosen.deadline}`;
	return `${what} is approved by ${user}; ${missing} more ${missing === 1 ? "is" : "are"} needed${until}`;
}

/** The image that is meant; two containers that wait for the same one are one. */
function theOne(
	awaited: readonly AwaitedImage[],
	{ workload: { kind, name }, container }: AskedVote,
	namespace: string,
): AwaitedImage {
	const workload = `${kind} ${namespace}/${name}`;
	const meant = awaited.filter(({ record }) => container === undefined || record.container === container);
	const [first, ...others] = meant;
	if (first === undefined) {
		const elsewhere = awaited.map(({ record }) => record.container).join(", ");
		const instead =
			elsewhere === "" ? "; haldane updater pending -A lists what does" : `; what waits are those of ${elsewhere}`;
		throw new RefusedError(
			`${workload}: no image${container === undefined ? "" : ` of ${container}`} waits for approval${instead}`,
		);
	}
	const differs = (other: AwaitedImage) =>
		imageText(other) !== imageText(first) || other.chosen.digest !== first.chosen.digest;
	if (others.some(differs)) {
		const names = meant.map(({ record }) => record.container).join(", ");
		throw new UsageError(`${workload}: several images wait; name one of ${names} with -c`);
	}
	return first;
}

/** As the API server knows us: nobody can say that of himself. */
async function whoAmI(client: Pick<KubeClient, "create">): Promise<string> {
	const review = await client.create({
		apiVersion: "authentication.k8s.io/v1",
		kind: "SelfSubjectReview",
		metadata: { name: "" },
	});
	const { userInfo } = (review.status ?? {}) as { readonly userInfo?: { readonly username?: unknown } };
	if (typeof userInfo?.username !== "string" || userInfo.username === "")
		throw new RefusedError("the API server does not say who you are (SelfSubjectReview, Kubernetes 1.28 or later)");
	return userInfo.username;
}

interface NewApproval {
	readonly namespace: string;
	readonly name: string;
	readonly spec: ImageApprovalSpec;
}

async function create(client: Pick<KubeClient, "create">, { namespace, name, spec }: NewApproval): Promise<void> {
	const { apiVersion, kind } = resources.imageApprovals;
	const metadata = { generateName: `${name}-`, namespace } as unknown as KubeObject["metadata"];
	try {
		await client.create({ apiVersion, kind, metadata, spec });
	} catch (thrown) {
		if (!(thrown instanceof ApiError) || thrown.status !== 403) throw thrown;
		throw new RefusedError(
			`you (${spec.user}) may not ${spec.decision} images in namespace ${namespace}; whoever may bind roles there lets you: kubectl -n ${namespace} create rolebinding NAME --clusterrole=haldane-approver --user=${spec.user}`,
		);
	}
}
