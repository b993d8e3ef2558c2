import type { Json } from "../../contract.ts";
import { fieldsOf, forbidden, invalid, isObject, itemsOf, notSupported, type Problem, required } from "../problems.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
const ALTERNATIVES = ["allOf", "anyOf", "oneOf"];
/** What may be said of a value outside of its own place only as a check, never as its shape. */
const SHAPE = ["type", "default", "additionalProperties", "nullable", "x-kubernetes-preserve-unknown-fields"];

/** Why the schema of a custom resource cannot be served: one that does not say of each value what it is. */
export function structuralProblems(schema: unknown, at: string): readonly Problem[] {
	if (!isObject(schema)) return [required(at)];
	const problems: Problem[] = [];
	if (schema.type === undefined) problems.push(required(`${at}.type`, "must not be empty at the root"));
	else if (schema.type !== "object") problems.push(invalid(`${at}.type`, schema.type, "must be object at the root"));
	const metadata = fieldsOf(fieldsOf(schema.properties).metadata);
	if (Object.keys(fieldsOf(metadata.properties)).some((key) => key !== "name" && key !== "generateName")) {
		problems.push(
			forbidden(
				`${at}.properties[metadata]`,
				"must not specify anything other than name and generateName, but metadata is implicitly specified",
			),
		);
	}
	return [...problems, ...nodeProblems(schema, at, true)];
}

function nodeProblems(node: Json, at: string, isRoot: boolean): readonly Problem[] {
	const problems: Problem[] = [];
	const properties = fieldsOf(node.properties);
	for (const [name, child] of Object.entries(properties)) {
		problems.push(...nodeProblems(fieldsOf(child), `${at}.properties[${name}]`, false));
	}
	if (isObject(node.additionalProperties)) {
		problems.push(...nodeProblems(node.additionalProperties, `${at}.additionalProperties`, false));
	}
	if (isObject(node.items)) problems.push(...nodeProblems(node.items, `${at}.items`, false));
	problems.push(...typeProblems(node, at, isRoot), ...listProblems(node, at));
	if (node.additionalProperties !== undefined && Object.keys(properties).length > 0) {
		problems.push(forbidden(`${at}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
	}
	if (node.$ref !== undefined) problems.push(forbidden(`${at}.$ref`, "$ref is not supported"));
	if (node.uniqueItems === true) {
		problems.push(
			forbidden(
				`${at}.uniqueItems`,
				"uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
			),
		);
	}
	for (const keyword of ALTERNATIVES) {
		itemsOf(node[keyword]).forEach((branch, index) => {
			problems.push(...checkProblems(fieldsOf(branch), `${at}.${keyword}[${index}]`, node));
		});
	}
	if (isObject(node.not)) problems.push(...checkProblems(node.not, `${at}.not`, node));
	return problems;
}

function typeProblems(node: Json, at: string, isRoot: boolean): readonly Problem[] {
	const isFree = node["x-kubernetes-int-or-string"] === true || node["x-kubernetes-preserve-unknown-fields"] === true;
	if (node.type === undefined || node.type === "") {
		if (isRoot || isFree) return [];
		const where = /\.items$/.test(at) ? "array items" : "object fields";
		return [required(`${at}.type`, `must not be empty for specified ${where}`)];
	}
	if (!TYPES.includes(node.type as string)) return [notSupported(`${at}.type`, node.type, TYPES)];
	if (node["x-kubernetes-int-or-string"] === true) {
		return [forbidden(`${at}.type`, "must be empty if x-kubernetes-int-or-string is true")];
	}
	if (typeof node.pattern !== "string") return [];
	try {
		new RegExp(node.pattern, "u");
	} catch (thrown) {
		// Go reads some patterns that this engine reads only without the flag.
		if (isReadable(node.pattern)) return [];
		const why = thrown instanceof Error ? thrown.message : String(thrown);
		return [invalid(`${at}.pattern`, node.pattern, `must be a valid regular expression, but isn't: ${why}`)];
	}
	return [];
}

function isReadable(pattern: string): boolean {
	try {
		return new RegExp(pattern) !== undefined;
	} catch {
		return false;
	}
}

function listProblems(node: Json, at: string): readonly Problem[] {
	if (node.type === "array" && !isObject(node.items)) return [required(`${at}.items`, "must be specified")];
	if (node["x-kubernetes-list-type"] !== "map") return [];
	const keys = itemsOf(node["x-kubernetes-list-map-keys"]) as readonly string[];
	if (keys.length === 0) {
		return [required(`${at}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map")];
	}
	const items = fieldsOf(node.items);
	return keys.flatMap((key) => {
		const property = fieldsOf(items.properties)[key];
		if (!isObject(property)) {
			return [invalid(`${at}.x-kubernetes-list-map-keys`, keys, "entries must all be names of item properties")];
		}
		if (property.default !== undefined || itemsOf(items.required).includes(key)) return [];
		return [
			required(
				`${at}.items.properties[${key}].default`,
				"this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
			),
		];
	});
}

/** Of a branch of `anyOf` and its like, which may check what the node says, and say nothing new. */
function checkProblems(branch: Json, at: string, node: Json): readonly Problem[] {
	const problems = SHAPE.filter(
		(keyword) => branch[keyword] !== undefined && !isIntOrString(node, branch, keyword),
	).map((keyword) => forbidden(`${at}.${keyword}`, "must be empty to be structural"));
	for (const [name, child] of Object.entries(fieldsOf(branch.properties))) {
		const shape = fieldsOf(node.properties)[name];
		if (shape === undefined && node["x-kubernetes-preserve-unknown-fields"] !== true) {
			if (node.additionalProperties === undefined)
				problems.push(
					required(
						`${at.replace(/\.(allOf|anyOf|oneOf)\[\d+\]$|\.not$/, "")}.properties[${name}]`,
						`because it is defined in ${at}.properties[${name}]`,
					),
				);
		}
		problems.push(...checkProblems(fieldsOf(child), `${at}.properties[${name}]`, fieldsOf(shape)));
	}
	return problems;
}

/** The one shape that may be said in a branch: that of a value which is a number or a string. */
function isIntOrString(node: Json, branch: Json, keyword: string): boolean {
	return (
		keyword === "type" &&
		node["x-kubernetes-int-or-string"] === true &&
		(branch.type === "integer" || branch.type === "string")
	);
}
