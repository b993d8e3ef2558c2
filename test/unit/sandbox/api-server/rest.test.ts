import { describe, expect, test } from "vitest";
import { configMap, createTestServer, definition, pod } from "./stand-in.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const lamps = "/apis/light.test/v1/namespaces/default/lamps";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const merge = { "content-type": "application/merge-patch+json" };
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

const namesIn = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);
const lamp = (name: string, spec: object = {}, version = "v1") => ({
	apiVersion: `light.test/${version}`,
	kind: "Lamp",
	metadata: { name },
	spec,
});

describe("what is refused", () => {
	test.each([
		[
			"a path that leads nowhere",
			"GET",
			"/api/v1/namespaces/default/gizmos",
			404,
			"the server could not find the requested resource",
		],
		["a path that is none", "GET", "/favicon.ico", 404, "the server could not find the requested resource"],
		[
			"a name where all are meant",
			"POST",
			`${maps}/one`,
			405,
			"the server does not allow this method on the requested resource",
		],
		[
			"an object without its namespace",
			"GET",
			"/api/v1/configmaps/one",
			404,
			"the server could not find the requested resource",
		],
		[
			"a subresource that a kind hasn't",
			"GET",
			`${maps}/one/status`,
			404,
			"the server could not find the requested resource",
		],
		[
			"a field that can't be selected by",
			"GET",
			`${maps}?fieldSelector=data.x%3D1`,
			400,
			'"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
		],
		[
			"a selector that can't be read",
			"GET",
			`${maps}?labelSelector=a%20in%20x`,
			400,
			"unable to parse requirement: found 'a in x', expected: a label selector",
		],
		[
			"a resource version of the future",
			"GET",
			`${maps}?resourceVersion=999999`,
			504,
			expect.stringContaining("Too large resource version"),
		],
	])("%s", (_what, method, url, code, message) => {
		const { send } = createTestServer();
		expect(send(method, url)).toMatchObject({
			status: code,
			body: { kind: "Status", status: "Failure", code, message },
		});
	});

	test("whoever has no token", () => {
		const { send } = createTestServer();
		const { status, body } = send("GET", maps, undefined, { authorization: "Bearer wrong" });
		expect({ status, reason: body.reason }).toEqual({ status: 401, reason: "Unauthorized" });
	});

	test("what is too big", () => {
		const { send } = createTestServer();
		const { status, body } = send("POST", maps, configMap("one", { data: { x: "x".repeat(3 * 1024 * 1024) } }));
		expect({ status, reason: body.reason }).toEqual({ status: 413, reason: "RequestEntityTooLarge" });
	});

	test.each([
		["a body of no known type", "POST", maps, { "content-type": "application/cbor" }, 415],
		["an answer in protobuf alone", "GET", maps, { accept: "application/vnd.kubernetes.protobuf" }, 406],
		["a patch of no kind", "PATCH", `${maps}/one`, { "content-type": "application/json" }, 415],
		["an apply without a manager", "PATCH", `${maps}/one`, { "content-type": "application/apply-patch+yaml" }, 422],
	])("%s", (_what, method, url, headers, status) => {
		const { send } = createTestServer();
		expect(send(method, url, method === "GET" ? undefined : "{}", headers).status).toBe(status);
	});

	test.each([
		[
			"another apiVersion",
			{ apiVersion: "v2" },
			"the API version in the data (v2) does not match the expected API version (v1)",
		],
		[
			"another name",
			{ metadata: { name: "two" } },
			"the name of the object (two) does not match the name on the URL (one)",
		],
		[
			"another namespace",
			{ metadata: { name: "one", namespace: "x" } },
			"the namespace of the provided object does not match the namespace sent on the request",
		],
	])("an object of %s", (_what, change, message) => {
		const { send } = createTestServer();
		expect(send("PUT", `${maps}/one`, { ...configMap("one"), ...change })).toMatchObject({
			status: 400,
			body: { message },
		});
	});
});

describe("reading", () => {
	test.each([
		["app=x", ["a", "b"]],
		["app==x,tier!=front", ["b"]],
		["app in (x, y)", ["a", "b", "c"]],
		["app notin (x)", ["c", "d"]],
		["tier", ["a"]],
		["!app", ["d"]],
	])("selects by labels: %s", (selector, expected) => {
		const { send } = createTestServer();
		send("POST", maps, configMap("a", {}, { app: "x", tier: "front" }));
		send("POST", maps, configMap("b", {}, { app: "x" }));
		send("POST", maps, configMap("c", {}, { app: "y" }));
		send("POST", maps, configMap("d"));
		expect(namesIn(send("GET", `${maps}?labelSelector=${encodeURIComponent(selector)}`).body)).toEqual(expected);
	});

	test.each([
		["metadata.name=a", ["a"]],
		["metadata.name!=a", ["b"]],
		["spec.nodeName=node-1", ["b"]],
		["spec.nodeName=", ["a"]],
	])("selects pods by fields: %s", (selector, expected) => {
		const { send } = createTestServer();
		send("POST", pods, pod("a"));
		send("POST", pods, pod("b", { nodeName: "node-1" }));
		expect(namesIn(send("GET", `${pods}?fieldSelector=${encodeURIComponent(selector)}`).body)).toEqual(expected);
	});

	test("pages stay as the list was when it was begun", () => {
		const { send } = createTestServer();
		for (const name of ["a", "b", "c", "d"]) send("POST", maps, configMap(name));
		const { body: first } = send("GET", `${maps}?limit=2`);
		expect(namesIn(first)).toEqual(["a", "b"]);
		expect(first.metadata.remainingItemCount).toBe(2);
		send("DELETE", `${maps}/c`);
		send("POST", maps, configMap("bb"));
		const { body: second } = send("GET", `${maps}?limit=2&continue=${first.metadata.continue}`);
		expect(namesIn(second)).toEqual(["c", "d"]);
		expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
	});

	test("a page that is too late is Expired, and can be gone on with all the same", () => {
		const { send } = createTestServer({ historyMax: 2 });
		for (const name of ["a", "b", "c"]) send("POST", maps, configMap(name));
		const { body: first } = send("GET", `${maps}?limit=2`);
		for (const name of ["d", "e", "f", "g", "h"]) send("POST", maps, configMap(name));
		const { status, body } = send("GET", `${maps}?limit=2&continue=${first.metadata.continue}`);
		expect({ status, reason: body.reason }).toEqual({ status: 410, reason: "Expired" });
		expect(namesIn(send("GET", `${maps}?continue=${body.metadata.continue}`).body)).toEqual([
			"c",
			"d",
			"e",
			"f",
			"g",
			"h",
		]);
	});

	test("tables carry the columns and the list's metadata", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("a"));
		expect(send("GET", maps, undefined, table).body).toMatchObject({
			kind: "Table",
			metadata: { resourceVersion: expect.any(String) },
			columnDefinitions: [{ name: "Name" }],
			rows: [{ cells: ["a"] }],
		});
	});

	test("metadata alone", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("a", { data: { x: "1" } }));
		const accept =
			"application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
		const { body } = send("GET", maps, undefined, { accept });
		expect(body.kind).toBe("PartialObjectMetadataList");
		expect(Object.keys(body.items[0])).toEqual(["kind", "apiVersion", "metadata"]);
	});

	test("YAML goes both ways", () => {
		const { send } = createTestServer();
		const text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {x: 'yes'}\n";
		const { text: answer } = send("POST", maps, text, {
			"content-type": "application/yaml",
			accept: "application/yaml",
		});
		expect(answer).toContain('x: "yes"');
	});

	test("two groups share their events", () => {
		const { send } = createTestServer();
		const event = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "e" }, reason: "Synced" };
		send("POST", "/apis/events.k8s.io/v1/namespaces/default/events", event);
		const { body } = send("GET", "/api/v1/namespaces/default/events?fieldSelector=reason%3DSynced");
		expect(body.items).toMatchObject([{ apiVersion: "v1", reason: "Synced" }]);
		expect(send("GET", "/apis/events.k8s.io/v1/events").body.items[0].apiVersion).toBe("events.k8s.io/v1");
	});
});

describe("patching", () => {
	test.each([
		["application/merge-patch+json", { data: { x: "2", y: null } }],
		["application/strategic-merge-patch+json", { data: { x: "2", y: null } }],
		["application/json-patch+json", [{ op: "replace", path: "/data", value: { x: "2" } }]],
	])("as %s", (type, patch) => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one", { data: { x: "1", y: "1" } }));
		const { status, body } = send("PATCH", `${maps}/one`, patch, { "content-type": type });
		expect({ status, data: body.data }).toEqual({ status: 200, data: { x: "2" } });
	});

	test("applying makes what isn't there", () => {
		const { send } = createTestServer();
		const apply = (x: string) =>
			send("PATCH", `${maps}/one?fieldManager=me`, `{"apiVersion":"v1","kind":"ConfigMap","data":{"x":"${x}"}}`, {
				"content-type": "application/apply-patch+yaml",
			});
		const first = apply("1");
		expect(first).toMatchObject({
			status: 201,
			body: { metadata: { managedFields: [{ manager: "me", operation: "Apply" }] } },
		});
		expect(apply("1").body).toEqual(first.body);
		expect(apply("2")).toMatchObject({ status: 200, body: { data: { x: "2" } } });
	});

	test("refuses one made for another version of the object", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		expect(send("PATCH", `${maps}/one`, { metadata: { resourceVersion: "1" } }, merge).body.reason).toBe("Conflict");
	});

	test("warns, or refuses, as the client wants", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		const patch = { spec: { bogus: 1 } };
		expect(send("PATCH", `${maps}/one?fieldValidation=Strict`, patch, merge).status).toBe(400);
		expect(send("PATCH", `${maps}/one`, patch, merge).headers.warning).toEqual([
			'299 - "unknown field \\"spec.bogus\\""',
		]);
		expect(send("PATCH", `${maps}/one?fieldValidation=Ignore`, patch, merge).headers.warning).toBeUndefined();
	});
});

describe("subresources", () => {
	test("status is written apart from the rest", () => {
		const { send } = createTestServer();
		const { body: made } = send("POST", pods, pod("one"));
		const { body } = send("PUT", `${pods}/one/status`, { ...made, spec: {}, status: { phase: "Running" } });
		expect(body).toMatchObject({ spec: made.spec, status: { phase: "Running" } });
		expect(send("PUT", `${pods}/one`, { ...body, status: {} }).body.status).toEqual({ phase: "Running" });
	});

	test("scale reads and writes the replicas of a Deployment", () => {
		const { send } = createTestServer();
		const deployments = "/apis/apps/v1/namespaces/default/deployments";
		const spec = { replicas: 2, selector: { matchLabels: { app: "x" } } };
		send("POST", deployments, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec });
		const { body: scale } = send("GET", `${deployments}/web/scale`);
		expect(scale).toMatchObject({
			apiVersion: "autoscaling/v1",
			kind: "Scale",
			spec: { replicas: 2 },
			status: { replicas: 0, selector: "app=x" },
		});
		expect(send("PUT", `${deployments}/web/scale`, { ...scale, spec: { replicas: 5 } }).body.spec).toEqual({
			replicas: 5,
		});
		expect(send("PATCH", `${deployments}/web/scale`, { spec: { replicas: 3 } }, merge).body.spec).toEqual({
			replicas: 3,
		});
		expect(send("GET", `${deployments}/web`).body.spec).toEqual({ ...spec, replicas: 3 });
		expect(send("PUT", `${deployments}/web/scale`, { ...scale, spec: { replicas: 9 } }).status).toBe(409);
		expect(send("PATCH", `${deployments}/web/scale`, { spec: { replicas: -1 } }, merge).status).toBe(422);
	});

	test("binding puts a pod on a node, once", () => {
		const { send } = createTestServer();
		send("POST", pods, pod("one"));
		const binding = {
			apiVersion: "v1",
			kind: "Binding",
			metadata: { name: "one" },
			target: { kind: "Node", name: "node-1" },
		};
		expect(send("POST", `${pods}/one/binding`, binding).status).toBe(201);
		expect(send("GET", `${pods}/one`).body).toMatchObject({
			spec: { nodeName: "node-1" },
			status: { conditions: [{ type: "PodScheduled", status: "True" }] },
		});
		expect(send("POST", `${pods}/one/binding`, binding).status).toBe(409);
	});

	test("eviction deletes, log tells", () => {
		const { send } = createTestServer();
		send("POST", pods, pod("one"));
		expect(send("GET", `${pods}/one/log`).text).toBe("one/main says hello\n");
		expect(send("GET", `${pods}/one/log?container=other`).status).toBe(400);
		expect(send("POST", `${pods}/one/eviction`, { apiVersion: "policy/v1", kind: "Eviction" }).status).toBe(201);
		expect(send("GET", `${pods}/one`).status).toBe(404);
	});
});

describe("custom resources", () => {
	test("are served as soon as they are defined", () => {
		const { send } = createTestServer();
		expect(send("GET", lamps).status).toBe(404);
		expect(send("POST", definitions, definition).body.status).toMatchObject({
			acceptedNames: { kind: "Lamp", plural: "lamps" },
			storedVersions: ["v1"],
			conditions: [
				{ type: "NamesAccepted", status: "True" },
				{ type: "Established", status: "True" },
			],
		});
		expect(send("POST", lamps, lamp("one", { colour: "red" })).status).toBe(201);
		expect(namesIn(send("GET", `${lamps}?fieldSelector=spec.colour%3Dred`).body)).toEqual(["one"]);
	});

	test("are one object in each of their versions", () => {
		const { send } = createTestServer();
		send("POST", definitions, definition);
		send("POST", lamps.replace("v1", "v2"), lamp("one", {}, "v2"));
		expect(send("GET", `${lamps}/one`).body.apiVersion).toBe("light.test/v1");
		expect(send("GET", `${lamps.replace("v1", "v2")}/one`).body.apiVersion).toBe("light.test/v2");
	});

	test("take no strategic merge patch, and no update without a resource version", () => {
		const { send } = createTestServer();
		send("POST", definitions, definition);
		send("POST", lamps, lamp("one"));
		expect(send("PATCH", `${lamps}/one`, {}, { "content-type": "application/strategic-merge-patch+json" }).status).toBe(
			415,
		);
		expect(send("PUT", `${lamps}/one`, lamp("one")).body.message).toContain("metadata.resourceVersion: Invalid value");
	});

	test("are scaled where they say so", () => {
		const { send } = createTestServer();
		send("POST", definitions, definition);
		send("POST", lamps, lamp("one", { count: 1 }));
		expect(send("PATCH", `${lamps}/one/scale`, { spec: { replicas: 4 } }, merge).status).toBe(200);
		expect(send("GET", `${lamps}/one`).body.spec).toEqual({ count: 4 });
		expect(send("GET", `${lamps.replace("v1", "v2")}/one/scale`).status).toBe(404);
	});

	test("go with their definition", () => {
		const { send } = createTestServer();
		send("POST", definitions, definition);
		send("POST", lamps, lamp("one"));
		send("POST", lamps, { ...lamp("two"), metadata: { name: "two", finalizers: ["test/wait"] } });
		send("DELETE", `${definitions}/lamps.light.test`);
		expect(namesIn(send("GET", lamps).body)).toEqual(["two"]);
		send("PATCH", `${lamps}/two`, { metadata: { finalizers: null } }, merge);
		expect(send("GET", `${definitions}/lamps.light.test`).status).toBe(404);
		expect(send("GET", lamps).status).toBe(404);
	});

	test("of a bad definition are refused before it is stored", () => {
		const { send } = createTestServer();
		expect(send("POST", definitions, { ...definition, spec: {} }).status).toBe(422);
		expect(send("GET", definitions).body.items).toEqual([]);
	});
});

describe("beside objects", () => {
	test("health needs no token", () => {
		const { send } = createTestServer();
		for (const path of ["/healthz", "/livez", "/readyz"]) {
			expect(send("GET", path, undefined, { authorization: "" })).toMatchObject({ status: 200, text: "ok" });
		}
	});

	test("discovery is told once to who knows it", () => {
		const { send } = createTestServer();
		const { status, headers } = send("GET", "/version");
		expect({ status, etag: headers.etag }).toEqual({ status: 200, etag: '"one"' });
		expect(send("GET", "/version", undefined, { "if-none-match": '"one"' })).toMatchObject({ status: 304, text: "" });
	});

	test.each([
		["authorization.k8s.io/v1/selfsubjectaccessreviews", {}, { allowed: true }],
		["authorization.k8s.io/v1/subjectaccessreviews", {}, { allowed: true }],
		["authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews", {}, { allowed: true }],
		["authorization.k8s.io/v1/selfsubjectrulesreviews", {}, { incomplete: false }],
		[
			"authentication.k8s.io/v1/tokenreviews",
			{ token: "secret" },
			{ authenticated: true, user: { username: "sandbox-admin" } },
		],
		["authentication.k8s.io/v1/tokenreviews", { token: "other" }, { authenticated: false }],
		["authentication.k8s.io/v1/selfsubjectreviews", {}, { userInfo: { username: "sandbox-admin" } }],
	])("%s of %o", (path, spec, status) => {
		const { send } = createTestServer();
		expect(send("POST", `/apis/${path}`, { spec })).toMatchObject({ status: 201, body: { status } });
	});
});
