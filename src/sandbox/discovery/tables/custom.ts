import type { PrinterColumn } from "../../contract.ts";
import { ageOf } from "./ages.ts";
import { type Column, nameColumn } from "./column.ts";
import { findAll } from "./json-path.ts";

const age: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** The columns of a custom resource: its name, then those that were asked for, or its age. */
export function customColumns(columns: readonly PrinterColumn[] = []): readonly Column[] {
	return [nameColumn, ...(columns.length === 0 ? [age] : columns).map(customColumn)];
}

function customColumn({ name, type, format, jsonPath, priority, description }: PrinterColumn): Column {
	return {
		...{ name, type, description: description || `What is found at ${jsonPath}.` },
		...(format === undefined ? {} : { format }),
		...(priority === undefined ? {} : { priority }),
		cell: (object, now) => {
			// Only the first of what is found has ever been shown.
			const [value] = findAll(object, jsonPath);
			return value === undefined ? null : cellOf(value, type, now);
		},
	};
}

/** A value that is not of the column's type leaves the cell empty. */
function cellOf(value: unknown, type: string, now: number): unknown {
	switch (type) {
		case "integer":
			return typeof value === "number" ? Math.trunc(value) : null;
		case "number":
			return typeof value === "number" ? value : null;
		case "boolean":
			return typeof value === "boolean" ? value : null;
		case "date":
			return typeof value === "string" ? ageOf(value, now) : null;
		default:
			return wordOf(value);
	}
}

function wordOf(value: unknown): string {
	if (value === null) return "<no value>";
	return typeof value === "object" ? JSON.stringify(sorted(value)) : String(value);
}

/** With the keys of objects in the order of the alphabet, as Go writes them. */
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
	return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
