import { z } from "zod";
import { Failure, type Remedy } from "../../domain/failure.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import type { KubeClient } from "../../kube/client.ts";
import { ApiError } from "../../kube/errors.ts";
import type { Reviewer } from "../../server/dashboard/bearer-door.ts";

const TIMEOUT_MS = 5_000;

/** The API server did not say who somebody is, or what they may do. */
export class ReviewError extends Failure {
	override readonly name = "ReviewError";
	readonly remedy: Remedy;

	constructor(message: string, remedy: Remedy) {
		super(message);
		this.remedy = remedy;
	}
}

const TokenAnswer = z.object({
	status: z.object({
		authenticated: z.boolean().default(false),
		user: z
			.object({
				username: z.string().min(1),
				uid: z.string().optional(),
				groups: z.array(z.string()).optional(),
				extra: z.record(z.string(), z.array(z.string())).optional(),
			})
			.optional()
			.catch(undefined),
	}),
});
const AccessAnswer = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Reviews by the API server. Its reasons are logged and not told: they are for those who run the cluster. */
export function kubeReviewer(
	client: Pick<KubeClient, "create">,
	{ log, deadline }: { readonly log: Log; deadline(ms: number): AbortSignal },
): Reviewer {
	async function review<T>(plural: string, body: object, answer: z.ZodType<T>): Promise<T> {
		try {
			// A review has no name, and is refused with one.
			const object = { metadata: { name: "" }, ...body } as KubeObject;
			return answer.parse(await client.create(object, { signal: deadline(TIMEOUT_MS) }));
		} catch (thrown) {
			if (!(thrown instanceof ApiError)) {
				log.warn({ plural }, "the API server answered a review in a way that is not understood");
				throw new ReviewError("The API server's answer about you is not understood; see the operator's log", "edit");
			}
			log.warn({ plural, status: thrown.status, reason: thrown.reason }, "the API server did not review");
			if (thrown.status === 403) {
				throw new ReviewError(
					`The operator itself has no right to create ${plural}; grant it with the component deploy/dashboard`,
					"edit",
				);
			}
			throw new ReviewError("The API server cannot be asked who you are and what you may do; try again soon", "retry");
		}
	}

	return {
		async whose(token) {
			const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
			const { status } = await review("tokenreviews", body, TokenAnswer);
			return status.authenticated ? status.user : undefined;
		},
		async may({ username, uid, groups, extra }, { verb, of: { group, plural }, namespace = "", name = "" }) {
			const resourceAttributes = { group, resource: plural, verb, namespace, name };
			const spec = { user: username, uid, groups, extra, resourceAttributes };
			const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
			return (await review("subjectaccessreviews", body, AccessAnswer)).status.allowed;
		},
	};
}
