import { describe, expect, test } from "vitest";
import { Refusal } from "../../../../src/sandbox/contract.ts";
import { configMap, createTestServer, pod } from "./stand-in.ts";

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "one" };
const podRef = { ...ref, kind: "Pod" };

describe("the API in the same process", () => {
	test("writes what everybody reads, under its own manager", () => {
		const { api, send } = createTestServer();
		api.create(configMap("one"));
		const { body } = send("GET", "/api/v1/namespaces/default/configmaps/one");
		expect(body).toEqual(api.get(ref));
		expect(body.metadata.managedFields).toMatchObject([{ manager: "kube-controller-manager", operation: "Update" }]);
	});

	test("lists by namespace and labels", () => {
		const { api } = createTestServer();
		api.create(configMap("one", {}, { app: "x" }));
		api.create({ ...configMap("two", {}, { app: "x" }), metadata: { name: "two", namespace: "kube-system" } });
		const kind = { apiVersion: "v1", kind: "ConfigMap" };
		expect(api.list(kind).filter(({ metadata }) => ["one", "two"].includes(metadata.name))).toHaveLength(2);
		expect(api.list(kind, { namespace: "default" })).toEqual([api.get(ref)]);
		expect(api.list(kind, { labels: { app: "x" } })).toEqual([api.get(ref)]);
	});

	test("changes a status alone, and only when it differs", () => {
		const { api } = createTestServer();
		api.create(pod("one"));
		const changed = api.changeStatus(podRef, (status) => ({ ...status, phase: "Running" }));
		expect(changed).toMatchObject({ status: { phase: "Running" } });
		expect(api.changeStatus(podRef, (status) => ({ ...status }))).toBe(changed);
		expect(api.changeStatus({ ...podRef, name: "gone" }, (status) => status)).toBeUndefined();
	});

	test("patches, and refuses what is based on what was", () => {
		const { api } = createTestServer();
		const first = api.create(configMap("one"));
		expect(api.patch(ref, { data: { x: "1" } })).toMatchObject({ data: { x: "1" } });
		expect(() => api.update({ ...first, data: { x: "2" } })).toThrow(Refusal);
	});

	test("deletes what is there, and leaves what isn't", () => {
		const { api } = createTestServer();
		api.create(pod("one", { nodeName: "node-1" }));
		api.delete(podRef);
		expect(api.get(podRef)?.metadata.deletionTimestamp).toBe("2030-01-01T00:00:30Z");
		expect(() => api.delete(podRef, { uid: "other" })).toThrow(Refusal);
		api.delete(podRef, { graceSeconds: 0 });
		expect(api.get(podRef)).toBeUndefined();
		api.delete(podRef);
	});

	test("refuses kinds that it doesn't know", () => {
		const { api } = createTestServer();
		expect(() => api.list({ apiVersion: "v1", kind: "Gizmo" })).toThrow('no matches for kind "Gizmo" in version "v1"');
	});

	test("tells in order and never while it is being called", async () => {
		const { api } = createTestServer();
		api.create(configMap("one"));
		const told: string[] = [];
		const end = api.watch({ apiVersion: "v1", kind: "ConfigMap" }, ({ type, object }) => {
			// Of what is there in every cluster, nothing is told here.
			if (object.metadata.namespace === "default") told.push(`${type} ${object.metadata.name}`);
			if (object.metadata.name === "one" && type === "ADDED") {
				api.create(configMap("two"));
				told.push("made two");
			}
		});
		expect(told).toEqual([]);
		api.patch(ref, { data: { x: "1" } });
		await Promise.resolve();
		await Promise.resolve();
		expect(told).toEqual(["ADDED one", "made two", "MODIFIED one", "ADDED two"]);
		api.delete(ref);
		end();
		await Promise.resolve();
		expect(told).toHaveLength(4);
	});
});
