import type { KubeObject } from "../../../domain/kube-object.ts";
import { ageColumn, at, type Column, integer, items, nameColumn, selectorText, text, word } from "./column.ts";

const UNSET = "<unset>";

export const policyColumns: readonly Column[] = [
	nameColumn,
	integer("Validations", (policy) => items(at(policy, "spec", "validations")).length),
	text("ParamKind", (policy) => {
		const [version, kind] = ["apiVersion", "kind"].map((field) => word(at(policy, "spec", "paramKind", field)));
		return kind === "" ? UNSET : `${version}/${kind}`;
	}),
	ageColumn,
];

export const bindingColumns: readonly Column[] = [
	nameColumn,
	text("PolicyName", (binding) => word(at(binding, "spec", "policyName"))),
	text("ParamRef", parameters),
	ageColumn,
];

function parameters(binding: KubeObject): string {
	const [name, namespace] = ["name", "namespace"].map((field) => word(at(binding, "spec", "paramRef", field)));
	if (name) return `${namespace || "*"}/${name}`;
	const selector = at(binding, "spec", "paramRef", "selector");
	return selector === undefined ? UNSET : selectorText(selector);
}
