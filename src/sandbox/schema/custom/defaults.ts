import type { Schema } from "../../contract.ts";
import { isObject } from "../problems.ts";

/** The value with the defaults that its schema says, at every depth. What is already there stays. */
export function withDefaults(value: unknown, schema: Schema): unknown {
	if (Array.isArray(value)) {
		const { items } = schema;
		return items === undefined ? value : value.map((item) => withDefaults(item, items));
	}
	if (!isObject(value)) return value;
	const result: Record<string, unknown> = { ...value };
	for (const [name, property] of Object.entries(schema.properties ?? {})) {
		if (result[name] === undefined && property.default !== undefined) result[name] = property.default;
		if (result[name] !== undefined) result[name] = withDefaults(result[name], property);
	}
	const others = schema.additionalProperties;
	if (typeof others === "object") {
		for (const name of Object.keys(result)) result[name] = withDefaults(result[name], others);
	}
	return result;
}
