import { createHash } from "node:crypto";
import { type Instant, timestamp } from "../../domain/instant.ts";

/** What has to be uploaded for an image to be there, in this order. */
export interface TinyImage {
	readonly blobs: readonly Blob[];
	readonly manifest: Blob & { readonly mediaType: string };
}

interface Blob {
	readonly digest: string;
	readonly body: string;
}

const OCI = "application/vnd.oci.image";

/**
 * An image of a few hundred bytes for the sandbox's nodes, linux/amd64. Nothing in it can be run: how it behaves is by its tag.
 * Another name or another instant is another digest.
 */
export function tinyImage({ name, created }: { readonly name: string; readonly created: Instant }): TinyImage {
	const layer = blob(`${name}\n`);
	const rootfs = { type: "layers", diff_ids: [layer.digest] };
	const config = blob(
		JSON.stringify({ created: timestamp(created), os: "linux", architecture: "amd64", config: {}, rootfs }),
	);
	const mediaType = `${OCI}.manifest.v1+json`;
	const manifest = blob(
		JSON.stringify({
			schemaVersion: 2,
			mediaType,
			config: { mediaType: `${OCI}.config.v1+json`, ...described(config) },
			layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...described(layer) }],
		}),
	);
	return { blobs: [layer, config], manifest: { ...manifest, mediaType } };
}

/** `sha256:…` */
export function digestOf(body: string | Buffer): string {
	return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

function blob(body: string): Blob {
	return { digest: digestOf(body), body };
}

function described({ digest, body }: Blob): { readonly digest: string; readonly size: number } {
	return { digest, size: Buffer.byteLength(body) };
}
