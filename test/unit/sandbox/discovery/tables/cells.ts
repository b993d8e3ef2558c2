import type { Json, PrinterColumn } from "../../../../../src/sandbox/contract.ts";
import { tableOf } from "../../../../../src/sandbox/discovery/tables/table.ts";
import { served } from "../kinds.ts";

export const now = Date.parse("2026-01-01T01:00:00Z");

/** The cells of one object that was made an hour before `now`, by the names of their columns; wide ones too. */
export function cellsOf(apiVersion: string, kind: string, object: Json, columns?: readonly PrinterColumn[]): Json {
	const metadata = { name: "a", creationTimestamp: "2026-01-01T00:00:00Z", ...(object.metadata as object | undefined) };
	const table = tableOf({
		...{ kind: served(apiVersion, kind), columns, include: "None", now, withColumns: true },
		objects: [{ apiVersion, kind, ...object, metadata }],
	});
	const [row] = table.rows as readonly { readonly cells: readonly unknown[] }[];
	const names = (table.columnDefinitions as readonly { readonly name: string }[]).map(({ name }) => name);
	return Object.fromEntries(names.map((name, index) => [name, row?.cells[index]]));
}
