import type { Schema } from "../contract.ts";
import { isBlank, nameOfEntry, schemaOfField, shapeOf } from "./schema-walk.ts";

/**
 * The live value with what the applied one says: leaves are the applied ones, maps and lists hold what either has. Shared
 * entries of a list come in the applied order, others stay between the neighbours they had. Undefined when nothing is left.
 * Assumes that the applied value has been checked against the schema.
 */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
	if (applied === undefined) return live;
	// `null` takes a leaf away; of what has more in it, others may own a part.
	if (applied === null) return shapeOf(schema, live) === "leaf" || isBlank(live) ? undefined : live;
	const shape = shapeOf(schema, applied);
	if (shape === "leaf" || shapeOf(schema, live) !== shape) return shape === "leaf" ? applied : withoutNulls(applied);
	if (shape === "list") return mergeEntries(live as unknown[], applied as unknown[], schema);
	const left = live as Readonly<Record<string, unknown>>;
	const right = applied as Readonly<Record<string, unknown>>;
	const fields: [string, unknown][] = [...new Set([...Object.keys(left), ...Object.keys(right)])].map((key) => [
		key,
		mergeApplied(left[key], right[key], schemaOfField(schema, key)),
	]);
	return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function mergeEntries(live: readonly unknown[], applied: readonly unknown[], schema: Schema | undefined): unknown[] {
	const liveNames = live.map((entry) => nameOfEntry(schema, entry));
	const appliedNames = applied.map((entry) => nameOfEntry(schema, entry));
	const isApplied = new Set(appliedNames);
	const shared = appliedNames.filter((name) => liveNames.includes(name));
	const merged: unknown[] = [];
	let at = 0;
	/** Takes over what only the live list has, up to that shared entry; shared ones on the way come at their applied place. */
	const advanceTo = (name: string | undefined) => {
		while (at < live.length && (name === undefined || liveNames[at] !== name)) {
			if (!isApplied.has(liveNames[at])) merged.push(live[at]);
			at += 1;
		}
	};
	for (const [index, entry] of applied.entries()) {
		const name = appliedNames[index];
		advanceTo(shared[0]);
		merged.push(mergeApplied(only(live, liveNames, name), entry, schema?.items));
		if (name === shared[0]) shared.shift();
	}
	advanceTo(undefined);
	return merged;
}

/** The one entry of that name; entries that share a name are replaced together. */
function only(live: readonly unknown[], names: readonly (string | undefined)[], name: string | undefined): unknown {
	const first = names.indexOf(name);
	return first >= 0 && first === names.lastIndexOf(name) ? live[first] : undefined;
}

function withoutNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNulls);
	if (typeof value !== "object" || value === null) return value;
	const said = Object.entries(value).filter(([, field]) => field !== null);
	return Object.fromEntries(said.map(([key, field]) => [key, withoutNulls(field)]));
}
