import { equal } from "../../../../src/domain/contains.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { makeFirstObjects } from "../../../../src/sandbox/api-server/first-objects.ts";
import { createKinds } from "../../../../src/sandbox/api-server/kinds.ts";
import type { ApiRequest, ApiResponse, Server } from "../../../../src/sandbox/api-server/rest/exchange.ts";
import { handle } from "../../../../src/sandbox/api-server/rest/handle.ts";
import type { Admission, ApiRules } from "../../../../src/sandbox/api-server/rules.ts";
import { createSandboxApi } from "../../../../src/sandbox/api-server/sandbox-api.ts";
import { createStore, type StoredState } from "../../../../src/sandbox/api-server/store/store.ts";
import { type Json, Refusal, type SandboxApi, type ServedKind } from "../../../../src/sandbox/contract.ts";

/** Small honest stand-ins for what knows schemas and patches, and a server over them whose clock the test moves. */

function kindOf(apiVersion: string, kind: string, plural: string, more: Partial<ServedKind> = {}): ServedKind {
	const names = { plural, singular: kind.toLowerCase(), shortNames: [], categories: [] };
	const rest = { namespaced: true, subresources: ["status"], storedAs: apiVersion, schema: undefined };
	return { apiVersion, kind, ...names, ...rest, ...more };
}

const kinds: readonly ServedKind[] = [
	kindOf("v1", "Namespace", "namespaces", { namespaced: false }),
	kindOf("v1", "Pod", "pods", { subresources: ["status", "binding", "log", "eviction"] }),
	kindOf("v1", "ConfigMap", "configmaps", { subresources: [] }),
	kindOf("v1", "Service", "services"),
	kindOf("v1", "Event", "events", { subresources: [] }),
	kindOf("events.k8s.io/v1", "Event", "events", { subresources: [], storedAs: "v1" }),
	kindOf("apps/v1", "Deployment", "deployments", { subresources: ["status", "scale"] }),
	kindOf("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", { namespaced: false }),
];

/** Takes what a subresource may not write from the live object, and counts generations. `spec.bogus` is a field it doesn't know. */
function admit({ live, object, subresource, fieldValidation }: Admission) {
	const { status, ...rest } = object;
	const merged = !live
		? rest
		: subresource === "status"
			? { ...live, status, metadata: { ...live.metadata, managedFields: object.metadata.managedFields } }
			: { ...rest, ...(live.status === undefined ? {} : { status: live.status }) };
	// Namespaces always get their finalizer, as an empty list can't be told from none.
	const held = object.kind === "Namespace" ? { spec: { finalizers: ["kubernetes"] } } : {};
	const spec = (merged.spec ?? {}) as Json;
	const warnings: string[] = [];
	if (Object.hasOwn(spec, "bogus")) {
		if (fieldValidation === "Strict")
			throw new Refusal(400, "BadRequest", 'strict decoding error: unknown field "spec.bogus"');
		if (fieldValidation === "Warn") warnings.push('unknown field "spec.bogus"');
	}
	const before = live?.metadata.generation ?? 0;
	const generation = live && equal(live.spec, merged.spec) ? before : before + 1;
	return { object: { ...merged, ...held, metadata: { ...merged.metadata, generation } } as KubeObject, warnings };
}

function mergePatch(object: unknown, patch: unknown): unknown {
	if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
	const base: Record<string, unknown> = typeof object === "object" && object !== null ? { ...object } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) delete base[key];
		else base[key] = mergePatch(base[key], value);
	}
	return base;
}

const merged = (object: KubeObject, patch: unknown) => mergePatch(object, patch) as KubeObject;

function managed(object: KubeObject, manager: string, operation: string, time: string): KubeObject {
	const others = ((object.metadata.managedFields ?? []) as readonly { manager: string; operation: string }[]).filter(
		(entry) => entry.manager !== manager || entry.operation !== operation,
	);
	return { ...object, metadata: { ...object.metadata, managedFields: [...others, { manager, operation, time }] } };
}

/** Rules of the tests' own, so that a fault in the real ones is told by their own tests. */
export const rules: ApiRules = {
	builtinKinds: kinds,
	kindsOf(crd) {
		const spec = crd.spec as {
			group: string;
			scope: string;
			names: { plural: string; kind: string };
			versions: { name: string; served: boolean; storage: boolean; subresources?: Json }[];
		};
		if (!spec?.versions?.length)
			throw new Refusal(422, "Invalid", `CustomResourceDefinition "${crd.metadata.name}" is invalid`);
		const storage = spec.versions.find((version) => version.storage)?.name;
		return spec.versions
			.filter((version) => version.served)
			.map((version) =>
				kindOf(`${spec.group}/${version.name}`, spec.names.kind, spec.names.plural, {
					namespaced: spec.scope === "Namespaced",
					subresources: Object.keys(version.subresources ?? {}),
					storedAs: `${spec.group}/${storage}`,
				}),
			);
	},
	printerColumnsOf: () => [{ name: "Colour", type: "string", jsonPath: ".spec.colour" }],
	admit,
	askPolicies: () => [],
	convert: (object, to) => ({ ...object, apiVersion: to.apiVersion }),
	applyServerSide: ({ live, applied, manager, now }) =>
		managed(live ? merged(live, applied) : applied, manager, "Apply", now),
	trackUpdate: ({ updated, manager, now }) => managed(updated, manager, "Update", now),
	jsonPatch(object, patch) {
		const copy = structuredClone(object) as Record<string, unknown>;
		for (const { path, value } of patch as { path: string; value: unknown }[]) {
			const names = path.split("/").slice(1);
			const last = names.pop() ?? "";
			const parent = names.reduce((at, name) => at[name] as Record<string, unknown>, copy);
			parent[last] = value;
		}
		return copy as unknown as KubeObject;
	},
	mergePatch: merged,
	strategicMergePatch: merged,
	describeApi: (served, { path }) =>
		path === "/version"
			? { contentType: "application/json", body: JSON.stringify({ kinds: served.length }), etag: '"one"' }
			: undefined,
	tableOf: ({ columns, objects, include, withColumns }) => ({
		kind: "Table",
		apiVersion: "meta.k8s.io/v1",
		columnDefinitions: withColumns ? [{ name: "Name" }, ...(columns ?? [])] : [],
		rows: objects.map((object) => ({ cells: [object.metadata.name], ...(include === "None" ? {} : { object }) })),
	}),
};

export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | readonly string[]>>;
	/** The JSON of the body; undefined when it is none. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
	readonly body: any;
	readonly text: string;
}

/** Events of a watch, as they came. */
export interface Watching {
	// biome-ignore lint/suspicious/noExplicitAny: as of answers
	take(): any[];
	readonly isOver: () => boolean;
	/** Bytes that the reader leaves unread from now on. */
	leave(bytes: number): void;
	hangUp(): void;
}

export interface TestServer {
	readonly api: SandboxApi;
	readonly server: Server;
	send(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Answer;
	/** `unread`: bytes that the reader leaves unread from the beginning. */
	watch(url: string, headers?: Readonly<Record<string, string>>, unread?: number): Watching;
	/** Moves the clock and lets everybody look at it. */
	pass(ms: number): void;
}

const encoder = new TextEncoder();

export function createTestServer(
	options: { readonly state?: StoredState; readonly historyMax?: number; readonly rules?: ApiRules } = {},
): TestServer {
	const obeyed = options.rules ?? rules;
	let now = Date.parse("2030-01-01T00:00:00Z");
	let counted = 0;
	const listeners = new Set<() => void>();
	const server: Server = {
		store: createStore(options),
		kinds: createKinds(obeyed),
		rules: obeyed,
		now: () => now,
		uid: () => `uid-${++counted}`,
		random: () => (++counted * 0.137) % 1,
		user: "sandbox-admin",
		token: "secret",
		ticks(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		logs: ({ pod, container }) => `${pod}/${container} says hello\n`,
	};
	makeFirstObjects(server);

	function ask(
		method: string,
		url: string,
		body?: unknown,
		headers: Readonly<Record<string, string>> = {},
	): ApiResponse {
		const { pathname, searchParams } = new URL(url, "https://sandbox");
		const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
		const request: ApiRequest = {
			method,
			path: pathname,
			query: searchParams,
			headers: { authorization: "Bearer secret", "user-agent": "tester/1 (x)", ...headers },
			body: encoder.encode(text),
		};
		return handle(server, request);
	}

	return {
		api: createSandboxApi(server),
		server,
		send(method, url, body, headers) {
			const response = ask(method, url, body, headers);
			if ("open" in response) throw new Error("a stream, where an answer was expected");
			const text = Buffer.from(response.body).toString("utf8");
			const isJson = response.headers["content-type"] === "application/json";
			return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
		},
		watch(url, headers, unread = 0) {
			const response = ask("GET", url, undefined, headers);
			if (!("open" in response)) throw new Error(`no stream: ${response.body}`);
			let lines: string[] = [];
			let over = false;
			let pending = unread;
			const hangUp = response.open({
				write: (text) => lines.push(text),
				pendingBytes: () => pending,
				end: () => {
					over = true;
				},
			});
			return {
				take() {
					const taken = lines.join("");
					lines = [];
					return taken
						.split("\n")
						.filter(Boolean)
						.map((line) => JSON.parse(line));
				},
				isOver: () => over,
				leave(bytes) {
					pending = bytes;
				},
				hangUp,
			};
		},
		pass(ms) {
			now += ms;
			for (const listener of [...listeners]) listener();
		},
	};
}

export const configMap = (name: string, more: Json = {}, labels: Readonly<Record<string, string>> = {}) => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name, labels },
	...more,
});

export const pod = (name: string, spec: Json = {}) => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name },
	spec: { containers: [{ name: "main", image: "web:1" }], ...spec },
});

export const definition = {
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: "lamps.light.test" },
	spec: {
		group: "light.test",
		scope: "Namespaced",
		names: { plural: "lamps", kind: "Lamp" },
		versions: [
			{
				name: "v1",
				served: true,
				storage: true,
				subresources: { status: {}, scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.count" } },
				selectableFields: [{ jsonPath: ".spec.colour" }],
			},
			{ name: "v2", served: true, storage: false, subresources: { status: {} } },
		],
	},
};
