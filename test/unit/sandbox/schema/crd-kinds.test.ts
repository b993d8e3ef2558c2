import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { kindsOf, printerColumnsOf } from "../../../../src/sandbox/schema/crd-kinds.ts";
import { definitionWith, ownDefinition, refusalOf } from "./support.ts";

const SPEC = "spec.validation.openAPIV3Schema.properties[spec]";

function changed(change: (spec: Record<string, unknown>, crd: Record<string, unknown>) => void): KubeObject {
	const crd = structuredClone(definitionWith({ type: "object" })) as unknown as Record<string, unknown>;
	change(crd.spec as Record<string, unknown>, crd);
	return crd as unknown as KubeObject;
}

describe("the kinds of a definition", () => {
	test("are its served versions", () => {
		const crd = changed((spec) => {
			const [version] = spec.versions as [object];
			spec.versions = [
				{ ...version, name: "v2", subresources: { status: {}, scale: {} } },
				{ ...version, name: "v1", storage: false },
				{ ...version, name: "v0", storage: false, served: false },
			];
		});
		expect(kindsOf(crd).map(({ schema: _schema, ...kind }) => kind)).toEqual([
			{
				...{ apiVersion: "x.dev/v2", kind: "Foo", plural: "foos", singular: "foo", shortNames: [], categories: [] },
				...{ namespaced: true, subresources: ["status", "scale"], storedAs: "x.dev/v2" },
			},
			{
				...{ apiVersion: "x.dev/v1", kind: "Foo", plural: "foos", singular: "foo", shortNames: [], categories: [] },
				...{ namespaced: true, subresources: ["status"], storedAs: "x.dev/v2" },
			},
		]);
	});

	test.each(["canaries", "alertproviders", "metrictemplates"])("are served for our own %s", (name) => {
		const [kind, ...others] = kindsOf(ownDefinition(name));
		expect(others).toEqual([]);
		expect(kind).toMatchObject({ apiVersion: "haldane.dev/v1beta1", plural: name, namespaced: true });
		expect(kind?.schema?.["x-haldane-definition"]).toBe(`dev.haldane.v1beta1.${kind?.kind}`);
		expect(kind?.schema?.properties?.metadata?.properties).toHaveProperty("ownerReferences");
	});

	test.each<[string, KubeObject, string]>([
		[
			"a name that is not plural and group",
			changed((_spec, crd) => {
				crd.metadata = { name: "foo.x.dev" };
			}),
			'metadata.name: Invalid value: "foo.x.dev": must be spec.names.plural+"."+spec.group',
		],
		[
			"a version without a schema",
			changed((spec) => {
				spec.versions = [{ name: "v1", served: true, storage: true }];
			}),
			"spec.versions[0].schema.openAPIV3Schema: Required value",
		],
		[
			"a scope of its own",
			changed((spec) => {
				spec.scope = "World";
			}),
			'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
		],
		[
			"a value without a type",
			definitionWith({ type: "object", properties: { a: {} } }),
			`${SPEC}.properties[a].type: Required value: must not be empty for specified object fields`,
		],
		[
			"an unknown type",
			definitionWith({ type: "text" }),
			`${SPEC}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
		],
		["a list without items", definitionWith({ type: "array" }), `${SPEC}.items: Required value: must be specified`],
		[
			"fields beside a map's values",
			definitionWith({
				...{ type: "object", properties: { a: { type: "string" } } },
				additionalProperties: { type: "string" },
			}),
			`${SPEC}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
		],
		[
			"a shape in a branch",
			definitionWith({ type: "object", oneOf: [{ type: "object" }] }),
			`${SPEC}.oneOf[0].type: Forbidden: must be empty to be structural`,
		],
		["a reference", definitionWith({ type: "object", $ref: "#/x" }), `${SPEC}.$ref: Forbidden: $ref is not supported`],
		[
			"a list whose keys may be missing",
			definitionWith({
				...{ type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] },
				items: { type: "object", properties: { a: { type: "string" } } },
			}),
			`${SPEC}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
		],
	])("are none with %s", (_what, crd, why) => {
		const refusal = refusalOf(() => kindsOf(crd));
		expect([refusal.code, refusal.reason]).toEqual([422, "Invalid"]);
		expect(refusal.message).toBe(
			`CustomResourceDefinition.apiextensions.k8s.io "${crd.metadata.name}" is invalid: ${why}`,
		);
	});

	test("are none with two versions to store", () => {
		const crd = changed((spec) => {
			const [version] = spec.versions as [object];
			spec.versions = [version, { ...version, name: "v2" }];
		});
		expect(refusalOf(() => kindsOf(crd)).message).toContain("must have exactly one version marked as storage version");
	});

	test("allow a number or a string, and values of every kind", () => {
		const free = {
			type: "object",
			properties: {
				port: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
				rest: { "x-kubernetes-preserve-unknown-fields": true },
			},
		};
		expect(kindsOf(definitionWith(free))).toHaveLength(1);
	});
});

describe("the columns of a definition", () => {
	test("are its own", () => {
		const columns = printerColumnsOf(ownDefinition("canaries"), "v1beta1");
		expect(columns.map(({ name }) => name)).toContain("Status");
		expect(columns.every(({ jsonPath }) => jsonPath.startsWith("."))).toBe(true);
	});

	test("are its objects' age when it has none", () => {
		expect(printerColumnsOf(definitionWith({ type: "object" }), "v1")).toEqual([
			{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
		]);
	});
});
