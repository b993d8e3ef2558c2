import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { fieldsOf, isObject, itemsOf } from "../problems.ts";

/** A ValidatingAdmissionPolicy with what a real API server fills in. */
export function policyWithDefaults(policy: KubeObject): KubeObject {
	const spec = fieldsOf(policy.spec);
	return {
		...policy,
		spec: { failurePolicy: "Fail", ...spec, ...matching(spec, "matchConstraints") },
		status: policy.status ?? {},
	};
}

/** A ValidatingAdmissionPolicyBinding with what a real API server fills in. */
export function policyBindingWithDefaults(binding: KubeObject): KubeObject {
	const spec = fieldsOf(binding.spec);
	return { ...binding, spec: { ...spec, ...matching(spec, "matchResources") } };
}

function matching(spec: Json, field: string): Json {
	const resources = spec[field];
	if (!isObject(resources)) return {};
	const anywhere = (rules: string): Json =>
		resources[rules] === undefined
			? {}
			: { [rules]: itemsOf(resources[rules]).map((rule) => ({ scope: "*", ...fieldsOf(rule) })) };
	const wide = { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} };
	return { [field]: { ...wide, ...resources, ...anywhere("resourceRules"), ...anywhere("excludeResourceRules") } };
}
