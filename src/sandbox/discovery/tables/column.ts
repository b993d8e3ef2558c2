import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { ageOf } from "./ages.ts";

/** One column of a table: what stands above it, and how an object's cell is found. */
export interface Column {
	readonly name: string;
	readonly type: string;
	readonly format?: string;
	readonly description?: string;
	/** Above 0: only in wide tables. */
	readonly priority?: number;
	/** `now` in milliseconds. */
	cell(object: KubeObject, now: number): unknown;
}

export type Cell = Column["cell"];

export function text(name: string, cell: Cell): Column {
	return { name, type: "string", cell };
}

export function integer(name: string, cell: Cell): Column {
	return { name, type: "integer", cell };
}

/** A column of wide tables. */
export function wide(name: string, cell: Cell): Column {
	return { name, type: "string", priority: 1, cell };
}

export const nameColumn: Column = {
	...{ name: "Name", type: "string", format: "name", description: "Name of the object." },
	cell: ({ metadata }) => metadata.name,
};

export const ageColumn: Column = {
	...{ name: "Age", type: "string", description: "How long ago the object was created." },
	cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
};

export const createdAtColumn: Column = {
	...{ name: "Created At", type: "date", description: "When the object was created." },
	cell: ({ metadata }) => metadata.creationTimestamp ?? null,
};

/** The value at a path of fields; undefined where one is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>((node, field) => fields(node)[field], value);
}

/** An object's fields; none of what is no object. */
export function fields(value: unknown): Json {
	return typeof value === "object" && value !== null ? (value as Json) : {};
}

/** A list's items; none of what is no list. */
export function items(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** A count; 0 of what is no number. */
export function count(value: unknown): number {
	return typeof value === "number" ? value : 0;
}

/** A word; empty of what is none. */
export function word(value: unknown): string {
	return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function orNone(words: string): string {
	return words === "" ? "<none>" : words;
}

/** The first few of a list, and how many more there are. */
export function firstOf(words: readonly string[], most: number): string {
	const shown = words.slice(0, most).join(",");
	return words.length > most ? `${shown} + ${words.length - most} more...` : shown;
}

/** Labels or a map of a selector, such as `a=1,b=2`. */
export function labelsText(labels: unknown): string {
	const pairs = Object.entries(fields(labels)).sort(([one], [other]) => (one < other ? -1 : 1));
	return orNone(pairs.map(([key, value]) => `${key}=${value}`).join(","));
}

/** A label selector, such as `app=a,tier in (x,y)`. */
export function selectorText(selector: unknown): string {
	const { matchLabels, matchExpressions } = fields(selector);
	const labels = Object.entries(fields(matchLabels)).map(([key, value]) => ({ key, text: `${key}=${value}` }));
	const expressions = items(matchExpressions).map((expression) => {
		const key = word(at(expression, "key"));
		const values = `(${items(at(expression, "values")).map(word).sort().join(",")})`;
		switch (at(expression, "operator")) {
			case "In":
				return { key, text: `${key} in ${values}` };
			case "NotIn":
				return { key, text: `${key} notin ${values}` };
			case "DoesNotExist":
				return { key, text: `!${key}` };
			default:
				return { key, text: key };
		}
	});
	const all = [...labels, ...expressions].sort((one, other) => (one.key < other.key ? -1 : 1));
	return orNone(all.map(({ text }) => text).join(","));
}

/** The condition of that type among a status' conditions. */
export function conditionOf(object: unknown, type: string): Json | undefined {
	const found = items(at(object, "status", "conditions")).find((condition) => at(condition, "type") === type);
	return found === undefined ? undefined : fields(found);
}
