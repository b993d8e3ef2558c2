import type { Context } from "hono";
import { messageOf } from "../../domain/failure.ts";
import { askingIn, refused } from "./asking.ts";
import { isRefusal, type Wish } from "./door.ts";
import type { DashboardPorts, ImageDeed } from "./ports.ts";
import { IMAGE_VERBS, type ImageLine, type ImageVerb } from "./wire.ts";

/** What may be told to forget something, as rights name it. */
const kinds: Readonly<Record<string, Wish["of"]>> = {
	ImagePolicy: { group: "haldane.dev", plural: "imagepolicies" },
	Deployment: { group: "apps", plural: "deployments" },
	DaemonSet: { group: "apps", plural: "daemonsets" },
	StatefulSet: { group: "apps", plural: "statefulsets" },
	CronJob: { group: "batch", plural: "cronjobs" },
};
const APPROVALS: Wish["of"] = { group: "haldane.dev", plural: "imageapprovals" };

/**
 * Does what is asked about one image: `POST /api/images/KIND/NAMESPACE/NAME/CONTAINER/actions/VERB`, with `tag` and `digest`
 * as the page showed them and the container's `role` in the query. Whatever is not so any more is refused.
 */
export async function imageAction(context: Context, { images, door, actOnImage }: DashboardPorts): Promise<Response> {
	const { kind = "", namespace = "", name = "", container = "", verb: asked = "" } = context.req.param();
	const { role = "container", tag = "", digest } = context.req.query();
	const verb = IMAGE_VERBS.find((known) => known === asked);
	if (verb === undefined) return context.json({ error: `${asked} is no action; take ${IMAGE_VERBS.join(", ")}` }, 404);
	const workload = `${kind}/${namespace}/${name}`;
	const line = images.of(workload).find((one) => one.container === container && one.role === role);
	const wish = wishFor(verb, line, { kind, namespace, name });
	const visitor = wish && (await door.admit(askingIn(context), wish));
	if (visitor !== undefined && isRefusal(visitor)) return refused(context, visitor);
	if (line === undefined || visitor === undefined) {
		const error = `No image of container ${container} of ${workload} is kept up to date; the list of all shows what there is`;
		return context.json({ error }, 404);
	}
	const deed = { verb, line, tag, digest };
	const outdated = outdatedIn(deed);
	if (outdated !== undefined) return context.json({ error: outdated }, 409);
	try {
		return context.json({ message: await actOnImage(deed, visitor) });
	} catch (thrown) {
		return context.json({ error: messageOf(thrown) }, 409);
	}
}

/** Undefined for what can't be asked for. */
function wishFor(
	verb: ImageVerb,
	line: ImageLine | undefined,
	workload: { readonly kind: string; readonly namespace: string; readonly name: string },
): Wish | undefined {
	const { namespace } = workload;
	if (verb !== "forget") return { verb: "create", of: APPROVALS, namespace };
	const { kind, name } = line?.askedBy ?? workload;
	const of = kinds[kind];
	return of && { verb: "patch", of, namespace, name };
}

/** Why the deed is about what is not so any more; undefined when it is. */
function outdatedIn({ verb, line, tag, digest }: ImageDeed): string | undefined {
	const { chosen, state, failed, rejected } = line;
	if (verb === "forget") {
		return [...failed, ...rejected].some((one) => one.tag === tag)
			? undefined
			: `Tag ${tag} is not among those that failed or were rejected; there is nothing to forget`;
	}
	if (state !== "AwaitingApproval") return "Nothing waits for approval now; look at where the image stands";
	return chosen?.tag === tag && chosen.digest === digest
		? undefined
		: "Another image has been chosen meanwhile; look at what it is, and say it anew";
}
