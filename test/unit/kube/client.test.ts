import { afterEach, describe, expect, test } from "vitest";
import { messageOf } from "../../../src/domain/failure.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { createKubeClient, type KubeClient } from "../../../src/kube/client.ts";
import { resources } from "../../../src/kube/resources.ts";
import { createTransport } from "../../../src/kube/transport.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type ScriptedAnswer, type ScriptedApi, scriptedApi } from "../../support/scripted-api.ts";

const open: ScriptedApi[] = [];
afterEach(async () => {
	for (const api of open.splice(0)) await api.close();
});

async function asking(...answers: readonly ScriptedAnswer[]) {
	const api = await scriptedApi(answers);
	open.push(api);
	const clock = new FakeClock();
	const transport = createTransport(api.connection, { userAgent: "haldane/1" });
	/** Requests as `METHOD path`, then the type and the text of their bodies. */
	const sent = () =>
		api.requests.map(({ method, path, headers, body }) =>
			[`${method} ${path}`, headers["content-type"], body].filter((part) => part !== undefined && part !== ""),
		);
	return { client: createKubeClient(transport, () => clock.now()), clock, sent };
}

const ok = (body: object): ScriptedAnswer => ({ status: 200, body });
const refused = (status: number): ScriptedAnswer => ({ status, body: { message: "no" } });

const cart: KubeObject = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "cart", namespace: "shop", resourceVersion: "7" },
};
const cartRef = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart" };
const node = { apiVersion: "v1", kind: "Node", name: "a/b" };
const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", namespace: "shop", name: "cart" };
const json = JSON.stringify(cart);
const at = "/apis/apps/v1/namespaces/shop/deployments";

describe("a client", () => {
	test.each<[string, (client: KubeClient) => Promise<unknown>, readonly string[]]>([
		["reads an object", (client) => client.get(cartRef), [`GET ${at}/cart`]],
		["reads what lives in no namespace", (client) => client.get(node), ["GET /api/v1/nodes/a%2Fb"]],
		[
			"reads a kind by the rule of its name",
			(client) => client.get(route),
			["GET /apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/cart"],
		],
		[
			"applies, and takes no field of another's",
			(client) => client.apply(cart, { force: false }),
			[`PATCH ${at}/cart?fieldManager=haldane&force=false`, "application/apply-patch+yaml", json],
		],
		[
			"applies by force",
			(client) => client.apply(cart, { force: true }),
			[`PATCH ${at}/cart?fieldManager=haldane&force=true`, "application/apply-patch+yaml", json],
		],
		[
			"merges a patch",
			(client) => client.patch(cartRef, { spec: { replicas: null } }),
			[`PATCH ${at}/cart?fieldManager=haldane`, "application/merge-patch+json", '{"spec":{"replicas":null}}'],
		],
		["creates", (client) => client.create(cart), [`POST ${at}?fieldManager=haldane`, "application/json", json]],
		["replaces", (client) => client.replace(cart), [`PUT ${at}/cart?fieldManager=haldane`, "application/json", json]],
		[
			"replaces a status",
			(client) => client.replaceStatus(cart),
			[`PUT ${at}/cart/status?fieldManager=haldane`, "application/json", json],
		],
	])("%s", async (_name, act, request) => {
		const { client, sent } = await asking(ok(cart));
		expect(await act(client)).toEqual(cart);
		expect(sent()).toEqual([request]);
	});

	test.each<[string, string | undefined, ScriptedAnswer, string | undefined, string]>([
		["deletes", undefined, ok({}), undefined, "{}"],
		["deletes only the one that it means", "u1", ok({}), undefined, '{"preconditions":{"uid":"u1"}}'],
		["takes what is gone for deleted", "u1", refused(404), undefined, '{"preconditions":{"uid":"u1"}}'],
		["says when it was another one", "u1", refused(409), "Deployment shop/cart: no", '{"preconditions":{"uid":"u1"}}'],
		["says when it may not delete", undefined, refused(403), "Deployment shop/cart: no", "{}"],
	])("%s", async (_name, uid, answer, failure, body) => {
		const { client, sent } = await asking(answer);
		const said = await client.delete(cartRef, { uid }).then(() => undefined, messageOf);
		expect(said).toBe(failure);
		expect(sent()).toEqual([[`DELETE ${at}/cart`, "application/json", body]]);
	});
});

describe("a list", () => {
	test("has items that say their kind, its version, and where it goes on", async () => {
		const items = [{ metadata: cart.metadata }];
		const { client, sent } = await asking(
			ok({ items, metadata: { resourceVersion: "9", continue: "a+b=" } }),
			ok({ items: null, metadata: { resourceVersion: "9", continue: "" } }),
		);
		const first = await client.list(resources.deployments, { namespace: "shop" });
		expect(first).toEqual({ items: [cart], resourceVersion: "9", continue: "a+b=" });
		const rest = { continue: first.continue, fieldSelector: "metadata.name=cart", limit: 2 };
		expect(await client.list(resources.deployments, rest)).toEqual({
			items: [],
			resourceVersion: "9",
			continue: undefined,
		});
		expect(sent()).toEqual([
			[`GET ${at}?limit=500`],
			["GET /apis/apps/v1/deployments?limit=2&continue=a%2Bb%3D&fieldSelector=metadata.name%3Dcart"],
		]);
	});

	test.each<[string, string | undefined, string]>([
		["of a namespace", "shop", "deployments in shop: no"],
		["of all", undefined, "deployments: no"],
	])("%s says what it is when it fails", async (_name, namespace, message) => {
		const { client } = await asking(refused(500));
		expect(await client.list(resources.deployments, { namespace }).catch(messageOf)).toBe(message);
	});
});

describe("a watch", () => {
	const options = { namespace: "shop", resourceVersion: "7", timeoutSeconds: 300 };

	async function watched(...chunks: readonly string[]) {
		const { client, sent } = await asking({ status: 200, chunks });
		const seen: unknown[] = [];
		try {
			for await (const line of client.watch(resources.deployments, options)) seen.push(line);
		} catch (thrown) {
			seen.push(messageOf(thrown));
		}
		return { seen, sent: sent() };
	}

	test("asks for bookmarks, from a version on, and gives each event", async () => {
		const { seen, sent } = await watched('{"type":"ADDED",', `"object":${json}}\n{"type":"BOOKMARK"}\n`);
		expect(seen).toEqual([{ type: "ADDED", object: cart }, { type: "BOOKMARK" }]);
		expect(sent).toEqual([[`GET ${at}?watch=true&resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds=300`]]);
	});

	test.each([
		["is no JSON", "hunter2\n"],
		["is no event", "null\n"],
		["is no event", '"hunter2"\n'],
		["is no event", '{"kind":"Status"}\n'],
	])("ends at a line that %s, and does not quote it", async (flaw, line) => {
		const { seen } = await watched('{"type":"BOOKMARK"}\n', line, '{"type":"BOOKMARK"}\n');
		expect(seen).toEqual([{ type: "BOOKMARK" }, `watch of deployments in shop: a line ${flaw}`]);
	});
});

describe("versions that are served", () => {
	const v1 = ok({ versions: [{ version: "v1" }, { version: "v1beta1" }] });

	test.each<[string, ScriptedAnswer, readonly string[], number]>([
		["for five minutes when there are any", v1, ["v1", "v1beta1"], 300_000],
		["for ten seconds when there are none", refused(404), [], 10_000],
	])("are remembered %s", async (_name, answer, versions, ageMs) => {
		const { client, clock, sent } = await asking(answer, ok({ versions: [] }));
		const asked = await Promise.all([1, 2].map(() => client.servedVersions("split.smi-spec.io")));
		expect(asked).toEqual([versions, versions]);
		await clock.advance(ageMs - 1);
		expect(await client.servedVersions("split.smi-spec.io")).toEqual(versions);
		await clock.advance(1);
		expect(await client.servedVersions("split.smi-spec.io")).toEqual([]);
		expect(sent()).toEqual([["GET /apis/split.smi-spec.io"], ["GET /apis/split.smi-spec.io"]]);
	});

	test("are asked for again at once when there was no answer", async () => {
		const { client } = await asking(refused(500), v1);
		expect(await client.servedVersions("apps").catch(messageOf)).toBe("API group apps: no");
		expect(await client.servedVersions("apps")).toEqual(["v1", "v1beta1"]);
	});

	test("of one group are not those of another", async () => {
		const { client } = await asking(v1, refused(404));
		expect(await client.servedVersions("a")).toEqual(["v1", "v1beta1"]);
		expect(await client.servedVersions("b")).toEqual([]);
	});
});
