import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	decode,
	difference,
	encode,
	entryName,
	type FieldPath,
	type FieldSet,
	has,
	intersection,
	isEmpty,
	isSame,
	nothing,
	pathsOf,
	pathText,
	setOf,
	union,
} from "../../../../src/sandbox/apply/field-set.ts";

const names = [
	"f:a",
	"f:.",
	"f:app.kubernetes.io/name",
	"i:0",
	'v:"x"',
	"v:1",
	'k:{"name":"web"}',
	'k:{"port":80,"protocol":"TCP"}',
];
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

function textsOf(set: FieldSet): Set<string> {
	return new Set(pathsOf(set).map((each) => JSON.stringify(each)));
}

describe("a set of fields", () => {
	test("has the paths it was made of, and no other", () => {
		fc.assert(
			fc.property(paths, path, (those, other) => {
				const set = setOf(those);
				const texts = those.map((each) => JSON.stringify(each));
				expect(textsOf(set)).toEqual(new Set(texts));
				expect(has(set, other)).toBe(texts.includes(JSON.stringify(other)));
			}),
		);
	});

	test("is the same after it was written and read", () => {
		fc.assert(
			fc.property(paths, (those) => {
				const set = setOf(those);
				const read = decode(JSON.parse(JSON.stringify(encode(set))));
				expect(read).toBeDefined();
				expect(isSame(read ?? nothing, set)).toBe(true);
			}),
		);
	});

	test("is combined path by path", () => {
		fc.assert(
			fc.property(paths, paths, (some, others) => {
				const [one, other] = [setOf(some), setOf(others)];
				const [left, right] = [textsOf(one), textsOf(other)];
				expect(textsOf(union(one, other))).toEqual(new Set([...left, ...right]));
				expect(textsOf(intersection(one, other))).toEqual(new Set([...left].filter((each) => right.has(each))));
				expect(textsOf(difference(one, other))).toEqual(new Set([...left].filter((each) => !right.has(each))));
			}),
		);
	});

	test("has no trace of what was taken away", () => {
		fc.assert(
			fc.property(paths, paths, (some, others) => {
				const both = union(setOf(some), setOf(others));
				expect(isSame(difference(both, difference(both, setOf(some))), setOf(some))).toBe(true);
				expect(isEmpty(difference(both, both))).toBe(true);
			}),
		);
	});

	test.each<[string, FieldPath[], unknown]>([
		["a leaf", [["f:a"]], { "f:a": {} }],
		["a field and one in it", [["f:a"], ["f:a", "f:b"]], { "f:a": { ".": {}, "f:b": {} } }],
		["only one in it", [["f:a", "f:b"]], { "f:a": { "f:b": {} } }],
	])("writes %s as the API does", (_name, those, written) => {
		expect(encode(setOf(those))).toEqual(written);
	});

	test("writes the names of siblings in order", () => {
		expect(Object.keys(encode(setOf([["f:b"], ["f:a"]])))).toEqual(["f:a", "f:b"]);
	});

	test("reads keys in any order and spacing as the same", () => {
		const read = decode({ 'k:{ "protocol": "TCP", "port": 80 }': {} }) ?? nothing;
		expect(has(read, [entryName({ port: 80, protocol: "TCP" })])).toBe(true);
	});

	test.each([[null], ["x"], [[]], [{ a: {} }], [{ "f:a": 1 }], [{ "k:{": {} }], [{ "k:[]": {} }], [{ "i:x": {} }]])(
		"does not read %j",
		(fields) => {
			expect(decode(fields)).toBeUndefined();
		},
	);

	test.each([
		[["f:spec", "f:containers", 'k:{"name":"web"}', "f:image"], '.spec.containers[name="web"].image'],
		[["f:ports", 'k:{"port":80,"protocol":"TCP"}'], '.ports[port=80,protocol="TCP"]'],
		[["f:metadata", "f:finalizers", 'v:"x"'], '.metadata.finalizers[="x"]'],
		[["f:args", "i:0"], ".args[0]"],
	])("%j is said as %s", (those, text) => {
		expect(pathText(those)).toBe(text);
	});
});
