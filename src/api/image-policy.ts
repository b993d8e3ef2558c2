import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { Condition, NOTICES_MAX, Notice } from "./canary-status.ts";
import { GitWriteBack } from "./image-policy/git-write-back.ts";
import { ImageRecord, RECORDS_MAX } from "./image-record.ts";
import { problemsOf } from "./problems.ts";
import { Duration, exactlyOne, Interval, Name, NamespacedRef, reference, ruled, SecretRef } from "./schema.ts";

/** How tags are chosen; what the other fields mean depends on the type. */
export const TagChoice = ruled(
	z.object({
		type: z
			.enum([
				...(["all", "major", "minor", "patch", "semver", "force", "glob", "regexp"] as const),
				...(["newest", "numeric", "calver", "digest", "never"] as const),
			])
			.describe("How tags are chosen."),
		range: z.string().min(1).max(512).optional().describe("semver: a range of versions, such as '>=1.4 <2'."),
		pattern: z.string().min(1).max(512).optional().describe("glob, regexp: what tags must look like."),
		format: z.string().min(1).max(64).optional().describe("calver: how dates are written, such as YYYY.0M.0D."),
		prereleases: z
			.string()
			.min(1)
			.max(64)
			.optional()
			.describe(
				"Which prereleases count: none, any, same (the text of the current one), or the name of a channel such as rc.",
			),
		allowDowngrade: z.boolean().optional().describe("The choice may be older than the current tag."),
		sameTag: z.boolean().optional().describe("force, digest: look at the current tag only, for new content."),
	}),
	"How tags are chosen.",
	{
		rule: "(self.type == 'semver') == has(self.range)",
		holds: ({ type, range }) => (type === "semver") === (range !== undefined),
		message: "range goes with type semver: the one needs the other",
	},
	{
		rule: "(self.type in ['glob', 'regexp']) == has(self.pattern)",
		holds: ({ type, pattern }) => (type === "glob" || type === "regexp") === (pattern !== undefined),
		message: "pattern goes with types glob and regexp: they need it, and the others have none",
	},
	{
		rule: "(self.type == 'calver') == has(self.format)",
		holds: ({ type, format }) => (type === "calver") === (format !== undefined),
		message: "format goes with type calver: the one needs the other",
	},
);
export type TagChoice = z.infer<typeof TagChoice>;

/** Some images of the workload, and how each of them is kept up to date. */
export const ImageRule = ruled(
	z.object({
		containers: z
			.array(Name)
			.min(1)
			.max(16)
			.optional()
			.describe("Names of containers, init containers or image volumes."),
		image: z
			.string()
			.min(1)
			.max(1_024)
			.optional()
			.describe("Every container whose image is of this repository, such as ghcr.io/acme/app."),
		policy: TagChoice,
		tags: z
			.object({
				pattern: z.string().min(1).max(512).describe("A regular expression; tags that do not match are left out."),
				extract: z
					.string()
					.min(2)
					.max(253)
					.optional()
					.describe("What of the tag the policy reads: a group of the pattern, such as $version or $1."),
			})
			.optional()
			.describe("What tags must look like to be considered, and what of them is read."),
		ignoreTags: z
			.array(z.string().min(1).max(128))
			.max(64)
			.optional()
			.describe("Tags that are never chosen: names, in which * stands for anything."),
		minimumAge: Duration.optional().describe("Nothing younger than that is chosen, by the date in the image."),
		platforms: z
			.array(
				z
					.string()
					.max(64)
					.regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/, {
						error: () => "is not a platform; write it like linux/amd64",
					}),
			)
			.min(1)
			.max(16)
			.optional()
			.describe("Platforms that an image must have; those of the cluster's nodes when absent."),
		pinDigest: z.boolean().optional().describe("Write the digest beside the tag, so that the image can't change."),
	}),
	"Some images of the workload, and how each of them is kept up to date.",
	{
		rule: "has(self.containers) != has(self.image)",
		holds: ({ containers, image }) => exactlyOne(containers, image),
		message: "give exactly one of containers and image",
	},
);
export type ImageRule = z.infer<typeof ImageRule>;

const TimeZone = z.string().min(1).max(64).optional();

/** When something begins, and how long it lasts. */
const Window = z.object({
	cron: z.string().min(9).max(256).describe("When it begins: minute, hour, day, month and weekday."),
	duration: Interval("How long it lasts."),
	timeZone: TimeZone.describe("The time zone of the cron, such as Europe/Berlin; UTC when absent."),
});

/** Where messages about the images go. */
const ImageAlert = z.object({
	severity: z.enum(["info", "warn", "error"]).default("info").describe("The least severity that is told."),
	providerRef: NamespacedRef("AlertProvider"),
});

/** How images of one workload are kept up to date. */
export const ImagePolicySpec = z
	.object({
		targetRef: ruled(
			z.object(reference(["Deployment", "DaemonSet", "StatefulSet", "CronJob"])),
			"The workload of this namespace whose images are kept up to date.",
			{
				rule: "self.apiVersion == (self.kind == 'CronJob' ? 'batch/v1' : 'apps/v1')",
				holds: ({ apiVersion, kind }) => apiVersion === (kind === "CronJob" ? "batch/v1" : "apps/v1"),
				message: "apiVersion must be batch/v1 for a CronJob, and apps/v1 for all others",
			},
		),
		suspend: z.boolean().optional().describe("Look for nothing and change nothing."),
		schedule: z
			.string()
			.min(1)
			.max(256)
			.default("@every 1m")
			.describe("When the registry is asked: five fields of cron, or @every 5m."),
		timeZone: TimeZone.describe("The time zone of the schedule, such as Europe/Berlin; UTC when absent."),
		images: z.array(ImageRule).min(1).max(16).describe("Which images are kept up to date, and how."),
		windows: z.array(Window).max(16).optional().describe("When the workload may be changed; always when absent."),
		freezes: z.array(Window).max(16).optional().describe("When it may not, whatever the windows say."),
		approvals: z
			.object({
				required: z.int().min(0).max(16).default(1).describe("How many people must approve."),
				deadline: Interval("How long their say is waited for.").default("24h"),
			})
			.optional()
			.describe("Who must approve a new image before it is used; nobody when absent."),
		supersede: z
			.boolean()
			.optional()
			.describe("Replace an image whose rollout is in progress by a newer one, instead of waiting for its end."),
		pullSecrets: z
			.array(SecretRef("what images are looked up with, beside the pull secrets of the workload"))
			.max(16)
			.optional()
			.describe("Pull secrets beside those of the workload."),
		alerts: z.array(ImageAlert).max(16).optional().describe("Where messages about the images go."),
		releaseNotes: z
			.string()
			.max(2_048)
			.regex(/^https?:\/\/\S+$/, { error: () => "is not an http or https address" })
			.optional()
			.describe("Address of the release notes; messages link to it."),
		writeBack: z
			.object({ git: GitWriteBack })
			.optional()
			.describe("Where new images are written instead of the workload."),
	})
	.describe("How images of one workload are kept up to date.");
export type ImagePolicySpec = z.infer<typeof ImagePolicySpec>;

/** What is believed about an ImagePolicy's images. */
export const ImagePolicyStatus = z.object({
	images: z.array(ImageRecord).max(RECORDS_MAX).optional().describe("What is known of each image."),
	lastScan: z.string().max(40).optional().describe("When a registry last answered, RFC 3339 in UTC."),
	notices: z.array(Notice).max(NOTICES_MAX).optional().describe("What people have yet to be told."),
	lastNoticeNumber: z.int().min(0).max(1_000_000).optional().describe("Number of the last notice."),
	lastHandledCommand: z.string().max(253).optional().describe("Id of the last command that was obeyed."),
	conditions: z
		.array(Condition)
		.max(16)
		.optional()
		.meta({
			description: "Ready, Reconciling and Stalled by the rules of kstatus.",
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["type"],
		}),
	observedGeneration: z.int().optional().describe("Generation of the ImagePolicy that was last looked at."),
});
export type ImagePolicyStatus = z.infer<typeof ImagePolicyStatus>;

/** An ImagePolicy that has been read: defaults are filled in, and rules between fields hold. */
export interface ImagePolicy extends KubeObject {
	readonly spec: ImagePolicySpec;
	readonly status?: ImagePolicyStatus;
}

/** An ImagePolicy, or why it is none: sentences that name the field and the mend. */
export type ParsedImagePolicy =
	| { readonly ok: true; readonly policy: ImagePolicy }
	| { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads an ImagePolicy. Schedules, time zones, patterns and ranges are texts to it; `rulesOf` reads those. A status that
 * can't be read is a problem too, for with it what failed would be forgotten.
 */
export function parseImagePolicy(object: KubeObject): ParsedImagePolicy {
	const spec = ImagePolicySpec.safeParse(object.spec, { reportInput: true });
	const given = object.status;
	const status =
		given === undefined || given === null ? undefined : ImagePolicyStatus.safeParse(given, { reportInput: true });
	if (!spec.success || status?.success === false)
		return { ok: false, problems: [...problemsOf("spec", spec.error), ...problemsOf("status", status?.error)] };
	const { status: _unread, ...rest } = object;
	return { ok: true, policy: { ...rest, spec: spec.data, ...(status === undefined ? {} : { status: status.data }) } };
}
