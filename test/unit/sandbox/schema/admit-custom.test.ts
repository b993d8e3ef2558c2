import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { kindsOf } from "../../../../src/sandbox/schema/crd-kinds.ts";
import { ask, definitionWith, foo, kindWith, NOW, ownDefinition, refusalOf } from "./support.ts";

const text = { type: "string" };
const keyed = {
	...{ type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port"] },
	items: {
		...{ type: "object", required: ["name"] },
		properties: { name: text, port: { type: "integer", default: 3 } },
	},
};

describe("a value that its schema doesn't allow", () => {
	test.each<[string, object, unknown, string, string, string]>([
		[
			"a text",
			{ type: "integer" },
			"x",
			"TypeInvalid",
			"spec.a",
			'Invalid value: "string": spec.a in body must be of type integer: "string"',
		],
		[
			"a fraction",
			{ type: "integer" },
			1.5,
			"TypeInvalid",
			"spec.a",
			'Invalid value: "number": spec.a in body must be of type integer: "number"',
		],
		[
			"too little",
			{ type: "integer", minimum: 1 },
			0,
			"Invalid",
			"spec.a",
			"Invalid value: 0: spec.a in body should be greater than or equal to 1",
		],
		[
			"too much",
			{ type: "integer", maximum: 5 },
			6,
			"Invalid",
			"spec.a",
			"Invalid value: 6: spec.a in body should be less than or equal to 5",
		],
		[
			"the limit itself",
			{ type: "number", minimum: 0, exclusiveMinimum: true },
			0,
			"Invalid",
			"spec.a",
			"Invalid value: 0: spec.a in body should be greater than 0",
		],
		[
			"no multiple",
			{ type: "integer", multipleOf: 5 },
			3,
			"Invalid",
			"spec.a",
			"Invalid value: 3: spec.a in body should be a multiple of 5",
		],
		[
			"another word",
			{ type: "string", enum: ["b", "a"] },
			"c",
			"NotSupported",
			"spec.a",
			'Unsupported value: "c": supported values: "b", "a"',
		],
		[
			"another pattern",
			{ type: "string", pattern: "^a+$" },
			"b",
			"Invalid",
			"spec.a",
			"Invalid value: \"b\": spec.a in body should match '^a+$'",
		],
		[
			"too short",
			{ type: "string", minLength: 2 },
			"a",
			"Invalid",
			"spec.a",
			'Invalid value: "a": spec.a in body should be at least 2 chars long',
		],
		[
			"too long",
			{ type: "string", maxLength: 3 },
			"abcd",
			"TooLong",
			"spec.a",
			"Too long: may not be more than 3 bytes",
		],
		[
			"another format",
			{ type: "string", format: "ipv4" },
			"x",
			"TypeInvalid",
			"spec.a",
			'Invalid value: "x": spec.a in body must be of type ipv4: "x"',
		],
		[
			"too few items",
			{ type: "array", minItems: 1, items: text },
			[],
			"Invalid",
			"spec.a",
			"Invalid value: 0: spec.a in body should have at least 1 items",
		],
		[
			"too many items",
			{ type: "array", maxItems: 2, items: text },
			["a", "b", "c"],
			"TooMany",
			"spec.a",
			"Too many: 3: must have at most 2 items",
		],
		[
			"an item of another type",
			{ type: "array", items: text },
			[1],
			"TypeInvalid",
			"spec.a[0]",
			'Invalid value: "integer": spec.a[0] in body must be of type string: "integer"',
		],
		[
			"an item twice",
			{ type: "array", "x-kubernetes-list-type": "set", items: text },
			["a", "a"],
			"Duplicate",
			"spec.a[1]",
			'Duplicate value: "a"',
		],
		[
			"a key twice, once by default",
			keyed,
			[{ name: "a" }, { name: "a", port: 3 }],
			"Duplicate",
			"spec.a[1]",
			'Duplicate value: {"name":"a","port":3}',
		],
		["an item without its name", keyed, [{}], "Required", "spec.a[0].name", "Required value"],
		[
			"too many keys",
			{ type: "object", maxProperties: 1, additionalProperties: text },
			{ a: "", b: "" },
			"TooMany",
			"spec.a",
			"Too many: 2: must have at most 1 item",
		],
		[
			"neither number nor text",
			{ "x-kubernetes-int-or-string": true },
			true,
			"TypeInvalid",
			"spec.a",
			'Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"',
		],
		[
			"two of one",
			{ type: "object", properties: { a: text, b: text }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
			{ a: "", b: "" },
			"Invalid",
			"<nil>",
			'Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
		],
		[
			"what must not be",
			{ type: "object", properties: { a: text }, not: { required: ["a"] } },
			{ a: "" },
			"Invalid",
			"<nil>",
			'Invalid value: "": "spec.a" must not validate the schema (not)',
		],
	])("is refused: %s", (_what, schema, value, reason, field, message) => {
		const refusal = refusalOf(() => ask(kindWith({ a: schema }), foo({ a: value })));
		expect(refusal.code).toBe(422);
		expect(refusal.message).toBe(`Foo.x.dev "x" is invalid: ${field}: ${message}`);
		expect(refusal.details).toEqual({
			...{ name: "x", group: "x.dev", kind: "Foo" },
			causes: [{ reason: `FieldValue${reason}`, field, message }],
		});
	});

	test("is refused without naming an object that has no name", () => {
		const { message, details } = refusalOf(() => ask(kindWith({}), { ...foo({}), metadata: {} }));
		expect(message).toBe('Foo.x.dev "" is invalid: metadata.name: Required value: name or generateName is required');
		expect(details).not.toHaveProperty("name");
	});

	test("is told of with every other", () => {
		const kind = kindWith({ a: text, b: { type: "boolean" } }, { required: ["c"] });
		expect(refusalOf(() => ask(kind, foo({ a: 1, b: 1 }))).message).toBe(
			'Foo.x.dev "x" is invalid: [spec.c: Required value, spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer", spec.b: Invalid value: "integer": spec.b in body must be of type boolean: "integer"]',
		);
	});
});

describe("fields that a custom resource doesn't have", () => {
	const kind = kindWith({ a: text, free: { type: "object", "x-kubernetes-preserve-unknown-fields": true } });
	const object = foo({ b: 1, a: "x", free: { q: 1 } }, { labels: { a: "b" }, foo: 1 });

	test("are left out", () => {
		expect(ask(kind, object)).toEqual({
			object: foo({ a: "x", free: { q: 1 } }, { labels: { a: "b" }, creationTimestamp: NOW, generation: 1 }),
			warnings: [],
		});
	});

	test("are warned of", () => {
		expect(ask(kind, object, { fieldValidation: "Warn" }).warnings).toEqual([
			'unknown field "metadata.foo"',
			'unknown field "spec.b"',
		]);
	});

	test("are refused", () => {
		const refusal = refusalOf(() => ask(kind, object, { fieldValidation: "Strict" }));
		expect([refusal.code, refusal.reason, refusal.message]).toEqual([
			...[400, "BadRequest"],
			'Foo in version "v1" cannot be handled as a Foo: strict decoding error: unknown field "metadata.foo", unknown field "spec.b"',
		]);
	});
});

describe("what a custom resource leaves out", () => {
	const kind = kindWith({
		word: { type: "string", default: "d" },
		block: { type: "object", default: {}, properties: { size: { type: "integer", default: 7 } } },
		list: keyed,
		maybe: { type: "string", nullable: true },
		some: text,
	});

	test.each<[string, object, object]>([
		["gets its defaults, at every depth", {}, { word: "d", block: { size: 7 } }],
		["in lists too", { list: [{ name: "a" }] }, { word: "d", block: { size: 7 }, list: [{ name: "a", port: 3 }] }],
		["as if nothing were said, for null", { word: null, some: null }, { word: "d", block: { size: 7 } }],
		["but for null that is allowed", { maybe: null }, { word: "d", block: { size: 7 }, maybe: null }],
		["and what is said stays", { word: "", block: { size: 0 } }, { word: "", block: { size: 0 } }],
	])("%s", (_what, spec, expected) => {
		expect(ask(kind, foo(spec)).object.spec).toEqual(expected);
	});
});

describe("embedded objects", () => {
	const kind = kindWith({
		pod: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
	});

	test("have metadata that is read", () => {
		const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", zip: 1 }, more: 1 };
		expect(ask(kind, foo({ pod })).object.spec).toEqual({ pod: { ...pod, metadata: { name: "a" } } });
	});

	test("must say what they are", () => {
		const { message } = refusalOf(() => ask(kind, foo({ pod: {} })));
		expect(message).toContain("spec.pod.apiVersion: Required value, spec.pod.kind: Required value");
	});
});

describe("rules", () => {
	const range = {
		type: "object",
		properties: { least: { type: "integer" }, most: { type: "integer" }, kinds: keyed },
		"x-kubernetes-validations": [
			{ rule: "!has(self.most) || self.least <= self.most", message: "least is above most" },
			{
				rule: "!has(self.least) || self.least != 9",
				reason: "FieldValueForbidden",
				fieldPath: ".least",
				message: "not nine",
			},
		],
	};
	const fixed = { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "is immutable" }] };
	const kind = kindWith({ range, fixed });
	const made = ask(kind, foo({ fixed: "a" }, { uid: "u" })).object;

	test("refuse", () => {
		expect(refusalOf(() => ask(kind, foo({ range: { least: 3, most: 2 } }))).message).toBe(
			'Foo.x.dev "x" is invalid: spec.range: Invalid value: "object": least is above most',
		);
		expect(refusalOf(() => ask(kind, foo({ range: { least: 9 } }))).message).toBe(
			'Foo.x.dev "x" is invalid: spec.range.least: Forbidden: not nine',
		);
	});

	test("allow, and compare with what was there only when something was", () => {
		expect(ask(kind, foo({ range: { least: 2, most: 2 }, fixed: "a" })).warnings).toEqual([]);
		expect(ask(kind, foo({ fixed: "a" }), { live: made }).object.spec).toEqual({ fixed: "a" });
		expect(refusalOf(() => ask(kind, foo({ fixed: "b" }), { live: made })).message).toBe(
			'Foo.x.dev "x" is invalid: spec.fixed: Invalid value: "string": is immutable',
		);
	});

	test("are not asked of an object whose shape is wrong, which is said", () => {
		expect(refusalOf(() => ask(kind, foo({ fixed: 1 }))).message).toContain(
			"<nil>: Invalid value: null: some validation rules were not checked because the object was invalid",
		);
	});

	test("that cannot be asked refuse nothing, and are told of once", () => {
		const strange = kindWith({
			a: { type: "string", "x-kubernetes-validations": [{ rule: "quantity(self).sign() == 1" }] },
		});
		expect(ask(strange, foo({ a: "x" })).warnings).toEqual([
			expect.stringContaining('the rule "quantity(self).sign() == 1" is not checked here'),
		]);
		expect(ask(strange, foo({ a: "x" })).warnings).toEqual([]);
	});

	test("may ask whether the item of a list has a field", () => {
		const list = {
			...{ type: "array", items: { type: "object", properties: { a: text } } },
			"x-kubernetes-validations": [{ rule: "has(self[0].a)", message: "the first needs an a" }],
		};
		const listed = kindWith({ list });
		expect(ask(listed, foo({ list: [{ a: "" }] })).warnings).toEqual([]);
		expect(refusalOf(() => ask(listed, foo({ list: [{}] }))).message).toContain("the first needs an a");
	});
});

describe("our own Canary", () => {
	const [kind] = kindsOf(ownDefinition("canaries"));
	const canary = (spec: object) => ({
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name: "x" },
		spec,
	});
	const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "cart" };

	test("is refused without an analysis", () => {
		if (kind === undefined) throw new Error("not served");
		expect(refusalOf(() => ask(kind, canary({ targetRef }))).message).toBe(
			'Canary.haldane.dev "x" is invalid: spec: Invalid value: "object": analysis is missing; say how revisions are tested, or set skipAnalysis: true',
		);
	});

	test("is admitted with its defaults", () => {
		if (kind === undefined) throw new Error("not served");
		const { object, warnings } = ask(kind, canary({ targetRef, skipAnalysis: true, service: { port: 80 } }));
		expect(object.spec).toMatchObject({ progressDeadlineSeconds: 600, service: { port: 80, portName: "http" } });
		expect(warnings).toEqual([]);
	});
});

describe("a custom resource that is there", () => {
	const kind = kindWith({ a: text });
	const live: KubeObject = {
		...ask(kind, foo({ a: "1" }, { uid: "u", labels: { l: "1" } })).object,
		status: { phase: "Old" },
	};

	test("keeps its status when it is written, and counts what it asks for", () => {
		const { object } = ask(kind, { ...foo({ a: "2" }), status: { phase: "New" } }, { live });
		expect(object).toEqual({
			...foo({ a: "2" }, { uid: "u", creationTimestamp: NOW, generation: 2 }),
			status: { phase: "Old" },
		});
	});

	test("keeps all but its status when that is written", () => {
		const wider = kindsOf(
			definitionWith({ type: "object", properties: { a: text } }, { subresources: { status: {} } }),
		)[0];
		const status = { type: "object", properties: { phase: text } };
		const served = {
			...wider,
			schema: { ...wider?.schema, properties: { ...wider?.schema?.properties, status } },
		} as typeof kind;
		const change = { ...foo({ a: "2" }, { labels: { l: "2" }, resourceVersion: "7" }), status: { phase: "New" } };
		expect(ask(served, change, { live, subresource: "status" }).object).toEqual({
			...live,
			metadata: { ...live.metadata, resourceVersion: "7" },
			status: { phase: "New" },
		});
	});

	test("does not count its labels", () => {
		expect(ask(kind, foo({ a: "1" }, { labels: { l: "2" } }), { live }).object.metadata).toMatchObject({
			...{ generation: 1, labels: { l: "2" } },
		});
	});

	test("is not another", () => {
		const refusal = refusalOf(() => ask(kind, foo({ a: "1" }, { uid: "other" }), { live }));
		expect([refusal.code, refusal.reason]).toEqual([422, "Invalid"]);
	});
});
