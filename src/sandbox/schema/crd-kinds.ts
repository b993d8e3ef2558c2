import type { KubeObject } from "../../domain/kube-object.ts";
import type { Json, PrinterColumn, Schema, ServedKind } from "../contract.ts";
import { structuralProblems } from "./custom/structural.ts";
import { commonFields } from "./models/definition-schema.ts";
import { DNS_1035_LABEL, isDnsLabel1035 } from "./names.ts";
import { fieldsOf, invalid, isObject, itemsOf, notSupported, type Problem, refuse, required } from "./problems.ts";

/** The served versions of a CustomResourceDefinition, in its own order. Throws Refusal (422) for one that cannot be served. */
export function kindsOf(crd: KubeObject): readonly ServedKind[] {
	const problems = crdProblems(crd);
	if (problems.length > 0) {
		throw refuse(
			{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: crd.metadata.name },
			problems,
		);
	}
	const spec = fieldsOf(crd.spec);
	const names = fieldsOf(spec.names);
	const kind = String(names.kind);
	const group = String(spec.group);
	const stored = versionsOf(crd).find(({ storage }) => storage === true);
	return versionsOf(crd)
		.filter(({ served }) => served === true)
		.map((version) => ({
			apiVersion: `${group}/${version.name}`,
			kind,
			plural: String(names.plural),
			singular: typeof names.singular === "string" && names.singular !== "" ? names.singular : kind.toLowerCase(),
			shortNames: itemsOf(names.shortNames).map(String),
			categories: itemsOf(names.categories).map(String),
			namespaced: spec.scope === "Namespaced",
			subresources: ["status", "scale"].filter((name) => isObject(fieldsOf(version.subresources)[name])),
			storedAs: `${group}/${stored?.name}`,
			schema: rootSchema(fieldsOf(fieldsOf(version.schema).openAPIV3Schema), definitionName(group, version.name, kind)),
		}));
}

/** The columns that a version of a CustomResourceDefinition asks for beside the name; `Age` when it asks for none. */
export function printerColumnsOf(crd: KubeObject, version: string): readonly PrinterColumn[] {
	const found = versionsOf(crd).find(({ name }) => name === version);
	const columns = itemsOf(found?.additionalPrinterColumns) as readonly PrinterColumn[];
	return columns.length > 0 ? columns : [{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }];
}

/** Why a CustomResourceDefinition cannot be served; nothing when it can. */
export function crdProblems(crd: KubeObject): readonly Problem[] {
	const spec = fieldsOf(crd.spec);
	const names = fieldsOf(spec.names);
	const versions = versionsOf(crd);
	const problems: Problem[] = [];
	if (crd.metadata.name !== `${names.plural ?? ""}.${spec.group ?? ""}`) {
		problems.push(invalid("metadata.name", crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
	}
	if (isEmpty(spec.group)) problems.push(required("spec.group"));
	if (isEmpty(spec.scope)) problems.push(required("spec.scope"));
	else if (spec.scope !== "Namespaced" && spec.scope !== "Cluster") {
		problems.push(notSupported("spec.scope", spec.scope, ["Cluster", "Namespaced"]));
	}
	if (versions.filter(({ storage }) => storage === true).length !== 1) {
		problems.push(invalid("spec.versions", versions, "must have exactly one version marked as storage version"));
	}
	if (new Set(versions.map(({ name }) => name)).size < versions.length) {
		problems.push(invalid("spec.versions", versions, "must contain unique version names"));
	}
	problems.push(...nameProblems(names));
	versions.forEach((version, index) => {
		problems.push(...versionProblems(version, index, versions.length));
	});
	return problems;
}

interface Version extends Json {
	readonly name: string;
}

function versionsOf(crd: KubeObject): readonly Version[] {
	return itemsOf(fieldsOf(crd.spec).versions) as readonly Version[];
}

function nameProblems(names: Json): readonly Problem[] {
	const problems: Problem[] = [];
	if (isEmpty(names.plural)) problems.push(required("spec.names.plural"));
	else if (!isDnsLabel1035(String(names.plural))) {
		problems.push(invalid("spec.names.plural", names.plural, DNS_1035_LABEL));
	}
	// The singular and the name of the list are made from the kind.
	if (isEmpty(names.kind)) {
		if (isEmpty(names.singular)) problems.push(required("spec.names.singular"));
		problems.push(required("spec.names.kind"));
		if (isEmpty(names.listKind)) problems.push(required("spec.names.listKind"));
	} else if (!isDnsLabel1035(String(names.kind).toLowerCase())) {
		problems.push(
			invalid("spec.names.kind", names.kind, `may have mixed case, but should otherwise match: ${DNS_1035_LABEL}`),
		);
	}
	return problems;
}

function versionProblems(version: Version, index: number, count: number): readonly Problem[] {
	const here = `spec.versions[${index}]`;
	const schema = fieldsOf(version.schema).openAPIV3Schema;
	if (!isObject(schema)) return [required(`${here}.schema.openAPIV3Schema`)];
	// What all versions share is told of as if it stood above them.
	const alone = count === 1;
	const problems = [
		...structuralProblems(schema, alone ? "spec.validation.openAPIV3Schema" : `${here}.schema.openAPIV3Schema`),
	];
	itemsOf(version.additionalPrinterColumns).forEach((column, at) => {
		const { jsonPath } = fieldsOf(column);
		if (typeof jsonPath === "string" && jsonPath.startsWith(".")) return;
		const where = `${alone ? "spec" : here}.additionalPrinterColumns[${at}].JSONPath`;
		problems.push(
			isEmpty(jsonPath) ? required(where) : invalid(where, jsonPath, "must be a simple json path starting with ."),
		);
	});
	return problems;
}

/** The schema as it is served: with what every object has. */
function rootSchema(schema: Schema, definition: string): Schema {
	const { properties, ...root } = schema;
	const { apiVersion, kind } = fieldsOf(properties) as Record<string, Schema>;
	const common = commonFields("ObjectMeta");
	return {
		...root,
		"x-haldane-definition": definition,
		properties: {
			...properties,
			apiVersion: { ...apiVersion, ...common.apiVersion },
			kind: { ...kind, ...common.kind },
			metadata: common.metadata,
		},
	};
}

/** `dev.haldane.v1beta1.Canary`. */
function definitionName(group: string, version: string, kind: string): string {
	return [...group.split(".").toReversed(), version, kind].join(".");
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}
