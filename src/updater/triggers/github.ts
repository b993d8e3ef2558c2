import { z } from "zod";
import { parseImageReference } from "../image-reference.ts";
import { hintsOf, irrelevant, malformed, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Package = z.object({
	name: z.string(),
	namespace: z.string().nullish(),
	ecosystem: z.string().nullish(),
	package_type: z.string().nullish(),
	package_version: z
		.object({
			version: z.string().nullish(),
			package_url: z.string().nullish(),
			container_metadata: z
				.object({ tag: z.object({ name: z.string().nullish(), digest: z.string().nullish() }).nullish() })
				.nullish(),
		})
		.nullish(),
});
const Body = z.object({
	action: z.string().optional(),
	package: Package.optional(),
	registry_package: Package.optional(),
	repository: z.object({ full_name: z.string() }).nullish(),
});

/** Things of the sort appeared, or got another tag. */
const actions = ["published", "updated", "created"];

/** GitHub's `package` and `registry_package` events; GitHub Packages for Docker and other ecosystems are not read. */
export const github = {
	read: (body, { "x-github-event": event }) => {
		if (event === undefined) return malformed("header X-GitHub-Event: is missing");
		if (event !== "package" && event !== "registry_package") return irrelevant("it is not about a package");
		return readAs(Body, body, (fields) => {
			const found = fields[event];
			if (found === undefined) return malformed(`${event}: is missing`);
			if (fields.action !== undefined && !actions.includes(fields.action)) return irrelevant("nothing was published");
			return readPackage(event, found, fields.repository?.full_name);
		});
	},
} satisfies Trigger;

function readPackage(
	event: "package" | "registry_package",
	{ name, namespace, ecosystem, package_type, package_version }: z.infer<typeof Package>,
	repository: string | undefined,
) {
	const sort = (ecosystem || package_type || "").toUpperCase();
	if (sort !== "CONTAINER") return irrelevant("the package is not a container");
	if (!package_version) return malformed(`${event}.package_version: is missing`);
	const { version, package_url, container_metadata } = package_version;
	const { name: tagged, digest } = container_metadata?.tag ?? {};
	// The version of a container is its digest; older servers put the tag there, and no metadata.
	const tag = tagged ?? (version?.includes(":") ? undefined : version);
	if (!tag) return irrelevant("it names no tag");
	const named = imageOf(package_url) ?? (namespace ? `ghcr.io/${namespace}/${name}` : undefined);
	const image = named ?? (repository === undefined ? undefined : `ghcr.io/${repository}`);
	if (image === undefined) return malformed(`${event}.namespace: is missing, and repository.full_name too`);
	return hintsOf([{ at: event, image: image.toLowerCase(), tag, digest: digest ?? undefined }]);
}

/** `ghcr.io/acme/app:1.2.0` without its tag (a GitHub Enterprise Server has another host), or undefined where there is no host. */
function imageOf(url: string | null | undefined): string | undefined {
	// A version without a tag ends in a bare colon.
	const named = parseImageReference((url ?? "").replace(/:$/, "").toLowerCase());
	return named.ok && named.reference.name.startsWith(`${named.reference.registry}/`) ? named.reference.name : undefined;
}
