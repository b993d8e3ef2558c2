import * as generated from "@kubernetes/client-node/dist/gen/models/all.js";
import type { Schema } from "../../contract.ts";
import { definitionOf } from "./definitions.ts";
import { ATOMIC_MODELS, enums, fieldExtensions, QUANTITIES, requiredFields } from "./extensions.ts";

/** A field as the generated models describe it. */
interface Attribute {
	readonly baseName: string;
	readonly type: string;
	readonly format: string;
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** Kubernetes' amounts: a string such as `100m` or `1Gi`, or a number. */
export const QUANTITY: Schema = {
	type: "string",
	"x-haldane-definition": "io.k8s.apimachinery.pkg.api.resource.Quantity",
};
const ANYTHING: Schema = { "x-kubernetes-preserve-unknown-fields": true };
const leaves: Readonly<Record<string, Schema>> = {
	string: { type: "string" },
	boolean: { type: "boolean" },
	Date: { type: "string", format: "date-time", "x-haldane-definition": `${META}.Time` },
	V1MicroTime: { type: "string", format: "date-time", "x-haldane-definition": `${META}.MicroTime` },
	IntOrString: {
		"x-kubernetes-int-or-string": true,
		format: "int-or-string",
		"x-haldane-definition": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
	},
	any: ANYTHING,
};

const nodes = new Map<string, Schema>();

/** The node of a model, such as `V1Deployment`: always the same one, its fields made when they are first asked for. */
export function schemaOfModel(model: string): Schema {
	let node = nodes.get(model);
	if (node === undefined) {
		node = lazily({ ...annotationsOf(model) }, () => propertiesOf(model));
		nodes.set(model, node);
	}
	return node;
}

/** The schema of every object's metadata. */
export const objectMeta: Schema = schemaOfModel("V1ObjectMeta");

function annotationsOf(model: string): Schema {
	const required = requiredFields.get(model);
	return {
		type: "object",
		"x-haldane-definition": definitionOf(model),
		...(required === undefined ? {} : { required }),
		...(ATOMIC_MODELS.has(model) ? { "x-kubernetes-map-type": "atomic" } : {}),
	};
}

function lazily(node: Schema, properties: () => Schema["properties"]): Schema {
	let made: Schema["properties"];
	return Object.defineProperty(node, "properties", {
		enumerable: true,
		get() {
			made ??= properties();
			return made;
		},
	});
}

function propertiesOf(model: string): Readonly<Record<string, Schema>> {
	return Object.fromEntries(
		attributesOf(model).map((attribute) => [attribute.baseName, fieldOf(`${model}.${attribute.baseName}`, attribute)]),
	);
}

function attributesOf(model: string): readonly Attribute[] {
	const found = (generated as unknown as Record<string, { attributeTypeMap?: readonly Attribute[] } | undefined>)[
		model
	];
	if (found?.attributeTypeMap === undefined) throw new Error(`the client has no model ${model}`);
	return found.attributeTypeMap;
}

function fieldOf(path: string, { type, format }: Attribute): Schema {
	const schema = schemaOfType(type, format, QUANTITIES.has(path));
	const extensions = fieldExtensions.get(path);
	const allowed = enums.get(path);
	if (extensions === undefined && allowed === undefined) return schema;
	const said: Schema = { ...extensions, ...(allowed === undefined ? {} : { enum: allowed }) };
	// The descriptors are copied and not the values: what is lazy stays so.
	return Object.defineProperties({ ...said }, Object.getOwnPropertyDescriptors(schema));
}

function schemaOfType(type: string, format: string, isQuantity: boolean): Schema {
	const list = /^Array<(.+)>$/.exec(type)?.[1];
	if (list !== undefined) return { type: "array", items: schemaOfType(list, format, isQuantity) };
	const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
	if (map !== undefined) {
		return { type: "object", additionalProperties: schemaOfType(map, format, isQuantity) };
	}
	if (isQuantity) return QUANTITY;
	if (type === "number") {
		return { type: format === "double" ? "number" : "integer", ...(format === "" ? {} : { format }) };
	}
	if (type === "string" && format !== "") return { type: "string", format };
	return leaves[type] ?? schemaOfModel(type);
}
