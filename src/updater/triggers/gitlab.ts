import { z } from "zod";
import { isTag } from "../image-reference.ts";
import { readDistributionEvents } from "./distribution-events.ts";
import { bareHost, hintsOf, hostOf, irrelevant, malformed, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Kind = z.object({ events: z.array(z.unknown()).optional(), object_kind: z.string().optional() });
const Pipeline = z.object({
	object_attributes: z.object({
		status: z.string(),
		tag: z.boolean(),
		ref: z.string(),
	}),
	project: z.object({ path_with_namespace: z.string(), web_url: z.string() }),
});

/**
 * GitLab has no webhook for images. Read are notifications of its registry, and pipelines of a project: one that succeeded
 * for a Git tag is taken to have pushed the project's image with this tag, as `$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG` does.
 */
export const gitlab = {
	read: (body, _headers, { gitlabRegistry }) =>
		readAs(Kind, body, ({ events, object_kind }) => {
			if (events !== undefined) return readDistributionEvents(body);
			if (object_kind === undefined) return malformed("object_kind: is missing, and events too");
			if (object_kind !== "pipeline") return irrelevant("it is not about a pipeline");
			return readAs(Pipeline, body, ({ object_attributes: { status, tag, ref }, project }) => {
				if (status !== "success" || !tag) return irrelevant("no pipeline succeeded for a Git tag");
				if (!isTag(ref)) return irrelevant("the Git tag is not one that an image can have");
				const ofGitlabCom = hostOf(project.web_url) === "gitlab.com" ? "registry.gitlab.com" : "";
				const registry = bareHost(gitlabRegistry ?? ofGitlabCom);
				if (registry === "") {
					return malformed(
						"project.web_url: this GitLab's registry is not known; name it by --webhook-gitlab-registry, or send the native webhook",
					);
				}
				return hintsOf([
					{ at: "project", image: `${registry}/${project.path_with_namespace.toLowerCase()}`, tag: ref },
				]);
			});
		}),
} satisfies Trigger;
