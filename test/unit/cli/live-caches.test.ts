import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LiveCaches, startCaches } from "../../../src/cli/live-caches.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { silentLog } from "../../../src/domain/log.ts";
import type { KubeClient, ListOptions, WatchLine } from "../../../src/kube/client.ts";
import type { Resource } from "../../../src/kube/resources.ts";

/** A client whose lists are as given, and whose watches say what is fed to them. */
function feedable(objects: readonly KubeObject[]) {
	const feeds = new Map<string, (line: WatchLine) => void>();
	const lists: [Resource, ListOptions | undefined][] = [];
	const client: Pick<KubeClient, "list" | "watch"> = {
		async list(resource, options) {
			lists.push([resource, options]);
			const items = objects.filter(({ kind }) => kind === resource.kind);
			return { items, resourceVersion: "1", continue: undefined };
		},
		async *watch({ kind }, { signal }) {
			let next = Promise.withResolvers<WatchLine | undefined>();
			signal?.addEventListener("abort", () => next.resolve(undefined));
			feeds.set(kind, (line) => next.resolve(line));
			for (let line = await next.promise; line !== undefined; line = await next.promise) {
				next = Promise.withResolvers();
				yield line;
			}
		},
	};
	const settled = () => new Promise((resolve) => setImmediate(resolve));
	return {
		client: client as KubeClient,
		lists,
		settled,
		async feed(type: WatchLine["type"], object: KubeObject) {
			feeds.get(object.kind)?.({ type, object });
			await settled();
		},
	};
}

let version = 1;
const object = (kind: string, name: string, spec?: unknown, namespace = "shop"): KubeObject => {
	version += 1;
	const metadata = { name, namespace, uid: `${kind}-${name}`, resourceVersion: String(version) };
	return { apiVersion: "v1", kind, metadata, spec };
};
const canary = (name: string, analysis: unknown) => object("Canary", name, { targetRef: { name }, analysis });

const world = [
	canary("hooked", { webhooks: [{ name: "gate", secretRef: { name: "key" } }] }),
	canary("measured", { metrics: [{ name: "score", templateRef: { name: "score", namespace: "ops" } }] }),
	canary("alerted", { alerts: [{ name: "team", providerRef: { name: "chat" } }] }),
	canary("plain", { stepWeight: 10 }),
	canary("garbled", { webhooks: [null, 7, { secretRef: 3 }], metrics: "all", alerts: [{ providerRef: { name: 4 } }] }),
	object("Canary", "empty"),
	object("MetricTemplate", "score", { provider: { secretRef: { name: "prom" } } }, "ops"),
	object("AlertProvider", "chat", { secretRef: { name: "slack" } }),
];

describe("a change wakes the Canaries that it concerns, and no others", () => {
	let stopping: AbortController;
	let caches: LiveCaches;
	let cluster: ReturnType<typeof feedable>;
	let woken: string[];

	beforeEach(async () => {
		stopping = new AbortController();
		cluster = feedable(world);
		woken = [];
		const parts = { client: cluster.client, namespace: undefined, log: silentLog };
		caches = startCaches(parts, (key) => woken.push(key), stopping.signal);
		await caches.synced;
		await cluster.settled();
		woken.length = 0;
	});
	afterEach(() => stopping.abort());

	test.each<[string, KubeObject, readonly string[]]>([
		["a hook's Secret", object("Secret", "key"), ["shop/hooked"]],
		["a template's Secret", object("Secret", "prom", undefined, "ops"), ["shop/measured"]],
		["an alert provider's Secret", object("Secret", "slack"), ["shop/alerted"]],
		["a Secret of that name elsewhere", object("Secret", "key", undefined, "ops"), []],
		["a Secret that nobody names", object("Secret", "other"), []],
		["an alert provider", object("AlertProvider", "chat", { address: "http://chat" }), ["shop/alerted"]],
		["another alert provider", object("AlertProvider", "mail", { address: "http://chat" }), []],
		["a template", object("MetricTemplate", "score", {}, "ops"), ["shop/measured"]],
	])("%s", async (_claim, changed, keys) => {
		await cluster.feed("ADDED", changed);
		expect(woken).toEqual(keys);
		woken.length = 0;
		await cluster.feed("DELETED", {
			...changed,
			metadata: { ...changed.metadata, resourceVersion: String(version++) },
		});
		expect(woken).toEqual(keys);
	});

	test("of Secrets nothing but metadata is asked for, and nothing of Helm's", () => {
		const asked = cluster.lists.map(([resource, options]) => [
			resource.plural,
			resource.metadataOnly ?? false,
			options?.fieldSelector,
		]);
		expect(asked.filter(([, metadataOnly]) => metadataOnly)).toEqual([["secrets", true, "type!=helm.sh/release.v1"]]);
	});
});

test("whoever waits for a route's cache is told when it is stopped before its first list", async () => {
	const stopping = new AbortController();
	const { client } = feedable([]);
	const hanging = { ...client, list: () => new Promise<never>(() => {}) };
	const caches = startCaches({ client: hanging, namespace: undefined, log: silentLog }, () => {}, stopping.signal);
	const resource = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", plural: "httproutes", versions: ["v1"] };
	const waits = () => caches.watchRoutes("gateway.networking.k8s.io/v1", resource, stopping.signal);
	const waiting = [waits(), waits()];
	stopping.abort(new Error("told to stop"));
	for (const one of [...waiting, waits()]) await expect(one).rejects.toThrow("told to stop");
});
