/** What an image is called, read: `registry.example.com:5000/team/app:1.2.0@sha256:…`. */
export interface ImageReference {
	/** Host and port, in lower case; `docker.io` where none is written. */
	readonly registry: string;
	/** Path within the registry; `library/nginx` for `nginx`. */
	readonly repository: string;
	readonly tag: string | undefined;
	/** `sha256:…` or another algorithm's. */
	readonly digest: string | undefined;
	/** The name as it was written, without tag and digest: `nginx`. */
	readonly name: string;
}

/** A reference, or what is wrong with the text. */
export type ParsedReference =
	| { readonly ok: true; readonly reference: ImageReference }
	| { readonly ok: false; readonly problem: string };

const REFERENCE_LENGTH_MAX = 1_024;
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?";
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const FIRST = new RegExp(`^${HOST}$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/** The registry that names without one mean. */
export const DOCKER_HUB = "docker.io";
/** Other names of it. */
const HUB_ALIASES = new Set(["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

/** Reads the text as container runtimes do (distribution/reference); never throws. */
export function parseImageReference(text: string): ParsedReference {
	if (text.length > REFERENCE_LENGTH_MAX) return problem(`is longer than ${REFERENCE_LENGTH_MAX} characters`);
	const at = text.indexOf("@");
	const digest = at < 0 ? undefined : text.slice(at + 1);
	if (digest !== undefined && !DIGEST.test(digest)) return problem(`'${digest}' is not a digest`);
	const rest = at < 0 ? text : text.slice(0, at);
	// A colon after the last slash begins the tag; one before it belongs to the registry's port.
	const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
	const tag = colon < 0 ? undefined : rest.slice(colon + 1);
	if (tag !== undefined && !isTag(tag)) return problem(`'${tag}' is not a tag`);
	const name = colon < 0 ? rest : rest.slice(0, colon);
	const slash = name.indexOf("/");
	const first = slash < 0 ? "" : name.slice(0, slash);
	const hasHost = first === "localhost" || /[.:]/.test(first) || /[A-Z]/.test(first);
	if (hasHost && !FIRST.test(first)) return problem(`'${first}' is not a host`);
	const registry = hasHost ? first.toLowerCase() : DOCKER_HUB;
	const path = hasHost ? name.slice(slash + 1) : name;
	if (!PATH.test(path)) return problem(`'${name}' is not the name of an image`);
	const isHub = registry === DOCKER_HUB || HUB_ALIASES.has(registry);
	const repository = isHub && !path.includes("/") ? `library/${path}` : path;
	return { ok: true, reference: { registry: isHub ? DOCKER_HUB : registry, repository, tag, digest, name } };
}

export function isTag(text: string): boolean {
	return TAG.test(text);
}

export function isDigest(text: string): boolean {
	return DIGEST.test(text);
}

/** `docker.io/library/nginx`: one key for however the name is written. */
export type RepositoryKey = string;

export function repositoryKey({
	registry,
	repository,
}: Pick<ImageReference, "registry" | "repository">): RepositoryKey {
	return `${registry}/${repository}`;
}

/** The reference with another tag, and pinned if a digest is given; the name stays as it was written. */
export function withTag({ name }: ImageReference, tag: string, digest?: string): string {
	return digest === undefined ? `${name}:${tag}` : `${name}:${tag}@${digest}`;
}

function problem(text: string): ParsedReference {
	return { ok: false, problem: text };
}
