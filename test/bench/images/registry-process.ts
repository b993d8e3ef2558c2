import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

// A registry without layers, in a process of its own so that its work is not the operator's: tags, manifests and
// configurations by the OCI distribution API, made up as they are asked for. Told by its parent, as `Order` has it.

export type Order =
	| {
			readonly do: "start";
			readonly repositories: readonly string[];
			readonly tags: readonly string[];
			readonly etags: boolean;
	  }
	| { readonly do: "push"; readonly repository: string; readonly tag: string }
	| { readonly do: "count" };

/** Answers to orders, in their order. */
export type Report =
	| { readonly kind: "started"; readonly port: number }
	| { readonly kind: "pushed" }
	/** Requests so far, by repository: of lists of tags, those of them answered with 304, and all others. */
	| { readonly kind: "counted"; readonly counts: Readonly<Record<string, Counts>> };

export interface Counts {
	readonly lists: number;
	readonly unchanged: number;
	readonly others: number;
}

interface Held {
	tags: Set<string>;
	/** As text by page, made once for all who ask before the next push. */
	pages: Map<string, Page>;
	counts: { lists: number; unchanged: number; others: number };
}

interface Page {
	readonly body: string;
	readonly etag: string;
	readonly next: string | undefined;
}

const PAGE_SIZE_MAX = 1_000;
const PATH = /^\/v2\/(.+)\/(tags|manifests|blobs)\/([^?]+)(?:\?(.*))?$/;
const held = new Map<string, Held>();
const contents = new Map<string, string>();
let hasEtags = true;

process.on("message", (order: Order) => {
	switch (order.do) {
		case "start":
			return start(order);
		case "push": {
			const repository = held.get(order.repository);
			repository?.tags.add(order.tag);
			repository?.pages.clear();
			return say({ kind: "pushed" });
		}
		case "count":
			return say({
				kind: "counted",
				counts: Object.fromEntries([...held].map(([name, { counts }]) => [name, counts])),
			});
	}
});

function start({ repositories, tags, etags }: Extract<Order, { do: "start" }>): void {
	hasEtags = etags;
	for (const name of repositories)
		held.set(name, { tags: new Set(tags), pages: new Map(), counts: { lists: 0, unchanged: 0, others: 0 } });
	const server = createServer(answer);
	server.keepAliveTimeout = 120_000;
	server.listen(0, "127.0.0.1", () => say({ kind: "started", port: (server.address() as AddressInfo).port }));
}

function say(report: Report): void {
	process.send?.(report);
}

function answer({ url = "", method, headers }: IncomingMessage, response: ServerResponse): void {
	const [, name = "", what, escaped = "", query] = PATH.exec(url) ?? [];
	const reference = decodeURIComponent(escaped);
	const repository = held.get(name);
	if (repository === undefined) return void response.writeHead(404).end();
	if (what === "tags") {
		list(name, repository, new URLSearchParams(query), headers["if-none-match"], response);
		return;
	}
	repository.counts.others += 1;
	if (what === "manifests" && repository.tags.has(reference)) make(name, reference);
	const digest = what === "manifests" && !reference.includes(":") ? digests.get(`${name}:${reference}`) : reference;
	const body = digest && contents.get(digest);
	if (!digest || body === undefined) return void response.writeHead(404).end();
	const type = what === "manifests" ? "application/vnd.oci.image.manifest.v1+json" : "application/octet-stream";
	const length = Buffer.byteLength(body);
	response.writeHead(200, { "content-type": type, "content-length": length, "docker-content-digest": digest });
	response.end(method === "HEAD" ? undefined : body);
}

function list(
	name: string,
	repository: Held,
	query: URLSearchParams,
	etag: string | undefined,
	response: ServerResponse,
): void {
	repository.counts.lists += 1;
	const size = Math.min(Number(query.get("n") ?? PAGE_SIZE_MAX), PAGE_SIZE_MAX);
	const last = query.get("last") ?? "";
	const key = `${size} ${last}`;
	const page = repository.pages.get(key) ?? pageOf(name, repository, size, last);
	repository.pages.set(key, page);
	const given = hasEtags ? { etag: page.etag } : {};
	if (hasEtags && etag === page.etag) {
		repository.counts.unchanged += 1;
		return void response.writeHead(304, given).end();
	}
	const link = page.next === undefined ? {} : { link: page.next };
	response.writeHead(200, { "content-type": "application/json", ...given, ...link }).end(page.body);
}

function pageOf(name: string, { tags }: Held, size: number, last: string): Page {
	const left = [...tags].sort().filter((tag) => tag > last);
	const shown = left.slice(0, size);
	const body = JSON.stringify({ name, tags: shown });
	const next = `</v2/${name}/tags/list?n=${size}&last=${shown.at(-1)}>; rel="next"`;
	return { body, etag: `"${digestOf(body)}"`, next: left.length > size ? next : undefined };
}

/** Tag to digest, with its repository. */
const digests = new Map<string, string>();

/** The image of a tag: another one for each. */
function make(name: string, tag: string): void {
	const at = `${name}:${tag}`;
	if (digests.has(at)) return;
	const config = keep({ os: "linux", architecture: "amd64", created: new Date().toISOString(), config: {}, image: at });
	const manifest = {
		schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
		layers: [],
	};
	digests.set(at, keep(manifest).digest);
}

function keep(content: unknown): { readonly digest: string; readonly size: number } {
	const body = JSON.stringify(content);
	const digest = digestOf(body);
	contents.set(digest, body);
	return { digest, size: Buffer.byteLength(body) };
}

function digestOf(body: string): string {
	return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}
