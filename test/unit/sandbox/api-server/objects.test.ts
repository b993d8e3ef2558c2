import { describe, expect, test } from "vitest";
import { expireEvents } from "../../../../src/sandbox/api-server/objects/expiry.ts";
import { configMap, createTestServer, pod } from "./stand-in.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";

describe("creating", () => {
	test("stamps what only the server knows", () => {
		const { send } = createTestServer();
		const { status, body } = send("POST", maps, configMap("one"));
		expect(status).toBe(201);
		expect(body.metadata).toMatchObject({
			name: "one",
			namespace: "default",
			uid: expect.stringMatching(/^uid-/),
			creationTimestamp: "2030-01-01T00:00:00Z",
			resourceVersion: expect.stringMatching(/^\d+$/),
			managedFields: [{ manager: "tester", operation: "Update" }],
		});
		expect(send("GET", `${maps}/one`).body).toEqual(body);
	});

	test("refuses a name that is taken, in the API's own words", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		expect(send("POST", maps, configMap("one"))).toMatchObject({
			status: 409,
			body: {
				kind: "Status",
				status: "Failure",
				reason: "AlreadyExists",
				message: 'configmaps "one" already exists',
				details: { name: "one", kind: "configmaps" },
				code: 409,
			},
		});
	});

	test("refuses a namespace that isn't there", () => {
		const { send } = createTestServer();
		const { status, body } = send("POST", "/api/v1/namespaces/nowhere/configmaps", configMap("one"));
		expect({ status, message: body.message }).toEqual({ status: 404, message: 'namespaces "nowhere" not found' });
	});

	test("makes a name up from generateName", () => {
		const { send } = createTestServer();
		const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "web-" } };
		const names = [send("POST", maps, body), send("POST", maps, body)].map((answer) => answer.body.metadata.name);
		expect(names[0]).toMatch(/^web-[a-z0-9]{5}$/);
		expect(names[0]).not.toBe(names[1]);
	});

	test("needs a name", () => {
		const { send } = createTestServer();
		const { status, body } = send("POST", maps, { apiVersion: "v1", kind: "ConfigMap", metadata: {} });
		expect(status).toBe(422);
		expect(body.message).toBe(
			'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
		);
	});

	test("writes nothing when it is dry", () => {
		const { send } = createTestServer();
		expect(send("POST", `${maps}?dryRun=All`, configMap("one")).status).toBe(201);
		expect(send("GET", `${maps}/one`).status).toBe(404);
	});

	test("the first namespaces are there", () => {
		const { send } = createTestServer();
		const { items } = send("GET", "/api/v1/namespaces").body;
		expect(items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
			"default",
			"kube-node-lease",
			"kube-public",
			"kube-system",
		]);
		expect(items[0]).toMatchObject({
			metadata: { labels: { "kubernetes.io/metadata.name": "default" } },
			status: { phase: "Active" },
		});
	});
});

describe("updating", () => {
	test("refuses what is not based on the latest", () => {
		const { send } = createTestServer();
		const { body: first } = send("POST", maps, configMap("one"));
		const { body: second } = send("PUT", `${maps}/one`, { ...first, data: { a: "1" } });
		expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
		const { status, body } = send("PUT", `${maps}/one`, { ...first, data: { a: "2" } });
		expect({ status, message: body.message, reason: body.reason }).toEqual({
			status: 409,
			reason: "Conflict",
			message:
				'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
		});
	});

	test("writes nothing when nothing changes, even later", () => {
		const { send, pass } = createTestServer();
		const { body: first } = send("POST", maps, configMap("one"));
		pass(60_000);
		expect(send("PUT", `${maps}/one`, first).body).toEqual(first);
	});

	test("keeps what only the server says", () => {
		const { send } = createTestServer();
		const { body: first } = send("POST", maps, configMap("one"));
		const { uid: _uid, creationTimestamp: _at, ...metadata } = first.metadata;
		const changed = {
			...first,
			metadata: { ...metadata, deletionTimestamp: "2030-01-01T00:00:00Z" },
			data: { a: "1" },
		};
		const { body } = send("PUT", `${maps}/one`, changed);
		expect(body.metadata.uid).toBe(first.metadata.uid);
		expect(body.metadata.creationTimestamp).toBe(first.metadata.creationTimestamp);
		expect(body.metadata.deletionTimestamp).toBeUndefined();
	});

	test("refuses another's uid", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		const { status, body } = send("PUT", `${maps}/one`, {
			...configMap("one"),
			metadata: { name: "one", uid: "other" },
		});
		expect(status).toBe(409);
		expect(body.message).toContain("Precondition failed: UID in precondition: other, UID in object meta: uid-");
		expect(body.message).toContain("Key: /registry/configmaps/default/one,");
	});
});

describe("deleting", () => {
	test("answers with a Status, and what isn't there is not found", () => {
		const { send } = createTestServer();
		const { body: made } = send("POST", maps, configMap("one"));
		expect(send("DELETE", `${maps}/one`)).toMatchObject({
			status: 200,
			body: { kind: "Status", status: "Success", details: { name: "one", kind: "configmaps", uid: made.metadata.uid } },
		});
		expect(send("DELETE", `${maps}/one`).body.message).toBe('configmaps "one" not found');
	});

	test("waits for finalizers", () => {
		const { send } = createTestServer();
		const made = { ...configMap("one"), metadata: { name: "one", finalizers: ["test/wait"] } };
		send("POST", maps, made);
		const { body } = send("DELETE", `${maps}/one`);
		expect(body.metadata).toMatchObject({ deletionTimestamp: "2030-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 });
		const freed = { ...body, metadata: { ...body.metadata, finalizers: [] } };
		expect(send("PUT", `${maps}/one`, freed).status).toBe(200);
		expect(send("GET", `${maps}/one`).status).toBe(404);
	});

	test.each([
		["Orphan", ["orphan"]],
		["Foreground", ["foregroundDeletion"]],
	])("%s leaves the collector its finalizer", (propagationPolicy, finalizers) => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		const { body } = send("DELETE", `${maps}/one`, { kind: "DeleteOptions", propagationPolicy });
		expect(body.metadata.finalizers).toEqual(finalizers);
	});

	test.each([
		[{ uid: "other" }, "the UID in the precondition (other) does not match the UID in record"],
		[
			{ resourceVersion: "1" },
			"the ResourceVersion in the precondition (1) does not match the ResourceVersion in record",
		],
	])("keeps to its preconditions: %o", (preconditions, message) => {
		const { send } = createTestServer();
		send("POST", maps, configMap("one"));
		const { status, body } = send("DELETE", `${maps}/one`, { preconditions });
		expect(status).toBe(409);
		expect(body.message).toContain(message);
		expect(send("GET", `${maps}/one`).status).toBe(200);
	});

	test("gives a pod on a node its time, and takes it at once without one", () => {
		const { send } = createTestServer();
		send("POST", pods, pod("placed", { nodeName: "node-1", terminationGracePeriodSeconds: 20 }));
		send("POST", pods, pod("waiting"));
		const { body } = send("DELETE", `${pods}/placed`);
		expect(body.metadata).toMatchObject({ deletionTimestamp: "2030-01-01T00:00:20Z", deletionGracePeriodSeconds: 20 });
		expect(send("DELETE", `${pods}/placed`).body).toEqual(body);
		const hurried = send("DELETE", `${pods}/placed?gracePeriodSeconds=5`).body;
		expect(hurried.metadata).toMatchObject({
			deletionTimestamp: "2030-01-01T00:00:05Z",
			deletionGracePeriodSeconds: 5,
		});
		send("DELETE", `${pods}/placed?gracePeriodSeconds=0`);
		send("DELETE", `${pods}/waiting`);
		expect(send("GET", pods).body.items).toEqual([]);
	});

	test("of a collection takes what is selected", () => {
		const { send } = createTestServer();
		send("POST", maps, configMap("a", {}, { app: "x" }));
		send("POST", maps, configMap("b", {}, { app: "y" }));
		expect(send("DELETE", `${maps}?labelSelector=app%3Dx`).body.items).toHaveLength(1);
		expect(send("GET", maps).body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
			"b",
		]);
	});

	test("of a namespace closes it, until whoever empties it says that it may go", () => {
		const { api, send } = createTestServer();
		send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
		const { body } = send("DELETE", "/api/v1/namespaces/shop");
		expect(body).toMatchObject({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Terminating" } });
		const refused = send("POST", "/api/v1/namespaces/shop/configmaps", configMap("two"));
		expect(refused.status).toBe(403);
		expect(refused.body.message).toBe(
			'configmaps "two" is forbidden: unable to create new content in namespace shop because it is being terminated',
		);
		api.patch({ apiVersion: "v1", kind: "Namespace", name: "shop" }, { spec: { finalizers: [] } });
		expect(send("GET", "/api/v1/namespaces/shop").status).toBe(404);
	});

	test("of a namespace is finished by the finalize subresource, too", () => {
		const { send } = createTestServer();
		send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
		const { body } = send("DELETE", "/api/v1/namespaces/shop");
		send("PUT", "/api/v1/namespaces/shop/finalize", { ...body, spec: { finalizers: [] } });
		expect(send("GET", "/api/v1/namespaces/shop").status).toBe(404);
	});
});

describe("events", () => {
	test("go when nothing was added to them for an hour", () => {
		const { api, pass, send, server } = createTestServer();
		const event = { apiVersion: "v1", kind: "Event", reason: "Synced" };
		api.create({ ...event, metadata: { name: "old" } });
		api.create({ ...event, metadata: { name: "again" }, lastTimestamp: "2030-01-01T00:30:00Z" });
		pass(3_600_000);
		expireEvents(server);
		expect(send("GET", "/api/v1/events").body.items).toHaveLength(2);
		pass(1000);
		expireEvents(server);
		expect(send("GET", "/api/v1/events").body.items).toMatchObject([{ metadata: { name: "again" } }]);
	});
});
