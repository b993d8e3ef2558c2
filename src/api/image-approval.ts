import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { problemsOf } from "./problems.ts";
import { Name, ruled } from "./schema.ts";

/** What one person says about one image for one workload. The API server vouches for `user`, and lets nobody change it. */
export const ImageApprovalSpec = ruled(
	z.object({
		image: z.string().min(1).max(1_024).describe("The image as it would be written, with its tag."),
		digest: z
			.string()
			.max(256)
			.regex(/^[a-z0-9]+:[0-9a-f]{32,}$/, { error: () => "is not a digest; write it like sha256:…" })
			.describe("What the tag points at. Another content under the same tag needs another say."),
		workload: z
			.object({
				kind: z.enum(["Deployment", "DaemonSet", "StatefulSet", "CronJob"]).describe("Kind of the workload."),
				name: Name.describe("Name of the workload."),
			})
			.describe("The workload of this namespace that the image is for."),
		decision: z.enum(["approve", "reject"]).describe("Whether the workload may get the image."),
		user: z.string().min(1).max(253).describe("Who says so: the user that creates this object, and nobody else."),
		comment: z.string().max(1_024).optional().describe("Why, for people."),
	}),
	"What one person says about one image for one workload.",
	// Only the API server can see the object as it was.
	{ rule: "self == oldSelf", holds: () => true, message: "a say can't be changed; delete it and say it anew" },
);
export type ImageApprovalSpec = z.infer<typeof ImageApprovalSpec>;

/** An ImageApproval that has been read. */
export interface ImageApproval extends KubeObject {
	readonly spec: ImageApprovalSpec;
}

/** An ImageApproval, or why it is none. */
export type ParsedImageApproval =
	| { readonly ok: true; readonly approval: ImageApproval }
	| { readonly ok: false; readonly problems: readonly string[] };

export function parseImageApproval(object: KubeObject): ParsedImageApproval {
	const { success, data, error } = ImageApprovalSpec.safeParse(object.spec, { reportInput: true });
	if (!success) return { ok: false, problems: problemsOf("spec", error) };
	return { ok: true, approval: { ...object, spec: data } };
}
