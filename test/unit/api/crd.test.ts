import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { customResourceDefinitionFiles, customResourceDefinitions, structuralSchema } from "../../../src/api/crd.ts";
import { structuralFaults } from "./structural.ts";

const folder = join(import.meta.dirname, "../../../crds");
const definitions = customResourceDefinitions().map((crd) => {
	const spec = crd.spec as {
		readonly names: Readonly<Record<string, unknown>>;
		readonly versions: readonly [
			Readonly<Record<string, unknown>> & { readonly schema: { readonly openAPIV3Schema: Schema } },
		];
	};
	return { crd, names: spec.names, version: spec.versions[0], schema: spec.versions[0].schema.openAPIV3Schema };
});
type Schema = Readonly<Record<string, unknown>>;
const [canary] = definitions;

test("the files of crds/ are as the schemas say; else run npm run generate", () => {
	const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
	expect(new Map(files)).toEqual(customResourceDefinitionFiles());
});

describe.each(definitions)("the definition of $names.kind", ({ crd, names, version, schema }) => {
	test("is structural, described and bounded", () => {
		expect(structuralFaults(schema)).toEqual([]);
	});

	test("is found by kubectl get all and kept by Helm", () => {
		expect(names.categories).toEqual(["all", "haldane"]);
		expect(crd.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
		expect(version).toMatchObject({ name: "v1beta1", served: true, storage: true });
	});
});

test("a Canary has a status of its own, a short name and columns", () => {
	expect(canary?.version.subresources).toEqual({ status: {} });
	expect(canary?.names.shortNames).toEqual(["cny"]);
	const columns = canary?.version.additionalPrinterColumns as readonly { name: string; priority?: number }[];
	expect(columns.filter(({ priority }) => priority !== 1).map(({ name }) => name)).toEqual([
		"Status",
		"Weight",
		"Ready",
		"LastTransition",
		"Age",
	]);
});

test("rules between fields are told to the API server", () => {
	const rules = [...JSON.stringify(canary?.schema).matchAll(/"rule":"((?:[^"\\]|\\.)*)"/g)].map(([, rule]) =>
		JSON.parse(`"${rule}"`),
	);
	expect([...new Set(rules)].sort()).toEqual(
		[
			"!(self.group == '' && self.kind == 'Service') || has(self.port)",
			"!has(self.min) || !has(self.max) || self.min <= self.max",
			"!has(self.mirror) || !has(self.weight) || self.weight == 0",
			"!has(self.primaryCookieName) || self.primaryCookieName != self.cookieName",
			"!has(self.steps) || !has(self.mirror) || !self.mirror",
			"!self.matches(r'^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$') || self.matches('[0-9]{7}') || duration(self) >= duration('1s')",
			"[has(self.exact), has(self.prefix), has(self.regex)].exists_one(given, given)",
			"[has(self.exact), has(self.prefix), has(self.suffix), has(self.regex)].exists_one(given, given)",
			"[has(self.iterations), has(self.stepWeight), has(self.stepWeights), has(self.steps)].exists_one(given, given)",
			"has(self.analysis) || (has(self.skipAnalysis) && self.skipAnalysis)",
			"has(self.templateRef) || has(self.query) || self.name in ['request-success-rate', 'request-duration']",
			"has(self.weight) || has(self.mirror) || has(self.match) || has(self.pause) || has(self.for)",
			"self.isSorted() && self.all(one, self.exists_one(other, other == one))",
		].sort(),
	);
});

test("a closed object is left to the API server to prune", () => {
	expect(structuralSchema(z.strictObject({ size: z.int() }))).toEqual({
		type: "object",
		required: ["size"],
		properties: { size: { type: "integer", format: "int64" } },
	});
});

describe("a schema without structural form is refused by name", () => {
	test.each([
		[
			"a union",
			z.object({ size: z.union([z.string(), z.number()]) }),
			"schema .size says anyOf, which is not structural",
		],
		[
			"a discriminated union",
			z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
			"schema root says oneOf, which is not structural",
		],
		[
			"null",
			z.object({ size: z.array(z.string().nullable()) }),
			"schema .size[] says nullable, which is not structural",
		],
	])("%s", (_claim, schema, message) => {
		expect(() => structuralSchema(schema)).toThrow(message);
	});
});

describe("the check for structural schemas finds", () => {
	const text = { type: "string", description: "A text." };
	const object = (properties: object) => ({ type: "object", description: "An object.", properties });
	test.each([
		["nothing in a good one", object({ a: text }), []],
		["a field without type", object({ a: { description: "What?" } }), [".a has no type"]],
		["a field without description", object({ a: { type: "string" } }), [".a has no description"]],
		["a reference", object({ a: { ...text, $ref: "#/b" } }), [".a says $ref"]],
		["a union", object({ a: { ...text, oneOf: [] } }), [".a says oneOf"]],
		[
			"a closed object",
			{ ...object({}), additionalProperties: false },
			["root is a map and an object", "root opens or closes itself"],
		],
		[
			"JavaScript's bounds",
			object({ a: { ...text, minimum: Number.MIN_SAFE_INTEGER } }),
			[".a has a bound of JavaScript's"],
		],
		[
			"an unbounded list under rules",
			object({
				a: { type: "array", description: "A list.", items: { type: "string", "x-kubernetes-validations": [] } },
			}),
			[".a is walked by CEL without bound"],
		],
	])("%s", (_claim, schema, faults) => {
		expect(structuralFaults(schema)).toEqual(faults);
	});
});
