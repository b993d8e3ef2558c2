import { describe, expect, test } from "vitest";
import { apply, later, refusalOf, write } from "./requests.ts";
import { deployment, entriesOf, ownedIn, podsOf } from "./schemas.ts";

const web = { name: "web", image: "shop/cart:1", ports: [{ containerPort: 8080 }] };

describe("an apply of what is not there", () => {
	test("creates it and owns what it says, but for the name and the type", () => {
		const created = apply(
			undefined,
			deployment(
				{ replicas: 2, selector: { matchLabels: { app: "cart" } }, ...podsOf([web]) },
				{ labels: { app: "cart" } },
			),
			"kubectl",
		);
		expect(created.spec).toEqual({ replicas: 2, selector: { matchLabels: { app: "cart" } }, ...podsOf([web]) });
		expect(entriesOf(created)).toEqual([
			{
				manager: "kubectl",
				operation: "Apply",
				apiVersion: "apps/v1",
				time: "2026-01-02T03:04:05Z",
				fieldsType: "FieldsV1",
				fieldsV1: {
					"f:metadata": { "f:labels": { "f:app": {} } },
					"f:spec": {
						"f:replicas": {},
						"f:selector": {},
						"f:template": {
							"f:spec": {
								"f:containers": {
									'k:{"name":"web"}': {
										".": {},
										"f:image": {},
										"f:name": {},
										"f:ports": { 'k:{"containerPort":8080,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
									},
								},
							},
						},
					},
				},
			},
		]);
	});

	test("leaves out what it says as null", () => {
		const created = apply(
			undefined,
			deployment({ replicas: null, paused: true }, { creationTimestamp: null }),
			"kubectl",
		);
		expect(created).toMatchObject({ spec: { paused: true } });
		expect(created.spec).not.toHaveProperty("replicas");
		expect(created.metadata).not.toHaveProperty("creationTimestamp");
	});

	test("owns every field of a custom resource without a schema, and lists as a whole", () => {
		const plan = {
			apiVersion: "example.com/v1",
			kind: "Plan",
			metadata: { name: "plan" },
			spec: { steps: [1, 2], by: { a: 1 } },
		};
		const created = apply(undefined, plan, "me", { schema: undefined });
		expect(ownedIn(created)).toEqual({
			"me Apply": { "f:spec": { ".": {}, "f:by": { ".": {}, "f:a": {} }, "f:steps": {} } },
		});
	});
});

describe("an apply over what is there", () => {
	const live = write(undefined, deployment({ replicas: 2, paused: false, ...podsOf([web]) }), "creator");

	test("shares equal values with their owner", () => {
		const applied = apply(live, deployment({ replicas: 2 }), "me");
		expect(applied.spec).toEqual(live.spec);
		expect(ownedIn(applied)).toMatchObject({
			"creator Update": { "f:spec": { "f:replicas": {} } },
			"me Apply": { "f:spec": { "f:replicas": {} } },
		});
	});

	test("is refused for a field that another owns with another value", () => {
		const refusal = refusalOf(() => apply(live, deployment({ replicas: 5 }), "me"));
		expect(refusal).toMatchObject({
			code: 409,
			reason: "Conflict",
			message: 'Apply failed with 1 conflict: conflict with "creator" using apps/v1: .spec.replicas',
			details: {
				causes: [
					{ reason: "FieldManagerConflict", message: 'conflict with "creator" using apps/v1', field: ".spec.replicas" },
				],
			},
		});
	});

	test("names every conflict by its owner, one that applies without a version, one of a subresource with it", () => {
		const scaled = write(live, deployment({ ...(live.spec as object), replicas: 3 }), "scaler", {
			subresource: "scale",
		});
		const both = apply(
			scaled,
			deployment({ paused: true, ...podsOf([{ name: "web", image: "shop/cart:2" }]) }),
			"applier",
			{
				force: true,
			},
		);
		const refusal = refusalOf(() =>
			apply(both, deployment({ replicas: 5, paused: false, ...podsOf([{ name: "web", image: "shop/cart:3" }]) }), "me"),
		);
		expect(refusal.message).toBe(
			[
				'Apply failed with 3 conflicts: conflicts with "applier":',
				"- .spec.paused",
				'- .spec.template.spec.containers[name="web"].image',
				'conflicts with "scaler" with subresource "scale" using apps/v1:',
				"- .spec.replicas",
			].join("\n"),
		);
		expect(refusal.details).toMatchObject({
			causes: [
				{ message: 'conflict with "applier"', field: ".spec.paused" },
				{ message: 'conflict with "applier"', field: '.spec.template.spec.containers[name="web"].image' },
				{ message: 'conflict with "scaler" with subresource "scale" using apps/v1', field: ".spec.replicas" },
			],
		});
	});

	test("leaves the metadata that it says as null, as templates do", () => {
		const stored = { ...live, metadata: { ...live.metadata, creationTimestamp: later } };
		const applied = apply(stored, deployment({ replicas: 2 }, { creationTimestamp: null }), "me");
		expect(applied.metadata.creationTimestamp).toBe(later);
	});

	test("takes the fields when it is forced", () => {
		const applied = apply(live, deployment({ replicas: 5 }), "me", { force: true });
		expect(applied.spec).toMatchObject({ replicas: 5, paused: false });
		const owned = ownedIn(applied);
		expect(owned["me Apply"]).toEqual({ "f:spec": { "f:replicas": {} } });
		expect((owned["creator Update"] as { "f:spec": object })["f:spec"]).not.toHaveProperty("f:replicas");
	});

	test("gives the very same object back when it is done again", () => {
		const once = apply(live, deployment({ replicas: 2 }), "me");
		expect(apply(once, deployment({ replicas: 2 }), "me", { now: later })).toBe(once);
	});

	test("changes only its own time otherwise", () => {
		const once = apply(live, deployment({ replicas: 2 }), "me");
		const twice = apply(once, deployment({ replicas: 2, ...podsOf([web]) }), "me", { now: later });
		expect(entriesOf(twice).map(({ manager, time }) => [manager, time])).toEqual([
			["me", later],
			["creator", "2026-01-02T03:04:05Z"],
		]);
	});

	test("keeps apart what one manager applies to a subresource", () => {
		const applied = apply(apply(live, deployment({ replicas: 2 }), "me"), deployment({ paused: false }), "me", {
			subresource: "scale",
		});
		expect(Object.keys(ownedIn(applied))).toEqual(["me Apply", "me Apply scale", "creator Update"]);
	});

	test("finds everything owned by nobody's record before it", () => {
		const unrecorded = deployment({ replicas: 2 });
		const refusal = refusalOf(() => apply(unrecorded, deployment({ replicas: 3 }), "me"));
		expect(refusal.message).toBe(
			'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
		);
		expect(Object.keys(ownedIn(apply(unrecorded, deployment({ replicas: 2 }), "me")))).toEqual([
			"me Apply",
			"before-first-apply Update",
		]);
	});
});

describe("an apply that says less than before", () => {
	const env = (...names: string[]) => names.map((name) => ({ name, value: `of ${name}` }));

	test("removes what it owned alone", () => {
		const once = apply(undefined, deployment({ replicas: 2, paused: true }, { labels: { a: "1", b: "2" } }), "me");
		const twice = apply(once, deployment({ paused: true }, { labels: { a: "1" } }), "me");
		expect(twice.spec).toEqual({ paused: true });
		expect(twice.metadata.labels).toEqual({ a: "1" });
	});

	test("takes the map away with the last of its fields", () => {
		const once = apply(undefined, deployment({ paused: true }, { labels: { a: "1" } }), "me");
		expect(apply(once, deployment({ paused: true }), "me").metadata).not.toHaveProperty("labels");
	});

	test("leaves what others own, whether they applied it or updated it", () => {
		const mine = apply(undefined, deployment({ replicas: 2, paused: true }), "me");
		const shared = apply(mine, deployment({ paused: true }), "you");
		expect(apply(shared, deployment({}), "me").spec).toEqual({ paused: true });
		const scaled = write(mine, { ...mine, spec: { replicas: 4, paused: true } }, "scaler");
		expect(apply(scaled, deployment({ paused: true }), "me").spec).toEqual({ replicas: 4, paused: true });
	});

	test("leaves what nobody owns", () => {
		const mine = apply(undefined, deployment({ replicas: 2, paused: true }), "me");
		const defaulted = { ...mine, spec: { ...(mine.spec as object), strategy: { type: "RollingUpdate" } } };
		expect(apply(defaulted, deployment({ paused: true }), "me").spec).toEqual({
			paused: true,
			strategy: { type: "RollingUpdate" },
		});
	});

	test("takes a map of the schema away with what only defaults put into it", () => {
		const mine = apply(undefined, deployment({ paused: true, strategy: { rollingUpdate: { maxSurge: 1 } } }), "me");
		const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
		const defaulted = { ...mine, spec: { paused: true, strategy } };
		expect(apply(defaulted, deployment({ paused: true }), "me").spec).toEqual({ paused: true });
	});

	test("removes entries of a list by their keys, and leaves those of others", () => {
		const mine = apply(undefined, deployment(podsOf([{ ...web, env: env("A", "B") }])), "me");
		const both = apply(mine, deployment(podsOf([{ name: "web", env: env("C") }])), "you");
		const less = apply(both, deployment(podsOf([{ ...web, env: env("B") }])), "me");
		expect(less.spec).toEqual(podsOf([{ ...web, env: env("B", "C") }]));
	});

	test("keeps a container that another adds to", () => {
		const mine = apply(undefined, deployment(podsOf([web, { name: "side", image: "side:1" }])), "me");
		const both = apply(mine, deployment(podsOf([{ name: "side", env: env("A") }])), "you");
		const less = apply(both, deployment(podsOf([web])), "me");
		expect(less.spec).toEqual(podsOf([web, { name: "side", env: env("A") }]));
	});

	test("removes values of a set one by one", () => {
		const mine = apply(undefined, deployment({}, { finalizers: ["a/a", "b/b"] }), "me");
		const both = apply(mine, deployment({}, { finalizers: ["c/c"] }), "you");
		expect(both.metadata.finalizers).toEqual(["a/a", "b/b", "c/c"]);
		expect(ownedIn(both)["you Apply"]).toEqual({ "f:metadata": { "f:finalizers": { 'v:"c/c"': {} } } });
		expect(apply(both, deployment({}, { finalizers: ["b/b"] }), "me").metadata.finalizers).toEqual(["b/b", "c/c"]);
	});

	test("drops a manager that applies nothing any more", () => {
		const mine = apply(undefined, deployment({ replicas: 2 }), "me");
		const both = apply(mine, deployment({ paused: true }), "you");
		expect(Object.keys(ownedIn(apply(both, deployment({}), "me")))).toEqual(["you Apply"]);
	});
});

describe("what can't be applied", () => {
	test.each([
		[
			"managedFields",
			deployment({}, { managedFields: [{ manager: "me" }] }),
			{ code: 400, reason: "BadRequest", message: "metadata.managedFields must be nil" },
		],
		[
			"a field that the schema doesn't know",
			deployment({ replica: 1 }),
			{
				code: 500,
				message:
					"failed to create typed patch object (shop/cart; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema",
			},
		],
		[
			"an entry without its key",
			deployment(podsOf([{ image: "x" }])),
			{
				message:
					'failed to create typed patch object (shop/cart; apps/v1, Kind=Deployment): .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name"',
			},
		],
		[
			"two entries of one key",
			deployment(podsOf([web, web])),
			{
				message:
					'failed to create typed patch object (shop/cart; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="web"]',
			},
		],
	])("is %s", (_name, applied, refusal) => {
		expect(refusalOf(() => apply(undefined, applied, "me"))).toMatchObject(refusal);
	});
});
