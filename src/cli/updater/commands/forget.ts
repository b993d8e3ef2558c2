import { parseImageApproval } from "../../../api/image-approval.ts";
import type { ImageRecord } from "../../../api/image-record.ts";
import { timestamp } from "../../../domain/instant.ts";
import { describeRef, type KubeObject, type ObjectRef, refOf } from "../../../domain/kube-object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { ApiError } from "../../../kube/errors.ts";
import { resources } from "../../../kube/resources.ts";
import { isTag } from "../../../updater/image-reference.ts";
import { forgetText, IMAGE_COMMAND_ANNOTATION, pendingImageCommand } from "../../../updater/loop/commands.ts";
import { RefusedError, UsageError } from "../../usage-error.ts";
import { imagesKept, type KeptImage } from "./images.ts";
import { listAll, type NamedWorkload, readWorkload } from "./workloads.ts";

export interface ForgetPorts {
	readonly client: Pick<KubeClient, "get" | "list" | "patch" | "delete">;
	readonly namespace: string;
	now(): number;
	/** Tells commands of one moment apart. */
	unique(): string;
	sleep(ms: number): Promise<unknown>;
}

export interface AskedForget {
	readonly workload: NamedWorkload;
	/** Undefined for all of them. */
	readonly tag: string | undefined;
	readonly container: string | undefined;
}

/** How long the operator is waited for: so many looks, so far apart. */
const LOOKS_MAX = 20;
const LOOK_MS = 500;

/**
 * Has tags that failed or were rejected forgotten, so that they may be chosen again: by an annotation that the operator
 * obeys. Refuses what would change nothing.
 */
export async function forget(ports: ForgetPorts, asked: AskedForget): Promise<string> {
	const { client, namespace, now, unique } = ports;
	const { tag, container } = asked;
	if (tag !== undefined && !isTag(tag)) throw new UsageError(`${tag}: is not a tag; leave it out for all of them`);
	const { workload, policies } = await readWorkload(client, namespace, asked.workload);
	const { images, refused } = imagesKept(workload, policies);
	const what = describeRef(refOf(workload));
	if (images.length === 0) {
		const why = refused.flatMap(({ problems }) => problems).join("; ");
		throw new RefusedError(`${what}: ${why === "" ? "none of its images is kept up to date" : why}`);
	}
	const barred = images
		.filter(({ record }) => container === undefined || record.container === container)
		.map((image) => ({ image, ...barredIn(image.record, tag) }))
		.filter(({ failed, rejected }) => failed.length + rejected.length > 0);
	if (barred.length === 0)
		throw new RefusedError(
			`${what}: nothing is remembered ${tag === undefined ? "" : `of ${tag} `}that could be forgotten`,
		);
	const written = writtenAmong(barred);
	refuseWhatIsWritten(what, barred, written);
	const digests = barred.flatMap(({ rejected }) => rejected.map(({ digest }) => digest));
	await withdrawRejections(client, { namespace, digests, workload: asked.workload });

	const [policy] = policies;
	const ref = refOf(policy ?? workload);
	const id = forgetText({ container, tag }, `${timestamp(now())}/${unique()}`);
	await client.patch(ref, { metadata: { annotations: { [IMAGE_COMMAND_ANNOTATION]: id } } });
	const tags = [...new Set(barred.flatMap(({ failed, rejected }) => [...failed, ...rejected].map((one) => one.tag)))];
	await untilObeyed(ports, ref, id);
	const isFreed = (one: string) =>
		!written.includes(one) || barred.some(({ rejected }) => rejected.some(({ tag: freed }) => freed === one));
	const forgotten = tags.filter(isFreed).join(", ");
	const stays =
		written.length === 0
			? ""
			: `; ${written.join(", ")} is written, and remembered until haldane retry has the Canary try it again`;
	return `${what}: forgotten: ${forgotten}; what the rule prefers is chosen anew${stays}`;
}

function barredIn({ failed = [], rejected = [] }: ImageRecord, tag: string | undefined) {
	const isMeant = (one: { readonly tag: string }) => tag === undefined || one.tag === tag;
	return { failed: failed.filter(isMeant), rejected: rejected.filter(isMeant) };
}

interface Barred extends ReturnType<typeof barredIn> {
	readonly image: KeptImage;
}

/** Tags that failed and that the workload asks for still: the operator would remember them at once again. */
function writtenAmong(barred: readonly Barred[]): readonly string[] {
	const tags = barred.flatMap(({ image: { written }, failed }) =>
		failed.map((one) => one.tag).filter((tag) => tag === written?.tag),
	);
	return [...new Set(tags)];
}

/** What the workload asks for already needs no choosing: its Canary has to try it again. */
function refuseWhatIsWritten(what: string, barred: readonly Barred[], written: readonly string[]): void {
	const isNothingElse = barred.every(
		({ failed, rejected }) => rejected.length === 0 && failed.every(({ tag }) => written.includes(tag)),
	);
	if (isNothingElse)
		throw new RefusedError(
			`${what}: has ${written.join(", ")} written already, and its Canary rolled it back; haldane retry and the Canary's name tries it again`,
		);
}

/** A rejection that still stands would reject the same image again. */
async function withdrawRejections(
	client: ForgetPorts["client"],
	{ namespace, digests, workload }: { namespace: string; digests: readonly string[]; workload: NamedWorkload },
): Promise<void> {
	if (digests.length === 0) return;
	for (const object of await listAll(client, resources.imageApprovals, namespace)) {
		const parsed = parseImageApproval(object);
		if (!parsed.ok || parsed.approval.spec.decision !== "reject" || !digests.includes(parsed.approval.spec.digest))
			continue;
		const { user, workload: of } = parsed.approval.spec;
		if (of.kind !== workload.kind || of.name !== workload.name) continue;
		try {
			await client.delete(refOf(object));
		} catch (thrown) {
			if (!(thrown instanceof ApiError) || thrown.status !== 403) throw thrown;
			throw new RefusedError(
				`ImageApproval ${namespace}/${object.metadata.name}: the rejection of ${user} stands, and you may not delete it; nothing was forgotten`,
			);
		}
	}
}

async function untilObeyed({ client, sleep }: ForgetPorts, ref: ObjectRef, id: string): Promise<void> {
	for (let look = 0; look < LOOKS_MAX; look++) {
		const object = await client.get(ref);
		if (isObeyed(object, id)) return;
		const standing = object.metadata.annotations?.[IMAGE_COMMAND_ANNOTATION];
		if (standing !== id)
			throw new RefusedError(`${describeRef(ref)}: another command came in between: ${standing ?? "none is left"}`);
		await sleep(LOOK_MS);
	}
	throw new RefusedError(
		`${describeRef(ref)}: nobody obeyed within ${(LOOKS_MAX * LOOK_MS) / 1_000}s, and the command stands; is the operator running with --updater, and is the namespace one of those that it looks after?`,
	);
}

/** A policy's status says so; from a workload the command is taken away. */
function isObeyed(object: KubeObject, id: string): boolean {
	const { lastHandledCommand } = (object.status ?? {}) as { readonly lastHandledCommand?: string };
	if (object.kind !== "ImagePolicy") return object.metadata.annotations?.[IMAGE_COMMAND_ANNOTATION] === undefined;
	return lastHandledCommand === id && pendingImageCommand(object, lastHandledCommand) === undefined;
}
