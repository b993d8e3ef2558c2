import { z } from "zod";
import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { resources } from "../../../kube/resources.ts";
import { COMMAND_ANNOTATION } from "../../../reconciler/commands.ts";
import type { ImageDeed } from "../../../server/dashboard/ports.ts";
import { parseImageReference, withTag } from "../../../updater/image-reference.ts";
import { complaintOf } from "../../complaint.ts";
import { RefusedError } from "../../usage-error.ts";

export interface DeedPorts {
	/** Acts as the visitor and as nobody else. */
	readonly client: Pick<KubeClient, "create" | "patch">;
	/** Who that is, as the API server names them; asked of it when undefined. */
	readonly user: string | undefined;
	/** Tells says and commands of the same moment apart. */
	unique(): string;
	deadline(): AbortSignal;
}

export const deedWaits: Pick<DeedPorts, "unique" | "deadline"> = {
	unique: () => crypto.randomUUID().slice(0, 8),
	deadline: () => AbortSignal.timeout(TIMEOUT_MS),
};
const TIMEOUT_MS = 10_000;

const SelfReview = z.object({ status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }) });
/** A name of an object has 253 characters at most. */
const STEM_LENGTH_MAX = 200;

/** Approves, rejects or forgets, as the visitor. Throws an Error with the mend when that is refused. */
export async function doDeed(ports: DeedPorts, deed: ImageDeed): Promise<string> {
	try {
		return deed.verb === "forget" ? await forget(ports, deed) : await say(ports, deed, deed.verb);
	} catch (thrown) {
		throw new Error(complaintOf(thrown).text.replace(/^haldane: /, ""), { cause: thrown });
	}
}

async function say(
	ports: DeedPorts,
	{ line, tag, digest }: ImageDeed,
	decision: "approve" | "reject",
): Promise<string> {
	const { client, unique, deadline } = ports;
	const { kind, namespace, name, image } = line;
	const written = parseImageReference(image);
	if (!written.ok) throw new RefusedError(`The image of the workload can't be read: it ${written.problem}`);
	const user = ports.user ?? (await userOf(ports));
	const { apiVersion, kind: approvalKind } = resources.imageApprovals;
	const spec = { image: withTag(written.reference, tag), digest, workload: { kind, name }, decision, user };
	const metadata = { name: `${name.slice(0, STEM_LENGTH_MAX)}-${unique()}`, namespace };
	await client.create({ apiVersion, kind: approvalKind, metadata, spec }, { signal: deadline() });
	const done = decision === "approve" ? "approved" : "rejected";
	return `${kind} ${keyOf({ namespace, name })}: ${tag} ${done} by ${user}`;
}

async function userOf({ client, deadline }: DeedPorts): Promise<string> {
	// A review has no name, and is refused with one.
	const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: { name: "" } };
	const answer = SelfReview.safeParse(await client.create(review as KubeObject, { signal: deadline() }));
	if (!answer.success)
		throw new RefusedError("The API server does not say who you are; it takes Kubernetes 1.28 or newer");
	return answer.data.status.userInfo.username;
}

async function forget({ client, unique, deadline }: DeedPorts, { line, tag }: ImageDeed): Promise<string> {
	const { namespace, container, askedBy } = line;
	const resource = [
		resources.imagePolicies,
		resources.deployments,
		resources.daemonSets,
		resources.statefulSets,
		resources.cronJobs,
	].find(({ kind }) => kind === askedBy.kind);
	if (resource === undefined) throw new RefusedError(`A ${askedBy.kind} remembers nothing of images`);
	const { apiVersion, kind } = resource;
	const ref = { apiVersion, kind, namespace, name: askedBy.name };
	const id = `forget:${container}/${tag}@${unique()}`;
	await client.patch(ref, { metadata: { annotations: { [COMMAND_ANNOTATION]: id } } }, { signal: deadline() });
	return `${kind} ${keyOf(ref)}: asked to forget ${tag}`;
}
