import { describe, expect, test } from "vitest";
import { jsonPatch } from "../../../../src/sandbox/apply/json-patch.ts";
import { mergePatch } from "../../../../src/sandbox/apply/merge-patch.ts";
import { strategicMergePatch } from "../../../../src/sandbox/apply/strategic-merge.ts";
import { refusalOf } from "./requests.ts";
import { deployment, deploymentSchema, podsOf } from "./schemas.ts";

describe("a JSON patch", () => {
	const live = deployment({ replicas: 2, ...podsOf([{ name: "web" }]) }, { labels: { "a/b": "1" } });

	test("does its operations one after the other, on a copy", () => {
		const before = structuredClone(live);
		const patched = jsonPatch(live, [
			{ op: "test", path: "/spec/replicas", value: 2 },
			{ op: "replace", path: "/spec/replicas", value: 3 },
			{ op: "add", path: "/spec/template/spec/containers/-", value: { name: "side" } },
			{ op: "remove", path: "/metadata/labels/a~1b" },
			{ op: "copy", from: "/spec/replicas", path: "/spec/was" },
		]);
		expect(patched.spec).toEqual({ replicas: 3, was: 3, ...podsOf([{ name: "web" }, { name: "side" }]) });
		expect(patched.metadata.labels).toEqual({});
		expect(live).toEqual(before);
	});

	test.each([
		["a test that fails", { op: "test", path: "/spec/replicas", value: 3 }],
		["a path that isn't there", { op: "remove", path: "/spec/paused" }],
		["a parent that isn't there", { op: "add", path: "/spec/strategy/type", value: "Recreate" }],
		["a path that is none", { op: "add", path: "spec", value: 1 }],
		["an operation that is none", { op: "append", path: "/spec/replicas", value: 1 }],
		["the end of metadata", { op: "remove", path: "/metadata" }],
	])("is refused for %s", (_name, operation) => {
		const refusal = refusalOf(() => jsonPatch(live, [operation]));
		expect(refusal).toMatchObject({
			code: 422,
			reason: "Invalid",
			message: "the server rejected our request due to an error in our request",
		});
		// A person reads it in full: the real one gives no causes.
		expect(refusal.details).toEqual({});
	});

	test.each([
		["no list", { op: "remove", path: "/spec" }, 400],
		["a list of other things", ["remove"], 400],
		["ten thousand and one operations", Array(10_001).fill({ op: "test", path: "/spec/replicas", value: 2 }), 413],
	])("is refused when it is %s", (_name, patch, code) => {
		expect(refusalOf(() => jsonPatch(live, patch)).code).toBe(code);
	});
});

describe("a merge patch", () => {
	test.each([
		["sets and adds", { spec: { replicas: 3, paused: true } }, { replicas: 3, paused: true, list: [1, 2] }],
		["removes by null", { spec: { replicas: null, absent: null } }, { list: [1, 2] }],
		["replaces lists", { spec: { list: [3] } }, { replicas: 2, list: [3] }],
		[
			"adds maps without their nulls",
			{ spec: { map: { a: 1, b: null } } },
			{ replicas: 2, list: [1, 2], map: { a: 1 } },
		],
		["keeps nulls in lists", { spec: { list: [{ a: null }] } }, { replicas: 2, list: [{ a: null }] }],
	])("%s", (_name, patch, spec) => {
		expect(mergePatch(deployment({ replicas: 2, list: [1, 2] }), patch).spec).toEqual(spec);
	});

	test.each([
		["a list", []],
		["text", "x"],
		["nothing", null],
		["one without metadata", { metadata: null }],
	])("is refused when it is %s", (_name, patch) => {
		expect(refusalOf(() => mergePatch(deployment({}), patch))).toMatchObject({ code: 400, reason: "BadRequest" });
	});
});

describe("a strategic merge patch", () => {
	const env = (...names: string[]) => names.map((name) => ({ name, value: name }));
	const tolerations = (...keys: string[]) => ({ template: { spec: { tolerations: keys.map((key) => ({ key })) } } });
	const container = { name: "web", image: "web:1", env: env("A", "B") };
	const live = podsOf([container, { name: "side" }]);

	test.each([
		[
			"merges entries by key",
			live,
			podsOf([{ name: "web", image: "web:2" }]),
			podsOf([{ ...container, image: "web:2" }, { name: "side" }]),
		],
		["puts new entries first", live, podsOf([{ name: "new" }]), podsOf([{ name: "new" }, container, { name: "side" }])],
		[
			"merges lists in lists",
			live,
			podsOf([{ name: "web", env: [{ name: "B", value: "2" }] }]),
			podsOf([{ ...container, env: [...env("A"), { name: "B", value: "2" }] }, { name: "side" }]),
		],
		["deletes entries", live, podsOf([{ name: "web", $patch: "delete" }]), podsOf([{ name: "side" }])],
		["replaces a list when told", live, podsOf([{ $patch: "replace" }, { name: "only" }]), podsOf([{ name: "only" }])],
		[
			"replaces a map when told",
			{ strategy: { type: "A", rollingUpdate: {} } },
			{ strategy: { $patch: "replace", type: "B" } },
			{ strategy: { type: "B" } },
		],
		["empties a map when told", { strategy: { type: "A" } }, { strategy: { $patch: "delete" } }, { strategy: {} }],
		[
			"merges a map when told",
			{ strategy: { type: "A" } },
			{ strategy: { $patch: "merge", rollingUpdate: {} } },
			{ strategy: { type: "A", rollingUpdate: {} } },
		],
		["replaces lists without a strategy", tolerations("a"), tolerations("b"), tolerations("b")],
		["removes by null", { replicas: 2, paused: true }, { paused: null, strategy: null }, { replicas: 2 }],
		[
			"adds without directives and nulls",
			{},
			podsOf([
				{ name: "web", image: null, "$setElementOrder/env": [] },
				{ name: "x", $patch: "delete" },
			]),
			podsOf([{ name: "web" }]),
		],
		[
			"keeps only the keys to retain",
			{ strategy: { type: "A", rollingUpdate: {} } },
			{ strategy: { $retainKeys: ["type"], type: "B", rollingUpdate: null } },
			{ strategy: { type: "B" } },
		],
		[
			"changes a map to another type of value",
			{ strategy: "x" },
			{ strategy: { type: "B" } },
			{ strategy: { type: "B" } },
		],
		[
			"orders as told, the rest around it",
			podsOf([{ name: "a" }, { name: "other" }, { name: "b" }]),
			{
				template: {
					spec: {
						"$setElementOrder/containers": [{ name: "b" }, { name: "c" }, { name: "a" }],
						containers: [{ name: "c" }],
					},
				},
			},
			podsOf([{ name: "other" }, { name: "b" }, { name: "c" }, { name: "a" }]),
		],
		[
			"orders without any other change",
			podsOf([{ name: "a" }, { name: "b" }]),
			{ template: { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } } },
			podsOf([{ name: "b" }, { name: "a" }]),
		],
	])("%s", (_name, before, patch, after) => {
		expect(strategicMergePatch(deployment({ here: 1, ...before }), { spec: patch }, deploymentSchema).spec).toEqual({
			here: 1,
			...after,
		});
	});

	test.each([
		["adds values to a set", { finalizers: ["c", "a"] }, ["c", "a", "b"]],
		["deletes values", { "$deleteFromPrimitiveList/finalizers": ["a", "x"] }, ["b"]],
		[
			"deletes, adds and orders values",
			{
				"$deleteFromPrimitiveList/finalizers": ["a"],
				"$setElementOrder/finalizers": ["b", "c"],
				finalizers: ["c"],
			},
			["b", "c"],
		],
	])("%s", (_name, metadata, finalizers) => {
		const before = deployment({}, { finalizers: ["a", "b"] });
		expect(strategicMergePatch(before, { metadata }, deploymentSchema).metadata.finalizers).toEqual(finalizers);
	});

	test.each([
		["one that is no map", [], 400],
		["an unknown directive", { spec: { strategy: { $patch: "guess" } } }, 400],
		["more keys than it retains", { spec: { strategy: { $retainKeys: ["type"], rollingUpdate: {} } } }, 400],
		["an order that is no list", { spec: { template: { spec: { "$setElementOrder/containers": "a" } } } }, 400],
		["a deletion from no list", { metadata: { "$deleteFromPrimitiveList/finalizers": "a" } }, 400],
		["an entry without its key", { spec: podsOf([{ image: "x" }]) }, 422],
	])("is refused for %s", (_name, patch, code) => {
		const before = deployment({ ...live, strategy: { type: "A" } }, { finalizers: ["a"] });
		expect(refusalOf(() => strategicMergePatch(before, patch, deploymentSchema)).code).toBe(code);
	});

	test("is refused for what has no schema", () => {
		expect(refusalOf(() => strategicMergePatch(deployment({}), {}, undefined))).toMatchObject({
			code: 415,
			reason: "UnsupportedMediaType",
		});
	});
});
