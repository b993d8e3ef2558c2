import type { Json, Schema } from "../contract.ts";
import { publishedDefinition } from "../schema/models/published-definitions.ts";

const nested = new Set(["items", "additionalProperties", "not"]);
const nestedLists = new Set(["allOf", "anyOf", "oneOf"]);

/**
 * The named schemas of one document: `publish` says a node as the document says it, with references in place of nodes
 * that have a name, and keeps what is referred to in `definitions`. Every name is walked once, so cycles end there.
 */
export function definitionsAt(prefix: string): {
	readonly definitions: Readonly<Record<string, Json>>;
	/** The name under which this node is found from now on; of a name that Kubernetes publishes, what it says of that. */
	define(name: string, node: Schema, more?: Json): string;
	publish(node: Schema): Json;
} {
	const definitions: Record<string, Json> = {};
	// Nodes whose names have been given out and whose fields are still to be said.
	const due: (() => void)[] = [];
	const unnamed = new Set<Schema>();
	let isDraining = false;

	function define(name: string, node: Schema, more: Json = {}): string {
		if (definitions[name] === undefined) {
			definitions[name] = {};
			const published = publishedDefinition(name);
			due.push(() => {
				definitions[name] = published === undefined ? { ...expand(node), ...more } : referring(published);
			});
			drain();
		}
		return name;
	}

	// A queue in place of recursion: chains of names are longer than a stack should be.
	function drain(): void {
		if (isDraining) return;
		isDraining = true;
		for (let next = due.shift(); next !== undefined; next = due.shift()) next();
		isDraining = false;
	}

	function publish(node: Schema): Json {
		const name = node["x-haldane-definition"];
		if (name !== undefined) {
			const reference = { $ref: `${prefix}${define(name, node)}` };
			const beside = { ...described(node), ...(node.default === undefined ? {} : { default: node.default }) };
			return Object.keys(beside).length === 0 ? reference : { ...beside, allOf: [reference] };
		}
		if (unnamed.has(node)) return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
		return expand(node);
	}

	/** What Kubernetes publishes as it stands, with references as this document says them. */
	function referring(published: Json): Json {
		return JSON.parse(JSON.stringify(published), (key, value) => {
			if (key !== "$ref" || typeof value !== "string") return value;
			return `${prefix}${define(value, {})}`;
		});
	}

	function expand(node: Schema): Json {
		unnamed.add(node);
		const fields: Record<string, unknown> = {};
		for (const keyword of Object.keys(node)) {
			if (keyword.startsWith("x-haldane-")) continue;
			const value = node[keyword];
			if (keyword === "properties" && isNode(value)) {
				fields.properties = Object.fromEntries(
					Object.keys(value).map((field) => [field, publish(value[field] as Schema)]),
				);
			} else if (nested.has(keyword) && isNode(value)) fields[keyword] = publish(value);
			else if (nestedLists.has(keyword) && Array.isArray(value)) fields[keyword] = value.map(publish);
			else if (value !== undefined) fields[keyword] = value;
		}
		unnamed.delete(node);
		return fields;
	}

	return { definitions, define, publish };
}

function described({ description }: Schema): Json {
	return description === undefined ? {} : { description };
}

function isNode(value: unknown): value is Schema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
