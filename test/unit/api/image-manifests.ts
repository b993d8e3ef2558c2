import { API_VERSION } from "../../../src/api/canary.ts";
import type { KubeObject, ObjectMeta } from "../../../src/domain/kube-object.ts";
import type { Refusal } from "./refusals.ts";

type Json = Readonly<Record<string, unknown>>;

const least: Json = {
	targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
	images: [{ containers: ["app"], policy: { type: "minor" } }],
};
const CART: ObjectMeta = { name: "cart", namespace: "shop" };

/** An ImagePolicy with the fields of its spec that are given instead of the least ones; `undefined` takes one away. */
export function imagePolicyOf(spec: Json = {}, metadata: ObjectMeta = CART): KubeObject {
	return manifest("ImagePolicy", { ...least, ...spec }, metadata);
}

/** An ImagePolicy with one thing to say about its image. */
export function choosing(image: Json): KubeObject {
	return imagePolicyOf({ images: [{ containers: ["app"], policy: { type: "minor" }, ...image }] });
}

/** An ImageApproval with the fields of its spec that are given. */
export function approvalOf(spec: Json = {}, metadata: ObjectMeta = CART): KubeObject {
	return manifest(
		"ImageApproval",
		{
			image: "ghcr.io/acme/app:1.3.0",
			digest: `sha256:${"ab".repeat(32)}`,
			workload: { kind: "Deployment", name: "cart" },
			decision: "approve",
			user: "ada",
			...spec,
		},
		metadata,
	);
}

function manifest(kind: string, spec: Json, metadata: ObjectMeta): KubeObject {
	// As JSON, in which `undefined` does not exist.
	return JSON.parse(JSON.stringify({ apiVersion: API_VERSION, kind, metadata, spec }));
}

/** Says all that can be said. */
export const wholeImagePolicy = imagePolicyOf(
	{
		suspend: false,
		schedule: "*/5 * * * *",
		timeZone: "Europe/Berlin",
		images: [
			{
				containers: ["app", "migrate"],
				policy: { type: "semver", range: ">=1.4 <2", prereleases: "rc", allowDowngrade: false },
				tags: { pattern: "^v(?<version>.+)$", extract: "$version" },
				ignoreTags: ["*-debug"],
				minimumAge: "24h",
				platforms: ["linux/amd64", "linux/arm/v7"],
				pinDigest: true,
			},
			{ image: "ghcr.io/acme/proxy", policy: { type: "glob", pattern: "build-*" } },
			{ containers: ["docs"], policy: { type: "calver", format: "YYYY.0M.0D" } },
			{ containers: ["tool"], policy: { type: "digest", sameTag: true } },
		],
		windows: [{ cron: "0 9 * * 1-5", duration: "8h", timeZone: "Europe/Berlin" }],
		freezes: [{ cron: "0 0 20 12 *", duration: "336h" }],
		approvals: { required: 2, deadline: "24h" },
		supersede: false,
		pullSecrets: [{ name: "regcred" }],
		alerts: [{ severity: "error", providerRef: { name: "on-call", namespace: "alerts" } }],
		releaseNotes: "https://example.com/notes",
		writeBack: {
			git: {
				repository: "https://git.example.com/acme/shop.git",
				branch: "main",
				pushBranch: "images/cart",
				path: "clusters/eu",
				helm: {
					file: "values.yaml",
					values: [
						{ container: "app", repository: "app.image.repository", tag: "app.image.tag", digest: "app.image.digest" },
						{ container: "docs", image: "docs.image" },
					],
				},
				secretRef: { name: "git" },
				author: { name: "Haldane", email: "haldane@example.com" },
				messageTemplate: "{{workload}}: {{from}} to {{to}}",
			},
		},
	},
	{ name: "whole", namespace: "shop" },
);

const targeting = (given: Json) =>
	imagePolicyOf({ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart", ...given } });
const deciding = (policy: Json) => choosing({ policy });
const writing = (git: Json) =>
	imagePolicyOf({
		writeBack: { git: { repository: "https://git.example.com/a", manifest: { file: "a.yaml" }, ...git } },
	});
const within = (window: Json) => imagePolicyOf({ windows: [{ cron: "0 9 * * *", duration: "1h", ...window }] });

/** What is refused, by us and by the API server. */
export const imagePolicyRefusals: readonly Refusal[] = [
	["no target", imagePolicyOf({ targetRef: undefined }), "spec.targetRef: is missing"],
	[
		"a target of another kind",
		targeting({ kind: "Job" }),
		"spec.targetRef.kind: 'Job' is not known; use one of Deployment, DaemonSet, StatefulSet, CronJob",
	],
	[
		"a CronJob of apps",
		targeting({ kind: "CronJob" }),
		"spec.targetRef: apiVersion must be batch/v1 for a CronJob, and apps/v1 for all others",
	],
	["no images", imagePolicyOf({ images: [] }), "spec.images: is empty"],
	[
		"more images than one workload has",
		imagePolicyOf({ images: Array(17).fill({ containers: ["app"], policy: { type: "all" } }) }),
		"spec.images: has 17 entries; the most is 16",
	],
	[
		"an image by container and by repository",
		choosing({ image: "ghcr.io/acme/app" }),
		"spec.images[0]: give exactly one of containers and image",
	],
	[
		"an image of nowhere",
		choosing({ containers: undefined }),
		"spec.images[0]: give exactly one of containers and image",
	],
	[
		"an unknown policy",
		deciding({ type: "latest" }),
		"spec.images[0].policy.type: 'latest' is not known; use one of all, major, minor, patch, semver, force, glob, regexp, " +
			"newest, numeric, calver, digest, never",
	],
	[
		"semver without range",
		deciding({ type: "semver" }),
		"spec.images[0].policy: range goes with type semver: the one needs the other",
	],
	[
		"a range that nobody reads",
		deciding({ type: "minor", range: "1.x" }),
		"spec.images[0].policy: range goes with type semver: the one needs the other",
	],
	[
		"glob without pattern",
		deciding({ type: "glob" }),
		"spec.images[0].policy: pattern goes with types glob and regexp: they need it, and the others have none",
	],
	[
		"calver without format",
		deciding({ type: "calver" }),
		"spec.images[0].policy: format goes with type calver: the one needs the other",
	],
	[
		"a platform that is none",
		choosing({ platforms: ["amd64"] }),
		"spec.images[0].platforms[0]: is not a platform; write it like linux/amd64",
	],
	[
		"an age that is none",
		choosing({ minimumAge: "1d" }),
		"spec.images[0].minimumAge: '1d' is not a duration; write it like 30s or 1m30s",
	],
	["a window that closes at once", within({ duration: "0s" }), "spec.windows[0].duration: must be at least 1s"],
	[
		"more approvals than there are people",
		imagePolicyOf({ approvals: { required: 17 } }),
		"spec.approvals.required: 17 is too large; the most is 16",
	],
	[
		"release notes by another protocol",
		imagePolicyOf({ releaseNotes: "javascript:alert(1)" }),
		"spec.releaseNotes: is not an http or https address",
	],
	[
		"two ways to write",
		writing({ kustomize: {} }),
		"spec.writeBack.git: give exactly one of manifest, kustomize and helm",
	],
	[
		"no way to write",
		writing({ manifest: undefined }),
		"spec.writeBack.git: give exactly one of manifest, kustomize and helm",
	],
	[
		"a password in an address",
		writing({ repository: "https://ada:s3cret@git.example.com/a" }),
		"spec.writeBack.git.repository: is not the address of a repository over https or ssh without a password in it",
	],
	[
		"a repository on the operator's own disk",
		writing({ repository: "file:///etc" }),
		"spec.writeBack.git.repository: is not the address of a repository over https or ssh without a password in it",
	],
	[
		"a repository over a wire that everybody reads",
		writing({ repository: "http://git.example.com/a" }),
		"spec.writeBack.git.repository: is not the address of a repository over https or ssh without a password in it",
	],
	[
		"an option for a repository",
		writing({ repository: "--upload-pack=sh" }),
		"spec.writeBack.git.repository: is not the address of a repository over https or ssh without a password in it",
	],
	["an option for a branch", writing({ branch: "--all" }), "spec.writeBack.git.branch: is not the name of a branch"],
	["a range for a branch", writing({ branch: "a..b" }), "spec.writeBack.git.branch: is not the name of a branch"],
	[
		"a way out of the repository",
		writing({ manifest: { file: "a/../../b.yaml" } }),
		"spec.writeBack.git.manifest.file: must stay within the repository, and out of .git",
	],
	[
		"git's own files",
		writing({ path: ".git/hooks" }),
		"spec.writeBack.git.path: must stay within the repository, and out of .git",
	],
	[
		"a path from the root",
		writing({ path: "/etc" }),
		"spec.writeBack.git.path: is no path within the repository; write it without a leading /, of letters, digits and _./@+-",
	],
	[
		"a value in two places",
		writing({ manifest: undefined, helm: { values: [{ container: "app", image: "a", tag: "b" }] } }),
		"spec.writeBack.git.helm.values[0]: give exactly one of image and tag",
	],
];

export const imageApprovalRefusals: readonly Refusal[] = [
	["a digest that is none", approvalOf({ digest: "1.3.0" }), "spec.digest: is not a digest; write it like sha256:…"],
	["no decision", approvalOf({ decision: "maybe" }), "spec.decision: 'maybe' is not known; use one of approve, reject"],
	["nobody", approvalOf({ user: "" }), "spec.user: is empty"],
	["no workload", approvalOf({ workload: undefined }), "spec.workload: is missing"],
];
