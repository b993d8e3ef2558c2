import { describe, expect, test } from "vitest";
import { PENDING_BYTES_MAX } from "../../../../src/sandbox/api-server/rest/watch.ts";
import { configMap, createTestServer } from "./stand-in.ts";

const maps = "/api/v1/namespaces/default/configmaps";

const told = (events: { type: string; object: { metadata: { name?: string } } }[]) =>
	events.map(({ type, object }) => (object.metadata.name ? `${type} ${object.metadata.name}` : type));

describe("a watch", () => {
	test("tells first what is there, then what happens", () => {
		const { send, watch } = createTestServer();
		send("POST", maps, configMap("a"));
		const watching = watch(`${maps}?watch=true`);
		expect(told(watching.take())).toEqual(["ADDED a"]);
		send("POST", maps, configMap("b"));
		send("PATCH", `${maps}/a`, { data: { x: "1" } }, { "content-type": "application/merge-patch+json" });
		send("DELETE", `${maps}/b`);
		expect(told(watching.take())).toEqual(["ADDED b", "MODIFIED a", "DELETED b"]);
	});

	test("goes on from a resource version", () => {
		const { send, watch } = createTestServer();
		send("POST", maps, configMap("a"));
		const { resourceVersion } = send("GET", maps).body.metadata;
		send("POST", maps, configMap("b"));
		const events = watch(`${maps}?watch=1&resourceVersion=${resourceVersion}`).take();
		expect(told(events)).toEqual(["ADDED b"]);
		expect(Number(events[0].object.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
	});

	test("says when that is too long ago", () => {
		const { send, watch } = createTestServer({ historyMax: 2 });
		for (const name of ["a", "b", "c", "d", "e"]) send("POST", maps, configMap(name));
		const watching = watch(`${maps}?watch=true&resourceVersion=2`);
		expect(watching.take()).toMatchObject([
			{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } },
		]);
		expect(watching.isOver()).toBe(true);
	});

	test("tells of what leaves and enters a selection", () => {
		const { send, watch } = createTestServer();
		const relabel = (app: string) =>
			send("PATCH", `${maps}/a`, { metadata: { labels: { app } } }, { "content-type": "application/merge-patch+json" });
		send("POST", maps, configMap("a", {}, { app: "x" }));
		const watching = watch(`${maps}?watch=true&labelSelector=app%3Dx`);
		relabel("y");
		const { resourceVersion } = send("GET", `${maps}/a`).body.metadata;
		const events = watching.take();
		expect(told(events)).toEqual(["ADDED a", "DELETED a"]);
		expect(events[1].object.metadata).toMatchObject({ labels: { app: "x" }, resourceVersion });
		relabel("z");
		relabel("x");
		expect(told(watching.take())).toEqual(["ADDED a"]);
	});

	test("marks the end of a streamed list", () => {
		const { send, watch } = createTestServer();
		send("POST", maps, configMap("a"));
		const events = watch(
			`${maps}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
		).take();
		expect(told(events)).toEqual(["ADDED a", "BOOKMARK"]);
		expect(events[1].object).toMatchObject({
			kind: "ConfigMap",
			metadata: {
				annotations: { "k8s.io/initial-events-end": "true" },
				resourceVersion: send("GET", maps).body.metadata.resourceVersion,
			},
		});
	});

	test("is marked each minute, and ends when its time is over", () => {
		const { watch, pass } = createTestServer();
		const watching = watch(`${maps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=90`);
		pass(30_000);
		expect(watching.take()).toEqual([]);
		pass(30_000);
		expect(told(watching.take())).toEqual(["BOOKMARK"]);
		pass(30_000);
		expect(told(watching.take())).toEqual(["BOOKMARK"]);
		expect(watching.isOver()).toBe(true);
		pass(60_000);
		expect(watching.take()).toEqual([]);
	});

	test("is let go when it isn't read", () => {
		const { send, watch } = createTestServer();
		const watching = watch(`${maps}?watch=true`);
		watching.leave(PENDING_BYTES_MAX + 1);
		send("POST", maps, configMap("a"));
		send("POST", maps, configMap("b"));
		expect({ told: told(watching.take()), over: watching.isOver() }).toEqual({ told: ["ADDED a"], over: true });
	});

	test("may begin with more than that", () => {
		const { send, watch } = createTestServer();
		send("POST", maps, configMap("a"));
		send("POST", maps, configMap("b"));
		const watching = watch(`${maps}?watch=true`, {}, PENDING_BYTES_MAX + 1);
		send("POST", maps, configMap("c"));
		expect(told(watching.take())).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
		expect(watching.isOver()).toBe(false);
	});

	test("that is hung up is told nothing more", () => {
		const { send, watch } = createTestServer();
		const watching = watch(`${maps}?watch=true`);
		watching.hangUp();
		send("POST", maps, configMap("a"));
		expect(watching.take()).toEqual([]);
	});

	test("comes as tables, the columns once", () => {
		const { send, watch } = createTestServer();
		const watching = watch(`${maps}?watch=true`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
		send("POST", maps, configMap("a"));
		send("POST", maps, configMap("b"));
		expect(watching.take()).toMatchObject([
			{ type: "ADDED", object: { kind: "Table", columnDefinitions: [{ name: "Name" }], rows: [{ cells: ["a"] }] } },
			{ type: "ADDED", object: { kind: "Table", columnDefinitions: [], rows: [{ cells: ["b"] }] } },
		]);
	});

	test("comes as metadata", () => {
		const { send, watch } = createTestServer();
		const watching = watch(`${maps}?watch=true`, {
			accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
		});
		send("POST", maps, configMap("a", { data: { x: "1" } }));
		const [event] = watching.take();
		expect(event.object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "a" } });
		expect(event.object.data).toBeUndefined();
	});
});
