import { createHash } from "node:crypto";
import { z } from "zod";
import { type Instant, instantOf } from "../../domain/instant.ts";
import { jsonOf } from "./exchange.ts";

/** What we can read, in the words of an `Accept` header. */
export const MANIFEST_TYPES = [
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const CONFIG_TYPES = new Set([
	"application/vnd.oci.image.config.v1+json",
	"application/vnd.docker.container.image.v1+json",
]);
const CREATED = "org.opencontainers.image.created";
const REFERENCE_TYPE = "vnd.docker.reference.type";
/** Start of 2013. There were no images before: builds that are to be the same each time write the epoch, or nothing. */
const FIRST_IMAGE: Instant = 1_356_998_400_000;

const Platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().nullish() });
const Annotations = z.record(z.string(), z.string()).nullish();
const Descriptor = z.object({ mediaType: z.string(), digest: z.string(), annotations: Annotations });
const Index = z.object({
	manifests: z.array(Descriptor.extend({ platform: Platform.nullish() })),
	annotations: Annotations,
});
const Manifest = z.object({ config: Descriptor, annotations: Annotations });
const Configuration = Platform.partial().extend({ created: z.string().nullish() });

export interface Member {
	readonly digest: string;
	readonly platform: string;
	readonly createdAt: Instant | undefined;
}

/** What a manifest says by itself. */
export type ReadManifest =
	| { readonly kind: "index"; readonly createdAt: Instant | undefined; readonly members: readonly Member[] }
	| {
			readonly kind: "image";
			readonly createdAt: Instant | undefined;
			/** Digest of its configuration; undefined when it is something else than an image. */
			readonly config: string | undefined;
	  }
	| { readonly kind: "malformed"; readonly detail: string };

/** Reads manifests of OCI and Docker, lists and single ones. Attestations and whatever has no platform are left out of a list. */
export function readManifest(body: string): ReadManifest {
	const document = jsonOf(body);
	if (typeof document !== "object" || document === null)
		return { kind: "malformed", detail: "its manifest is no JSON object" };
	if ("manifests" in document) {
		const index = Index.safeParse(document);
		if (!index.success) return { kind: "malformed", detail: "its index is not what OCI and Docker have" };
		const members = index.data.manifests.flatMap(({ digest, platform, annotations }): Member[] => {
			const text = platformText(platform ?? {});
			const isImage = annotations?.[REFERENCE_TYPE] === undefined;
			return isImage && text !== undefined
				? [{ digest, platform: text, createdAt: createdOf(annotations?.[CREATED]) }]
				: [];
		});
		return { kind: "index", createdAt: createdOf(index.data.annotations?.[CREATED]), members };
	}
	const manifest = Manifest.safeParse(document);
	if (!manifest.success) {
		const isOld = "schemaVersion" in document && document.schemaVersion === 1;
		const detail = isOld
			? "its manifest is of Docker's schema 1, push it anew"
			: "its manifest is not what OCI and Docker have";
		return { kind: "malformed", detail };
	}
	const { config, annotations } = manifest.data;
	return {
		kind: "image",
		createdAt: createdOf(annotations?.[CREATED]),
		config: CONFIG_TYPES.has(config.mediaType) ? config.digest : undefined,
	};
}

/** What the configuration of an image says, or undefined when it is none. */
export function readConfiguration(
	body: string,
): { readonly createdAt: Instant | undefined; readonly platform: string | undefined } | undefined {
	const { data } = Configuration.safeParse(jsonOf(body));
	return data && { createdAt: createdOf(data.created), platform: platformText(data) };
}

/** The digest of a content, by sha256 or as the digest that is expected has it; undefined for algorithms that nobody uses. */
export function digestOf(body: string, like = "sha256:"): string | undefined {
	const algorithm = like.slice(0, like.indexOf(":"));
	if (algorithm !== "sha256" && algorithm !== "sha512") return undefined;
	return `${algorithm}:${createHash(algorithm).update(body, "utf8").digest("hex")}`;
}

type PlatformWords = { readonly [name in keyof z.infer<typeof Platform>]?: string | null | undefined };

function platformText({ os, architecture, variant }: PlatformWords): string | undefined {
	if (!os || !architecture || os === "unknown" || architecture === "unknown") return undefined;
	return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

function createdOf(text: string | null | undefined): Instant | undefined {
	const instant = instantOf(text ?? undefined);
	return instant === undefined || instant < FIRST_IMAGE ? undefined : instant;
}
