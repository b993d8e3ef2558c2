import { RegistryRefusal } from "./refusal.ts";
import { digestOf } from "./tiny-image.ts";

/** How much a registry holds; beyond it a push is refused, and what is there stays. */
export interface RegistryBounds {
	readonly repositories: number;
	/** Of one repository; of manifests as many again. */
	readonly tags: number;
	readonly manifestBytes: number;
	readonly blobBytes: number;
	/** Of all manifests and blobs. */
	readonly bytes: number;
}

const MIB = 1_024 * 1_024;
export const defaultBounds: RegistryBounds = {
	repositories: 1_000,
	tags: 10_000,
	manifestBytes: 4 * MIB,
	blobBytes: 16 * MIB,
	bytes: 256 * MIB,
};

/** A manifest as it was put. */
export interface Manifest {
	readonly digest: string;
	readonly mediaType: string;
	readonly body: Buffer;
}

interface Repository {
	readonly tags: Map<string, string>;
	readonly manifests: Map<string, Manifest>;
	readonly blobs: Map<string, Buffer>;
}

const NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const NAME_LENGTH_MAX = 255;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What a registry holds, in memory. Every method throws RegistryRefusal for what is not there or may not be. */
export class RegistryContent {
	readonly #bounds: RegistryBounds;
	readonly #repositories = new Map<string, Repository>();
	#bytes = 0;

	constructor(bounds: RegistryBounds = defaultBounds) {
		this.#bounds = bounds;
	}

	/** In the order of their characters, as registries have them. */
	tags(name: string): readonly string[] {
		return [...this.#repository(name).tags.keys()].sort((one, other) => (one < other ? -1 : 1));
	}

	/** By tag or by digest. */
	manifest(name: string, reference: string): Manifest {
		const repository = this.#repository(name);
		const found = repository.manifests.get(repository.tags.get(reference) ?? reference);
		if (found === undefined) throw new RegistryRefusal("MANIFEST_UNKNOWN", `${name} has no manifest ${reference}`);
		return found;
	}

	blob(name: string, digest: string): Buffer {
		const found = this.#repository(name).blobs.get(digest);
		if (found === undefined) throw new RegistryRefusal("BLOB_UNKNOWN", `${name} has no blob ${digest}`);
		return found;
	}

	/** Whether a name may be pushed to, before anything is. */
	checkName(name: string): void {
		if (name.length > NAME_LENGTH_MAX || !NAME.test(name))
			throw new RegistryRefusal("NAME_INVALID", `${JSON.stringify(name)} is not the name of a repository`);
		if (!this.#repositories.has(name) && this.#repositories.size >= this.#bounds.repositories)
			throw new RegistryRefusal("DENIED", `there are ${this.#bounds.repositories} repositories, the most it holds`);
	}

	putBlob(name: string, digest: string, body: Buffer): void {
		this.checkName(name);
		this.#checkSize(body, this.#bounds.blobBytes, "a blob");
		this.#checkDigest(digest, body);
		const repository = this.#repositories.get(name) ?? emptyRepository();
		if (repository.blobs.has(digest)) return;
		this.#take(body.length);
		repository.blobs.set(digest, body);
		this.#repositories.set(name, repository);
	}

	/** Under a tag, which then points at it alone, or by its digest. Its blobs or members must be there. */
	putManifest(name: string, reference: string, mediaType: string, body: Buffer): Manifest {
		this.checkName(name);
		this.#checkSize(body, this.#bounds.manifestBytes, "a manifest");
		const isDigest = reference.includes(":");
		if (isDigest) this.#checkDigest(reference, body);
		else if (!TAG.test(reference))
			throw new RegistryRefusal("TAG_INVALID", `${JSON.stringify(reference)} is not a tag`);
		const repository = this.#repositories.get(name) ?? emptyRepository();
		for (const digest of namedIn(body)) {
			if (!repository.blobs.has(digest) && !repository.manifests.has(digest))
				throw new RegistryRefusal("MANIFEST_BLOB_UNKNOWN", `${name} has no ${digest}, which the manifest names`);
		}
		const manifest = { digest: digestOf(body), mediaType, body };
		const { tags } = this.#bounds;
		if (!isDigest && !repository.tags.has(reference) && repository.tags.size >= tags)
			throw new RegistryRefusal("DENIED", `${name} has ${tags} tags, the most it holds`);
		if (!repository.manifests.has(manifest.digest)) {
			if (repository.manifests.size >= 2 * tags)
				throw new RegistryRefusal("DENIED", `${name} has ${2 * tags} manifests, the most it holds`);
			this.#take(body.length);
			repository.manifests.set(manifest.digest, manifest);
		}
		if (!isDigest) repository.tags.set(reference, manifest.digest);
		return manifest;
	}

	/** A tag alone, or a manifest by its digest and with it every tag of it. */
	deleteManifest(name: string, reference: string): void {
		const { digest, body } = this.manifest(name, reference);
		const repository = this.#repository(name);
		if (repository.tags.delete(reference)) return;
		repository.manifests.delete(digest);
		this.#bytes -= body.length;
		for (const [tag, at] of repository.tags) if (at === digest) repository.tags.delete(tag);
	}

	#repository(name: string): Repository {
		const found = this.#repositories.get(name);
		if (found === undefined) throw new RegistryRefusal("NAME_UNKNOWN", `there is no repository ${name}`);
		return found;
	}

	#checkSize(body: Buffer, bytesMax: number, what: string): void {
		if (body.length > bytesMax)
			throw new RegistryRefusal("SIZE_INVALID", `${what} may have ${bytesMax} bytes, and this has ${body.length}`);
	}

	#checkDigest(digest: string, body: Buffer): void {
		if (!DIGEST.test(digest))
			throw new RegistryRefusal("DIGEST_INVALID", `${JSON.stringify(digest)} is no digest by sha256`);
		if (digest !== digestOf(body))
			throw new RegistryRefusal("DIGEST_INVALID", `what was sent has another digest than ${digest}`);
	}

	#take(bytes: number): void {
		if (this.#bytes + bytes > this.#bounds.bytes)
			throw new RegistryRefusal("DENIED", `the registry holds ${this.#bounds.bytes} bytes, and no more`);
		this.#bytes += bytes;
	}
}

function emptyRepository(): Repository {
	return { tags: new Map(), manifests: new Map(), blobs: new Map() };
}

/** Digests of what a manifest is made of. */
function namedIn(body: Buffer): readonly string[] {
	const document = parsed(body);
	const { config, layers = [], manifests = [] } = (document ?? {}) as Readonly<Record<string, unknown>>;
	const lists = [config === undefined ? [] : [config], layers, manifests];
	const digests = lists.flatMap((list) => (Array.isArray(list) ? list : [undefined])).map(digestIn);
	if (digests.length > 0 && digests.every((digest) => digest !== undefined)) return digests;
	throw new RegistryRefusal("MANIFEST_INVALID", "the manifest is neither an image's nor an index");
}

function digestIn(descriptor: unknown): string | undefined {
	const { digest } = (descriptor ?? {}) as { readonly digest?: unknown };
	return typeof digest === "string" ? digest : undefined;
}

function parsed(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString("utf8"));
	} catch {
		return undefined;
	}
}
