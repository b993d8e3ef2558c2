import { isDigest } from "../image-reference.ts";
import { type Ask, type Asked, nameOf } from "./ask.ts";
import type { RegistryAnswer, Repository, TagFacts } from "./image-registry.ts";
import { digestOf, MANIFEST_TYPES, readConfiguration, readManifest } from "./manifest.ts";
import type { Site } from "./settings.ts";

/** What is asked about. */
export interface Subject {
	readonly site: Site;
	readonly repository: Repository;
	/** As in `Pace`. */
	readonly first?: boolean | undefined;
}

/** Facts by digest: content never changes under its digest. */
export type KnownFacts = Map<string, TagFacts>;

const BYTES_MAX = 4 * 1_024 * 1_024;
const KNOWN_MAX = 2_000;
/** An index may name images that were never copied along: so many are tried. */
const MEMBERS_TRIED_MAX = 3;

type Content = { readonly kind: "content"; readonly body: string; readonly digest: string };
type Unanswered = Exclude<RegistryAnswer<never>, { readonly kind: "found" }>;

/** What the tag points at: by HEAD, or by GET where a registry answers HEAD with nothing or not at all. */
export async function digestOfTag(
	ask: Ask,
	subject: Subject,
	tag: string,
	signal: AbortSignal,
): Promise<RegistryAnswer<string>> {
	const question = { ...subject, topic: "manifests", accept: MANIFEST_TYPES, bodyBytesMax: BYTES_MAX } as const;
	const asked = await ask({ ...question, method: "HEAD", url: manifestUrl(subject, tag) }, signal);
	const digest = asked.kind === "answer" ? asked.headers["docker-content-digest"] : undefined;
	if (digest !== undefined && isDigest(digest)) return { kind: "found", value: digest };
	if (asked.kind !== "answer" && asked.kind !== "malformed") return asked;
	const got = await manifest(ask, subject, tag, signal);
	return got.kind === "content" ? { kind: "found", value: got.digest } : got;
}

/** Three requests for a new image, five for a new index, one for what is known already. */
export async function factsOfTag(
	ask: Ask,
	known: KnownFacts,
	{ subject, tag }: { readonly subject: Subject; readonly tag: string },
	signal: AbortSignal,
): Promise<RegistryAnswer<TagFacts>> {
	const answer = await digestOfTag(ask, subject, tag, signal);
	if (answer.kind !== "found") return answer;
	const digest = answer.value;
	const before = known.get(digest);
	if (before !== undefined) return { kind: "found", value: before };
	const got = await manifest(ask, subject, digest, signal);
	if (got.kind !== "content") return got;
	const told = await toldBy(ask, subject, got.body, signal);
	if (told.kind !== "found") return told;
	const facts = { digest, ...told.value };
	const [oldest] = known.keys();
	if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
	known.set(digest, facts);
	return { kind: "found", value: facts };
}

/** What a manifest and what it leads to say. */
async function toldBy(
	ask: Ask,
	subject: Subject,
	body: string,
	signal: AbortSignal,
): Promise<RegistryAnswer<Omit<TagFacts, "digest">>> {
	const read = readManifest(body);
	if (read.kind === "malformed") return malformed(subject, read.detail);
	if (read.kind === "image") {
		if (read.config === undefined) return { kind: "found", value: { createdAt: read.createdAt, platforms: [] } };
		const got = await configuration(ask, subject, read.config, signal);
		if (got.kind !== "content") return got;
		const config = readConfiguration(got.body);
		if (config === undefined) return malformed(subject, "its configuration is not what images have");
		const platforms = config.platform === undefined ? [] : [config.platform];
		return { kind: "found", value: { createdAt: config.createdAt ?? read.createdAt, platforms } };
	}
	const platforms = [...new Set(read.members.map(({ platform }) => platform))];
	const stated = read.createdAt ?? read.members[0]?.createdAt;
	if (stated !== undefined || read.members.length === 0)
		return { kind: "found", value: { createdAt: stated, platforms } };
	for (const member of read.members.slice(0, MEMBERS_TRIED_MAX)) {
		const got = await manifest(ask, subject, member.digest, signal);
		if (got.kind === "missing") continue;
		if (got.kind !== "content") return got;
		if (readManifest(got.body).kind === "index") return malformed(subject, "its index names another index as an image");
		const told = await toldBy(ask, subject, got.body, signal);
		if (told.kind === "missing") continue;
		return told.kind === "found" ? { kind: "found", value: { createdAt: told.value.createdAt, platforms } } : told;
	}
	return { kind: "found", value: { createdAt: undefined, platforms } };
}

async function manifest(
	ask: Ask,
	subject: Subject,
	reference: string,
	signal: AbortSignal,
): Promise<Content | Unanswered> {
	const question = { ...subject, topic: "manifests", accept: MANIFEST_TYPES, bodyBytesMax: BYTES_MAX } as const;
	const asked = await ask({ ...question, method: "GET", url: manifestUrl(subject, reference) }, signal);
	return content(subject, asked, { what: "its manifest", digest: isDigest(reference) ? reference : undefined });
}

async function configuration(
	ask: Ask,
	subject: Subject,
	digest: string,
	signal: AbortSignal,
): Promise<Content | Unanswered> {
	const { site, repository } = subject;
	if (!isDigest(digest)) return malformed(subject, "its configuration has no digest");
	const url = `${site.origin}/v2/${site.prefix}${repository.repository}/blobs/${digest}`;
	const question = { ...subject, topic: "manifests", accept: "*/*", bodyBytesMax: BYTES_MAX } as const;
	const asked = await ask({ ...question, method: "GET", url }, signal);
	return content(subject, asked, { what: "its configuration", digest });
}

/** What was got is what was asked for: storage that a registry sends us to is trusted by the digest alone. */
function content(
	subject: Subject,
	asked: Asked,
	{ what, digest }: { readonly what: string; readonly digest: string | undefined },
): Content | Unanswered {
	if (asked.kind !== "answer") return asked;
	if (asked.truncated) {
		const bytes = Number(asked.headers["content-length"]);
		const size = bytes > BYTES_MAX ? `is ${Math.round(bytes / 1_048_576)} MiB` : "is larger";
		return malformed(subject, `${what} ${size}; the most that is read is ${BYTES_MAX >> 20} MiB`);
	}
	const actual = digestOf(asked.body, digest);
	if (actual === undefined) return malformed(subject, `${what} has a digest that is neither sha256 nor sha512`);
	if (digest !== undefined && digest !== actual) return malformed(subject, `${what} is not what its digest says`);
	return { kind: "content", body: asked.body, digest: actual };
}

function malformed(subject: Subject, detail: string): { readonly kind: "malformed"; readonly detail: string } {
	return { kind: "malformed", detail: `${nameOf(subject)}: ${detail}` };
}

function manifestUrl({ site, repository }: Subject, reference: string): string {
	return `${site.origin}/v2/${site.prefix}${repository.repository}/manifests/${encodeURIComponent(reference)}`;
}
