import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { unlessSame } from "../../../../src/sandbox/apply/managed-fields.ts";
import { trackUpdate } from "../../../../src/sandbox/apply/track-update.ts";
import { write } from "./requests.ts";
import { deployment, entriesOf, ownedIn, podsOf } from "./schemas.ts";

const later = "2026-01-02T03:05:00.999Z";

/** As a client changes what it has read. */
function withSpec(object: KubeObject, spec: Readonly<Record<string, unknown>>): KubeObject {
	return { ...object, spec: { ...(object.spec as object), ...spec } };
}

describe("a create", () => {
	test("is owned by whoever creates it, without what every object has", () => {
		const created = write(
			undefined,
			deployment(
				{
					replicas: 2,
					strategy: { rollingUpdate: { maxSurge: 1 } },
					...podsOf([{ name: "web", ports: [{ containerPort: 80 }] }]),
				},
				{ labels: { app: "cart" }, uid: "1", creationTimestamp: "2026-01-02T03:04:05Z", generation: 1 },
			),
			"kubectl-create",
		);
		expect(entriesOf(created)).toEqual([
			{
				manager: "kubectl-create",
				operation: "Update",
				apiVersion: "apps/v1",
				time: "2026-01-02T03:04:05Z",
				fieldsType: "FieldsV1",
				fieldsV1: {
					"f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
					"f:spec": {
						"f:replicas": {},
						"f:strategy": { "f:rollingUpdate": { ".": {}, "f:maxSurge": {} } },
						"f:template": {
							"f:spec": {
								"f:containers": {
									'k:{"name":"web"}': {
										".": {},
										"f:name": {},
										"f:ports": {
											".": {},
											'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} },
										},
									},
								},
							},
						},
					},
				},
			},
		]);
	});

	test("of a custom resource is owned with all that it makes", () => {
		const plan = { apiVersion: "example.com/v1", kind: "Plan", metadata: { name: "plan" }, spec: { by: { a: 1 } } };
		const created = trackUpdate({
			...{ live: undefined, updated: plan, manager: "me", schema: undefined, subresource: "" },
			now: "2026-01-02T03:04:05Z",
		});
		expect(ownedIn(created)["me Update"]).toEqual({ "f:spec": { ".": {}, "f:by": { ".": {}, "f:a": {} } } });
	});

	test("keeps nothing of the managedFields that came without fields", () => {
		const sent = deployment({ replicas: 2 }, { managedFields: [{}] });
		expect(Object.keys(ownedIn(write(undefined, sent, "me")))).toEqual(["me Update"]);
	});
});

describe("an update", () => {
	const live = write(undefined, deployment({ replicas: 2, paused: false }), "creator");

	test("takes what it changes and adds from the others", () => {
		const updated = write(live, withSpec(live, { replicas: 3, strategy: { type: "Recreate" } }), "me", { now: later });
		expect(entriesOf(updated)).toMatchObject([
			{ manager: "creator", time: "2026-01-02T03:04:05Z", fieldsV1: { "f:spec": { "f:paused": {} } } },
			{
				manager: "me",
				time: "2026-01-02T03:05:00Z",
				fieldsV1: { "f:spec": { "f:replicas": {}, "f:strategy": { ".": {}, "f:type": {} } } },
			},
		]);
		expect(ownedIn(updated)["creator Update"]).toEqual({ "f:spec": { "f:paused": {} } });
	});

	test("that changes nothing leaves the record as it is", () => {
		expect(write(live, live, "me", { now: later })).toEqual(live);
	});

	test("that removes a field leaves it to nobody, and drops who has nothing left", () => {
		const without = write(live, deployment({ paused: false }, live.metadata), "me");
		expect(ownedIn(without)).toEqual({ "creator Update": { "f:spec": { "f:paused": {} } } });
		expect(write(live, deployment({}, live.metadata), "me").metadata).not.toHaveProperty("managedFields");
	});

	test("adds to what the same manager owns", () => {
		const updated = write(live, withSpec(live, { strategy: { type: "Recreate" } }), "creator", { now: later });
		expect(entriesOf(updated)).toHaveLength(1);
		expect(entriesOf(updated)[0]).toMatchObject({
			time: "2026-01-02T03:05:00Z",
			fieldsV1: { "f:spec": { "f:paused": {}, "f:replicas": {}, "f:strategy": { ".": {}, "f:type": {} } } },
		});
	});

	test("through a subresource has an owner of its own", () => {
		const ready = write(live, { ...live, status: { readyReplicas: 1 } }, "creator", { subresource: "status" });
		expect(ownedIn(ready)).toMatchObject({
			"creator Update": { "f:spec": { "f:replicas": {} } },
			"creator Update status": { "f:status": { "f:readyReplicas": {} } },
		});
	});

	test("in another version has an owner of its own", () => {
		const updated = write(live, { ...withSpec(live, { replicas: 3 }), apiVersion: "apps/v2" }, "creator");
		expect(entriesOf(updated).map(({ apiVersion, fieldsV1 }) => [apiVersion, fieldsV1])).toEqual([
			["apps/v1", { "f:spec": { "f:paused": {} } }],
			["apps/v2", { "f:spec": { "f:replicas": {} } }],
		]);
	});

	test("owns the entries of a list one by one", () => {
		const pods = write(live, withSpec(live, podsOf([{ name: "web", image: "web:1" }])), "creator");
		const updated = write(pods, withSpec(pods, podsOf([{ name: "web", image: "web:2" }, { name: "side" }])), "me");
		expect(ownedIn(updated)["me Update"]).toEqual({
			"f:spec": {
				"f:template": {
					"f:spec": {
						"f:containers": {
							'k:{"name":"side"}': { ".": {}, "f:name": {} },
							'k:{"name":"web"}': { "f:image": {} },
						},
					},
				},
			},
		});
	});

	test.each([
		["that sends no managedFields", undefined],
		["that sends unreadable ones", [{ manager: "x", operation: "Guess", apiVersion: "v1", fieldsType: "FieldsV1" }]],
	])("%s keeps the record", (_name, managedFields) => {
		const sent = deployment({ replicas: 2, paused: true }, managedFields === undefined ? {} : { managedFields });
		expect(Object.keys(ownedIn(write(live, sent, "me")))).toEqual(["creator Update", "me Update"]);
	});

	test.each([
		["[]", []],
		["[{}]", [{}]],
	])("that sends %s takes the record away, for later updates too", (_name, managedFields) => {
		const reset = write(live, deployment({ replicas: 3 }, { managedFields }), "me");
		expect(reset.metadata).not.toHaveProperty("managedFields");
		expect(write(reset, deployment({ replicas: 4 }), "me").metadata).not.toHaveProperty("managedFields");
	});

	test("can move fields to another owner, but not through a subresource", () => {
		const [entry] = entriesOf(live);
		const moved = { ...live, metadata: { ...live.metadata, managedFields: [{ ...entry, manager: "you" }] } };
		expect(Object.keys(ownedIn(write(live, moved, "me")))).toEqual(["you Update"]);
		expect(Object.keys(ownedIn(write(live, moved, "me", { subresource: "status" })))).toEqual(["creator Update"]);
	});
});

test("more than ten who update become ten, the oldest as one", () => {
	let object = write(undefined, deployment({ replicas: 0 }, { labels: { zero: "0" } }), "m00");
	for (let minute = 1; minute <= 12; minute += 1) {
		const name = `m${String(minute).padStart(2, "0")}`;
		const labels = { ...object.metadata.labels, [name]: "x" };
		const now = `2026-01-02T04:${name.slice(1)}:00Z`;
		object = write(object, { ...object, metadata: { ...object.metadata, labels } }, name, { now });
	}
	const entries = entriesOf(object);
	expect(entries.map(({ manager }) => manager)).toEqual([
		...["ancient-changes", "m04", "m05", "m06", "m07", "m08", "m09", "m10", "m11", "m12"],
	]);
	expect(entries[0]).toMatchObject({
		time: "2026-01-02T04:03:00Z",
		fieldsV1: {
			"f:metadata": { "f:labels": { ".": {}, "f:zero": {}, "f:m01": {}, "f:m02": {}, "f:m03": {} } },
			"f:spec": { "f:replicas": {} },
		},
	});
});

describe("an object that came out as it was", () => {
	const live = write(undefined, deployment({ replicas: 2 }), "creator");
	const changed = write(live, withSpec(live, { replicas: 3 }), "creator", { now: later });

	test("is the live one when only times differ", () => {
		expect(unlessSame(live, { ...changed, spec: { replicas: 2 } })).toBe(live);
	});

	test("is another when owners or anything else differ", () => {
		expect(unlessSame(live, changed)).toBe(changed);
		const owned = write(live, withSpec(live, { paused: true }), "me");
		const only = { ...live, metadata: owned.metadata };
		expect(unlessSame(live, only)).toBe(only);
	});
});
