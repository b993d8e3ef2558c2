import { Refusal } from "../contract.ts";
import { type FieldSet, intersection, isEmpty, pathsOf, pathText } from "./field-set.ts";
import type { Owner } from "./managed-fields.ts";

/** Throws Refusal (409, with a cause for each field) when somebody owns one of the fields that an apply would change. */
export function refuseConflicts(owners: readonly Owner[], changed: FieldSet): void {
	const conflicts = owners
		.map((owner) => ({ owner, name: nameOf(owner), fields: intersection(owner.fields, changed) }))
		.filter(({ fields }) => !isEmpty(fields))
		.sort((one, other) => (one.name < other.name ? -1 : 1))
		.map(({ name, fields }) => ({ name, fields: pathsOf(fields).map(pathText) }));
	if (conflicts.length === 0) return;
	const causes = conflicts.flatMap(({ name, fields }) =>
		fields.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${name}`, field })),
	);
	throw new Refusal(409, "Conflict", messageOf(conflicts, causes.length), { causes });
}

function messageOf(conflicts: readonly { name: string; fields: readonly string[] }[], count: number): string {
	if (count === 1)
		return `Apply failed with 1 conflict: conflict with ${conflicts[0]?.name}: ${conflicts[0]?.fields[0]}`;
	const lines = conflicts.flatMap(({ name, fields }) => [
		`conflicts with ${name}:`,
		...fields.map((field) => `- ${field}`),
	]);
	return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

function nameOf({ manager, operation, apiVersion, subresource }: Owner): string {
	const through = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
	const using = operation === "Update" ? ` using ${apiVersion}` : "";
	return `${JSON.stringify(manager)}${through}${using}`;
}
