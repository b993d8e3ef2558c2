import { expect, test } from "vitest";
import { findAll } from "../../../../../src/sandbox/discovery/tables/json-path.ts";
import { cellsOf } from "./cells.ts";

const object = {
	metadata: { annotations: { "x.y/z": "note" } },
	list: [{ name: "a" }, { name: "b", size: 2 }],
	status: {
		conditions: [
			{ type: "Other", status: "No" },
			{ type: "Ready", status: "True" },
		],
	},
};

test.each([
	["a field", ".status.conditions[1].status", ["True"]],
	["a field in quotes", ".metadata.annotations['x.y/z']", ["note"]],
	["a field with dots", ".metadata.annotations['x\\.y/z']", ["note"]],
	["a field with dots, without quotes", ".metadata.annotations.x\\.y/z", ["note"]],
	["the last", ".list[-1].name", ["b"]],
	["every item", ".list[*].name", ["a", "b"]],
	["what passes a filter", '.status.conditions[?(@.type=="Ready")].status', ["True"]],
	["what is other", ".status.conditions[?(@.type!='Ready')].status", ["No"]],
	["what is greater", ".list[?(@.size>1)].name", ["b"]],
	["what has a field", ".list[?(@.size)].name", ["b"]],
	["nothing past the end", ".list[7].name", []],
	["nothing in other words", ".list[?(", []],
])("finds %s", (_name, path, found) => {
	expect(findAll(object, path)).toEqual(found);
});

test.each([
	["string", "word", "word"],
	["string", 5, "5"],
	["string", true, "true"],
	["string", { b: 1, a: [null] }, '{"a":[null],"b":1}'],
	["string", null, "<no value>"],
	["integer", 1.5, 1],
	["integer", "5", null],
	["number", 1.5, 1.5],
	["boolean", false, false],
	["boolean", "false", null],
	["date", "2026-01-01T00:57:30Z", "2m30s"],
	["date", "soon", "<invalid>"],
	["date", undefined, null],
])("a column of type %s says %j as %j", (type, value, cell) => {
	const cells = cellsOf("ex.dev/v1", "Foo", { spec: { value } }, [{ name: "Value", type, jsonPath: ".spec.value" }]);
	expect(cells).toEqual({ Name: "a", Value: cell });
});

test.each([[undefined], [[]]])("a resource without columns shows its age", (columns) => {
	expect(cellsOf("ex.dev/v1", "Foo", {}, columns)).toEqual({ Name: "a", Age: "60m" });
});
