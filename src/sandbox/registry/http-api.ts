import { type Manifest, RegistryContent } from "./content.ts";
import { RegistryRefusal } from "./refusal.ts";

export interface RegistryRequest {
	readonly method: string;
	readonly path: string;
	readonly parameters: URLSearchParams;
	readonly contentType: string;
	readonly body: Buffer;
}

export interface RegistryAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** Left out of the answer to a HEAD, whose headers are those of the GET. */
	readonly body: Buffer;
}

const UPLOADS_MAX = 1_000;
const nothing = Buffer.alloc(0);

/**
 * Answers by the OCI distribution specification: tags, manifests, blobs, and pushes of whole blobs (POST and PUT, or POST alone).
 * Uploads in pieces, mounts and deleted blobs are not in it. Throws only for its own mistakes.
 */
export class RegistryApi {
	readonly #content: RegistryContent;
	/** Uploads that were begun, by their path. Of too many the oldest is forgotten. */
	readonly #uploads = new Set<string>();
	readonly #unique: () => string;

	constructor({ content = new RegistryContent(), unique }: { content?: RegistryContent; unique: () => string }) {
		this.#content = content;
		this.#unique = unique;
	}

	answer(request: RegistryRequest): RegistryAnswer {
		try {
			return this.#routed(request);
		} catch (thrown) {
			if (thrown instanceof RegistryRefusal) return refusedWith(thrown);
			throw thrown;
		}
	}

	#routed(request: RegistryRequest): RegistryAnswer {
		const { method } = request;
		const path = decoded(request.path);
		const asks = method === "GET" || method === "HEAD";
		if (/^\/v2\/?$/.test(path)) return asks ? json(200, {}) : unsupported(request);
		const [, name = "", what, rest = ""] =
			/^\/v2\/(.+)\/(tags\/list|manifests|blobs\/uploads|blobs)(?:\/([^/]*))?$/.exec(path) ?? [];
		switch (what) {
			case "tags/list":
				return asks ? this.#tags(name, request) : unsupported(request);
			case "manifests":
				if (asks) return shown(this.#content.manifest(name, rest));
				if (method === "PUT") return this.#putManifest(name, rest, request);
				if (method !== "DELETE") return unsupported(request);
				this.#content.deleteManifest(name, rest);
				return { status: 202, headers: {}, body: nothing };
			case "blobs/uploads":
				if (method === "POST" && rest === "") return this.#begin(name, request);
				return method === "PUT" ? this.#finish(name, request) : unsupported(request);
			case "blobs": {
				if (!asks) return unsupported(request);
				const body = this.#content.blob(name, rest);
				const headers = { "content-type": "application/octet-stream", "docker-content-digest": rest };
				return { status: 200, headers, body };
			}
			default:
				throw new RegistryRefusal("NAME_UNKNOWN", `nothing is at ${path}`);
		}
	}

	#tags(name: string, { parameters }: RegistryRequest): RegistryAnswer {
		const after = parameters.get("last") ?? "";
		const tags = this.#content.tags(name).filter((tag) => tag > after);
		const asked = parameters.get("n");
		if (asked !== null && !/^\d{1,9}$/.test(asked))
			throw new RegistryRefusal("PAGINATION_NUMBER_INVALID", "n: write a whole number");
		const page = asked === null ? tags : tags.slice(0, Number(asked));
		const last = page.at(-1);
		const answer = json(200, { name, tags: page });
		if (last === undefined || page.length === tags.length) return answer;
		const link = `</v2/${name}/tags/list?n=${asked}&last=${encodeURIComponent(last)}>; rel="next"`;
		return { ...answer, headers: { ...answer.headers, link } };
	}

	#putManifest(name: string, reference: string, { contentType, body }: RegistryRequest): RegistryAnswer {
		const { digest } = this.#content.putManifest(name, reference, contentType, body);
		return created(`/v2/${name}/manifests/${digest}`, digest);
	}

	#begin(name: string, { parameters, body }: RegistryRequest): RegistryAnswer {
		const digest = parameters.get("digest");
		if (digest !== null) return this.#blobPut(name, digest, body);
		this.#content.checkName(name);
		const location = `/v2/${name}/blobs/uploads/${this.#unique()}`;
		const [oldest] = this.#uploads;
		if (this.#uploads.size >= UPLOADS_MAX && oldest !== undefined) this.#uploads.delete(oldest);
		this.#uploads.add(location);
		return { status: 202, headers: { location, range: "0-0" }, body: nothing };
	}

	#finish(name: string, { path, parameters, body }: RegistryRequest): RegistryAnswer {
		if (!this.#uploads.has(path)) throw new RegistryRefusal("BLOB_UPLOAD_UNKNOWN", "there is no such upload");
		const answer = this.#blobPut(name, parameters.get("digest") ?? "", body);
		this.#uploads.delete(path);
		return answer;
	}

	#blobPut(name: string, digest: string, body: Buffer): RegistryAnswer {
		this.#content.putBlob(name, digest, body);
		return created(`/v2/${name}/blobs/${digest}`, digest);
	}
}

function decoded(path: string): string {
	try {
		return decodeURIComponent(path);
	} catch {
		throw new RegistryRefusal("NAME_INVALID", "the address has a % that begins no character");
	}
}

/** The answer that tells of a refusal. */
export function refusedWith({ status, code, message }: RegistryRefusal): RegistryAnswer {
	return json(status, { errors: [{ code, message }] });
}

function unsupported({ method, path }: RegistryRequest): never {
	throw new RegistryRefusal("UNSUPPORTED", `${method} ${path} is not among what the sandbox's registry does`);
}

function shown({ digest, mediaType, body }: Manifest): RegistryAnswer {
	return { status: 200, headers: { "content-type": mediaType, "docker-content-digest": digest }, body };
}

function created(location: string, digest: string): RegistryAnswer {
	return { status: 201, headers: { location, "docker-content-digest": digest }, body: nothing };
}

function json(status: number, value: unknown): RegistryAnswer {
	return { status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}
