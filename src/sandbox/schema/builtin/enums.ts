import type { Schema } from "../../contract.ts";
import { isObject, notSupported, type Problem } from "../problems.ts";

/** Words that a field may not hold, anywhere in a built-in object. */
export function enumProblems(value: unknown, schema: Schema, at: string): readonly Problem[] {
	if (Array.isArray(value)) {
		const { items } = schema;
		return items === undefined ? [] : value.flatMap((item, index) => enumProblems(item, items, `${at}[${index}]`));
	}
	if (isObject(value)) {
		const inside = (name: string) => (at === "" ? name : `${at}.${name}`);
		return Object.entries(value).flatMap(([name, item]) => {
			const property = schema.properties?.[name];
			return property === undefined ? [] : enumProblems(item, property, inside(name));
		});
	}
	const { enum: allowed } = schema;
	if (allowed === undefined || value === undefined || allowed.includes(value)) return [];
	return [notSupported(at, value, allowed)];
}
