import { describeRef, type KubeObject, type ObjectRef, refOf } from "../domain/kube-object.ts";
import { ApiError } from "./errors.ts";
import { pathOf, type Resource, resourceOf } from "./resources.ts";
import { brokenLine, type Transport } from "./transport.ts";

/** Who our fields belong to. */
export const FIELD_MANAGER = "haldane";

interface Aborted {
	readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends Aborted {
	readonly namespace?: string | undefined;
	readonly limit?: number;
	readonly continue?: string | undefined;
	readonly fieldSelector?: string | undefined;
}

export interface ListPage {
	readonly items: readonly KubeObject[];
	readonly resourceVersion: string;
	readonly continue: string | undefined;
}

export interface WatchOptions extends Aborted {
	readonly namespace?: string | undefined;
	readonly resourceVersion: string;
	readonly timeoutSeconds: number;
	readonly fieldSelector?: string | undefined;
}

/** A line of a watch, as the API writes it. */
export interface WatchLine {
	readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
	readonly object: KubeObject & { readonly code?: number };
}

/** The Kubernetes API, as much of it as we use. Every method throws ApiError, with its remedy. */
export interface KubeClient {
	get(ref: ObjectRef, options?: Aborted): Promise<KubeObject>;
	list(resource: Resource, options?: ListOptions): Promise<ListPage>;
	watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchLine>;
	/** Server-side apply as `haldane`, or as another manager of ours: what one applies, the other does not take away. */
	apply(
		object: KubeObject,
		options: Aborted & { readonly force: boolean; readonly manager?: string | undefined },
	): Promise<KubeObject>;
	/** JSON merge patch. */
	patch(ref: ObjectRef, patch: object, options?: Aborted): Promise<KubeObject>;
	create(object: KubeObject, options?: Aborted): Promise<KubeObject>;
	/** The whole object, at the resource version that it carries. */
	replace(object: KubeObject, options?: Aborted): Promise<KubeObject>;
	replaceStatus(object: KubeObject, options?: Aborted): Promise<KubeObject>;
	/** Of that uid only, when one is given. What is gone already is deleted. */
	delete(ref: ObjectRef, options?: Aborted & { readonly uid?: string | undefined }): Promise<void>;
	/** Versions of a group that the cluster serves, without the group; asked for again at most every ten seconds. */
	servedVersions(group: string, signal?: AbortSignal): Promise<readonly string[]>;
}

/** Without a fallback to whole objects: a server that cannot leave the rest out is to refuse. */
const accepting = (form: "PartialObjectMetadata" | "PartialObjectMetadataList", { metadataOnly }: Resource) =>
	metadataOnly ? { accept: `application/json;as=${form};g=meta.k8s.io;v=v1` } : {};

const SERVED_AGE_MAX_MS = { found: 300_000, missing: 10_000 };

export function createKubeClient(transport: Transport, now: () => number): KubeClient {
	const served = new Map<
		string,
		{ readonly at: number; readonly versions: Promise<readonly string[]>; found: boolean }
	>();
	const manager = `fieldManager=${FIELD_MANAGER}`;
	const pathTo = (ref: ObjectRef) => pathOf(resourceOf(ref), ref.namespace, ref.name);
	const describe = (resource: Resource, namespace?: string) =>
		namespace === undefined ? resource.plural : `${resource.plural} in ${namespace}`;

	return {
		async get(ref, options = {}) {
			return asObject(await transport.json({ method: "GET", path: pathTo(ref), what: describeRef(ref), ...options }));
		},
		async list(resource, { namespace, limit = 500, continue: next, fieldSelector, signal } = {}) {
			const query = new URLSearchParams({ limit: String(limit) });
			if (next !== undefined) query.set("continue", next);
			if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
			const path = `${pathOf(resource, namespace)}?${query}`;
			const accept = accepting("PartialObjectMetadataList", resource);
			const what = describe(resource, namespace);
			const page = (await transport.json({ method: "GET", path, what, signal, ...accept })) as {
				readonly items?: readonly KubeObject[];
				readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
			};
			const { apiVersion, kind } = resource;
			return {
				// Items of a list leave out what the list says once.
				items: (page.items ?? []).map((item) => ({ ...item, apiVersion, kind })),
				resourceVersion: page.metadata?.resourceVersion ?? "",
				continue: page.metadata?.continue === "" ? undefined : page.metadata?.continue,
			};
		},
		async *watch(resource, { namespace, resourceVersion, timeoutSeconds, fieldSelector, signal }) {
			const query = new URLSearchParams({
				watch: "true",
				resourceVersion,
				allowWatchBookmarks: "true",
				timeoutSeconds: String(timeoutSeconds),
			});
			if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
			const what = `watch of ${describe(resource, namespace)}`;
			const accept = accepting("PartialObjectMetadata", resource);
			const path = `${pathOf(resource, namespace)}?${query}`;
			for await (const line of transport.lines({ method: "GET", path, what, signal, ...accept })) {
				yield readLine(line, what);
			}
		},
		async apply(object, { force, manager = FIELD_MANAGER, signal }) {
			const path = `${pathTo(refOf(object))}?fieldManager=${encodeURIComponent(manager)}&force=${force}`;
			const contentType = "application/apply-patch+yaml";
			const what = describeRef(refOf(object));
			return asObject(await transport.json({ method: "PATCH", path, body: object, contentType, what, signal }));
		},
		async patch(ref, patch, options = {}) {
			const path = `${pathTo(ref)}?${manager}`;
			const contentType = "application/merge-patch+json";
			return asObject(
				await transport.json({ method: "PATCH", path, body: patch, contentType, what: describeRef(ref), ...options }),
			);
		},
		async create(object, options = {}) {
			const ref = refOf(object);
			const path = `${pathOf(resourceOf(ref), ref.namespace)}?${manager}`;
			return asObject(await transport.json({ method: "POST", path, body: object, what: describeRef(ref), ...options }));
		},
		async replace(object, options = {}) {
			const ref = refOf(object);
			const path = `${pathTo(ref)}?${manager}`;
			return asObject(await transport.json({ method: "PUT", path, body: object, what: describeRef(ref), ...options }));
		},
		async replaceStatus(object, options = {}) {
			const ref = refOf(object);
			const path = `${pathOf(resourceOf(ref), ref.namespace, ref.name)}/status?${manager}`;
			// Of all else the API server would only read, check and throw away what it is sent.
			const { name, namespace, uid, resourceVersion } = object.metadata;
			const { apiVersion, kind, status } = object;
			const body = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status };
			return asObject(await transport.json({ method: "PUT", path, body, what: describeRef(ref), ...options }));
		},
		async delete(ref, { uid, signal } = {}) {
			const body = uid === undefined ? {} : { preconditions: { uid } };
			try {
				await transport.json({ method: "DELETE", path: pathTo(ref), body, what: describeRef(ref), signal });
			} catch (thrown) {
				if (!(thrown instanceof ApiError) || thrown.status !== 404) throw thrown;
			}
		},
		servedVersions(group, signal) {
			const known = served.get(group);
			const ageMax = known?.found ? SERVED_AGE_MAX_MS.found : SERVED_AGE_MAX_MS.missing;
			if (known !== undefined && now() - known.at < ageMax) return known.versions;
			const entry = { at: now(), versions: askVersions(group, signal), found: false };
			served.set(group, entry);
			entry.versions.then(
				(versions) => {
					entry.found = versions.length > 0;
				},
				() => served.delete(group),
			);
			return entry.versions;
		},
	};

	async function askVersions(group: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
		try {
			const answer = (await transport.json({
				method: "GET",
				path: `/apis/${group}`,
				what: `API group ${group}`,
				signal,
			})) as {
				readonly versions?: readonly { readonly version: string }[];
			};
			return (answer.versions ?? []).map(({ version }) => version);
		} catch (thrown) {
			if (thrown instanceof ApiError && thrown.status === 404) return [];
			throw thrown;
		}
	}
}

function asObject(value: unknown): KubeObject {
	return value as KubeObject;
}

/** What is wrong is not quoted: it may be a secret. */
function readLine(line: string, what: string): WatchLine {
	let read: unknown;
	try {
		read = JSON.parse(line);
	} catch {
		throw brokenLine({ what }, "is no JSON");
	}
	if (typeof read === "object" && read !== null && "type" in read) return read as WatchLine;
	throw brokenLine({ what }, "is no event");
}
