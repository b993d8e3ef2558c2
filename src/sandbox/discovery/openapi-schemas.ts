import type { Json, Schema } from "../contract.ts";

const nested = new Set(["items", "additionalProperties", "not"]);
const nestedLists = new Set(["allOf", "anyOf", "oneOf"]);

/**
 * The named schemas of one document: `publish` says a node as the document says it, with references in place of nodes
 * that have a name, and keeps what is referred to in `definitions`. Every name is walked once, so cycles end there.
 */
export function definitionsAt(prefix: string): {
	readonly definitions: Readonly<Record<string, Json>>;
	/** The name under which this node is found from now on. */
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
			due.push(() => {
				definitions[name] = { ...expand(node), ...more };
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
		return withIntOrString(node, fields);
	}

	return { definitions, define, publish };
}

/** Documents say of the built-in type what it may be; custom resources say it themselves. */
function withIntOrString(node: Schema, fields: Json): Json {
	if (node["x-haldane-definition"] === undefined || node["x-kubernetes-int-or-string"] !== true) return fields;
	const { "x-kubernetes-int-or-string": _, type: __, ...rest } = fields;
	return { ...rest, format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
}

function described({ description }: Schema): Json {
	return description === undefined ? {} : { description };
}

function isNode(value: unknown): value is Schema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
