type Node = Readonly<Record<string, unknown>>;

/**
 * What is wrong with a schema by the rules that the API server holds structural schemas to, and by two of our own:
 * every field says what it is for, and whatever a rule of CEL walks through is bounded.
 */
export function structuralFaults(schema: Node): string[] {
	return faultsOf(schema, "", false);
}

const FORBIDDEN = [
	"$ref",
	"definitions",
	"$defs",
	"oneOf",
	"anyOf",
	"allOf",
	"not",
	"nullable",
	"const",
	"dependencies",
	"deprecated",
	"id",
	"patternProperties",
	"uniqueItems",
	"propertyNames",
];

function faultsOf(node: Node, path: string, isMetadata: boolean): string[] {
	const at = path || "root";
	const faults = FORBIDDEN.filter((keyword) => keyword in node).map((keyword) => `${at} says ${keyword}`);
	const isIntOrString = node["x-kubernetes-int-or-string"] === true;
	if (!isIntOrString && typeof node.type !== "string") faults.push(`${at} has no type`);
	if (isIntOrString && "type" in node) faults.push(`${at} is an int or string and has a type`);
	if (!isMetadata && typeof node.description !== "string" && !path.endsWith("*") && !path.endsWith("[]")) {
		faults.push(`${at} has no description`);
	}
	if (node.additionalProperties !== undefined && node.properties !== undefined)
		faults.push(`${at} is a map and an object`);
	if (node.additionalProperties === false || node.additionalProperties === true)
		faults.push(`${at} opens or closes itself`);
	if (node.type === "array" && node.items === undefined) faults.push(`${at} does not say what it lists`);
	for (const bound of ["minimum", "maximum"]) {
		if (Math.abs(Number(node[bound] ?? 0)) >= Number.MAX_SAFE_INTEGER) faults.push(`${at} has a bound of JavaScript's`);
	}

	const { properties = {}, additionalProperties, items } = node as Readonly<Record<string, Node>>;
	const children: (readonly [string, Node])[] = Object.entries(properties).map(([name, child]) => [
		`${path}.${name}`,
		child as Node,
	]);
	if (typeof additionalProperties === "object") children.push([`${path}.*`, additionalProperties]);
	if (items !== undefined) children.push([`${path}[]`, items]);
	if (node.type === "array" && node.maxItems === undefined && hasRules(items))
		faults.push(`${at} is walked by CEL without bound`);
	if (node.additionalProperties && node.maxProperties === undefined && hasRules(additionalProperties)) {
		faults.push(`${at} is walked by CEL without bound`);
	}
	return [...faults, ...children.flatMap(([where, child]) => faultsOf(child, where, where === ".metadata"))];
}

function hasRules(node: Node | undefined): boolean {
	return JSON.stringify(node ?? {}).includes("x-kubernetes-validations");
}
