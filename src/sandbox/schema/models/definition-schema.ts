import type { Json, Schema } from "../../contract.ts";
import { publishedDefinition } from "./published-definitions.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

const nodes = new Map<string, Schema>();

/** The node of a definition, such as `io.k8s.api.apps.v1.Deployment`: always the same one, its fields made when they are first asked for. */
export function schemaOf(definition: string): Schema {
	let node = nodes.get(definition);
	if (node === undefined) {
		node = nodeOf(publishedAs(definition), { "x-haldane-definition": definition });
		nodes.set(definition, node);
	}
	return node;
}

/** The schema of every object's metadata. */
export function objectMeta(): Schema {
	return schemaOf(`${META}.ObjectMeta`);
}

/** What every object has, or every list of objects, as the API describes it of kinds that a CustomResourceDefinition makes. */
export function commonFields(
	metadata: "ObjectMeta" | "ListMeta",
): Readonly<Record<"apiVersion" | "kind" | "metadata", Schema>> {
	const { apiVersion, kind } = publishedAs(`${META}.Status`).properties as Record<"apiVersion" | "kind", Json>;
	const more = metadata === "ObjectMeta" ? { description: OBJECT_METADATA } : { description: LIST_METADATA };
	return { apiVersion, kind, metadata: withMore(schemaOf(`${META}.${metadata}`), more) };
}

const CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const OBJECT_METADATA = `Standard object's metadata. More info: ${CONVENTIONS}#metadata`;
const LIST_METADATA = `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`;

function publishedAs(definition: string): Json {
	const published = publishedDefinition(definition);
	if (published === undefined) throw new Error(`nothing is published as ${definition}`);
	return published;
}

/** Descriptions are for people: what reads objects by a schema has no use for them. */
function nodeOf(published: Json, more: Json = {}): Schema {
	const { description: _, properties, items, additionalProperties, oneOf, allOf, $ref, ...said } = published;
	const reference = $ref ?? (allOf as readonly Json[] | undefined)?.[0]?.$ref;
	if (reference !== undefined) {
		// Always `{}`, as Go writes what is left out.
		const { default: _, ...beside } = said;
		return withMore(schemaOf(String(reference)), beside);
	}
	const node: Json = {
		...said,
		...more,
		...(said.format === "int-or-string" ? { "x-kubernetes-int-or-string": true } : {}),
		// Of quantities, which are kept as texts.
		...(oneOf !== undefined && said.format === undefined ? { type: "string" } : {}),
		...(items === undefined ? {} : { items: nodeOf(items as Json) }),
		...(additionalProperties === undefined ? {} : { additionalProperties: nodeOf(additionalProperties as Json) }),
	};
	if (properties !== undefined) return lazily(node, properties as Readonly<Record<string, Json>>);
	const isOpen = said.type === undefined ? oneOf === undefined : said.type === "object";
	return isOpen && additionalProperties === undefined
		? { ...node, "x-kubernetes-preserve-unknown-fields": true }
		: node;
}

/** What a field says beside what its definition says. The descriptors are copied and not the values: what is lazy stays so. */
function withMore(node: Schema, said: Json): Schema {
	if (Object.keys(said).length === 0) return node;
	return Object.defineProperties(
		{},
		{ ...Object.getOwnPropertyDescriptors(node), ...Object.getOwnPropertyDescriptors(said) },
	);
}

function lazily(node: Schema, properties: Readonly<Record<string, Json>>): Schema {
	let made: Schema["properties"];
	return Object.defineProperty(node, "properties", {
		enumerable: true,
		get() {
			made ??= Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, nodeOf(field)]));
			return made;
		},
	});
}
