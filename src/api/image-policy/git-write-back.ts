import { z } from "zod";
import { exactlyOne, Name, ruled, SecretRef } from "../schema.ts";

/** A file or folder of the repository: it can't lead out of it, nor into git's own. */
const RepositoryPath = (description: string) =>
	ruled(
		z
			.string()
			.max(512)
			.regex(/^[A-Za-z0-9_.][A-Za-z0-9_./@+ -]*$/, {
				error: () => "is no path within the repository; write it without a leading /, of letters, digits and _./@+-",
			}),
		description,
		{
			rule: "!self.split('/').exists(part, part in ['..', '.git'])",
			holds: (path) => !path.split("/").some((part) => part === ".." || part === ".git"),
			message: "must stay within the repository, and out of .git",
		},
	);

const Branch = (description: string) =>
	z
		.string()
		.max(250)
		.regex(/^[A-Za-z0-9_]([A-Za-z0-9_/-]|\.[A-Za-z0-9_-])*$/, { error: () => "is not the name of a branch" })
		.describe(description);

/** Keys with dots between, such as `web.image.tag`. */
const ValuesPath = (what: string) =>
	z.string().min(1).max(253).optional().describe(`Path to the ${what}, keys with dots between, such as web.image.tag.`);

const HelmValue = ruled(
	z.object({
		container: Name.describe("Name of the container, or of the image volume, that these values are for."),
		image: ValuesPath("whole image: name, tag and digest in one text"),
		repository: ValuesPath("name of the image"),
		tag: ValuesPath("tag"),
		digest: ValuesPath("digest"),
	}),
	"Where the values of one image are.",
	{
		rule: "has(self.image) != has(self.tag)",
		holds: ({ image, tag }) => exactlyOne(image, tag),
		message: "give exactly one of image and tag",
	},
);

/** Where in a repository images are written, and as whom. */
export const GitWriteBack = ruled(
	z.object({
		repository: z
			.string()
			.max(2_048)
			.regex(/^(https|ssh):\/\/([\w.-]+@)?[A-Za-z0-9.:[\]-]+\/[^\s@]+$|^[\w.]+@[A-Za-z0-9.-]+:[^\s-][^\s]*$/, {
				error: () => "is not the address of a repository over https or ssh without a password in it",
			})
			.describe("Address of the repository, over https or ssh; passwords belong into the Secret."),
		branch: Branch("Branch that is read, and written unless pushBranch says otherwise.").default("main"),
		pushBranch: Branch(
			"Branch that is pushed instead of the one that is read, for a review before the merge.",
		).optional(),
		path: RepositoryPath("Folder of the repository that the files below are in; its root when absent.").optional(),
		manifest: z
			.object({ file: RepositoryPath("YAML file with the workload, in which its images are replaced in place.") })
			.optional()
			.describe("A plain manifest of the workload."),
		kustomize: z
			.object({ file: RepositoryPath("The kustomization whose images are set.").default("kustomization.yaml") })
			.optional()
			.describe("The images of a kustomization."),
		helm: z
			.object({
				file: RepositoryPath("The file of values.").default("values.yaml"),
				values: z.array(HelmValue).min(1).max(32).describe("Where the values of each image are."),
			})
			.optional()
			.describe("Values of a Helm chart."),
		secretRef: SecretRef(
			"username and password (or a token as the password) for https, identity and known_hosts for ssh",
		).optional(),
		author: z
			.object({
				name: z.string().min(1).max(253).describe("Name."),
				email: z.string().min(3).max(253).describe("Mail address."),
			})
			.optional()
			.describe("Who the commits are by; Haldane itself when absent."),
		messageTemplate: z
			.string()
			.min(1)
			.max(4_096)
			.optional()
			.describe(
				"Message of the commits; {{workload}}, {{container}}, {{image}}, {{from}}, {{to}}, {{digest}} and {{why}} are replaced.",
			),
		signOff: z.boolean().optional().describe("Messages end with a Signed-off-by line of the author."),
	}),
	"A git repository that images are written to instead of the workload.",
	{
		rule: "[has(self.manifest), has(self.kustomize), has(self.helm)].exists_one(given, given)",
		holds: ({ manifest, kustomize, helm }) => exactlyOne(manifest, kustomize, helm),
		message: "give exactly one of manifest, kustomize and helm",
	},
);
export type GitWriteBack = z.infer<typeof GitWriteBack>;
