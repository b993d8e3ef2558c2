import { createHash } from "node:crypto";
import { BedError } from "../control-plane/bed-error.ts";

/** Where to push, and as whom. */
export interface PushTarget {
	readonly url: string;
	readonly repository: string;
	readonly username?: string;
	readonly password?: string;
}

/** An image for one platform. */
export interface ImageToPush {
	/** `linux/amd64` by default. */
	readonly platform?: string;
	/** RFC 3339. */
	readonly created?: string;
	/** What its one layer holds: other words, another digest. */
	readonly content?: string;
}

/** A manifest that is in the registry. */
export interface Pushed {
	readonly digest: string;
	readonly mediaType: string;
	readonly body: string;
	readonly platform: string | undefined;
}

const OCI = "application/vnd.oci.image";

/** Pushes configuration, layer and manifest, under the tags or by digest alone. */
export async function pushImage(
	target: PushTarget,
	{ platform = "linux/amd64", created, content = "hello" }: ImageToPush,
	...tags: readonly string[]
): Promise<Pushed> {
	const [os, architecture, variant] = platform.split("/");
	const config = { os, architecture, variant, created, rootfs: { type: "layers", diff_ids: [] }, config: {} };
	const manifest = {
		schemaVersion: 2,
		mediaType: `${OCI}.manifest.v1+json`,
		config: { mediaType: `${OCI}.config.v1+json`, ...(await pushBlob(target, JSON.stringify(config))) },
		layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...(await pushBlob(target, content)) }],
	};
	const body = JSON.stringify(manifest);
	const pushed = { digest: digestOf(body), mediaType: manifest.mediaType, body, platform };
	await tagAs(target, pushed, ...(tags.length > 0 ? tags : [pushed.digest]));
	return pushed;
}

/** Pushes an index of images that are there, and of an attestation beside them as builders add one. */
export async function pushIndex(
	target: PushTarget,
	images: readonly Pushed[],
	...tags: readonly string[]
): Promise<Pushed> {
	const attestation = await pushImage(target, { platform: "unknown/unknown", content: "attestation" });
	const mediaType = `${OCI}.index.v1+json`;
	const manifests = [...images, attestation].map(({ digest, mediaType: kind, body, platform = "" }) => {
		const [os, architecture, variant] = platform.split("/");
		return { mediaType: kind, digest, size: Buffer.byteLength(body), platform: { os, architecture, variant } };
	});
	const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
	const pushed = { digest: digestOf(body), mediaType, body, platform: undefined };
	await tagAs(target, pushed, ...tags);
	return pushed;
}

/** Puts a manifest that is there under further tags, a few at once. */
export async function tagAs(
	target: PushTarget,
	{ body, mediaType }: Pushed,
	...tags: readonly string[]
): Promise<void> {
	const left = [...tags];
	const put = async () => {
		for (let tag = left.pop(); tag !== undefined; tag = left.pop()) {
			const init = { method: "PUT", body, headers: { "content-type": mediaType } };
			await send(target, `/manifests/${tag}`, init);
		}
	};
	await Promise.all(Array.from({ length: 8 }, put));
}

/** Deletes a manifest and with it every tag of it. */
export async function deleteImage(target: PushTarget, { digest }: Pushed): Promise<void> {
	await send(target, `/manifests/${digest}`, { method: "DELETE" });
}

async function pushBlob(target: PushTarget, content: string): Promise<{ digest: string; size: number }> {
	const digest = digestOf(content);
	const begun = await send(target, "/blobs/uploads/", { method: "POST" });
	const where = new URL(begun.headers.get("location") ?? "", target.url);
	where.searchParams.set("digest", digest);
	const headers = { "content-type": "application/octet-stream" };
	await send(target, where.href, { method: "PUT", body: content, headers });
	return { digest, size: Buffer.byteLength(content) };
}

async function send({ url, repository, username, password }: PushTarget, path: string, init: RequestInit) {
	const proof = username === undefined ? {} : { authorization: `Basic ${btoa(`${username}:${password}`)}` };
	const to = path.startsWith("/") ? `${url}/v2/${repository}${path}` : path;
	const answer = await fetch(to, { ...init, headers: { ...(init.headers as Record<string, string>), ...proof } });
	const words = await answer.text();
	if (!answer.ok)
		throw new BedError(`${init.method} ${path} was answered ${answer.status}: ${words}`, "look at the push");
	return answer;
}

function digestOf(content: string): string {
	return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
