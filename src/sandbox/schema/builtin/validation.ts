import { equal } from "../../../domain/contains.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json, ServedKind } from "../../contract.ts";
import { crdProblems } from "../crd-kinds.ts";
import { policyBindingProblems, policyProblems } from "../policies/validation.ts";
import { fieldsOf, forbidden, invalid, itemsOf, notSupported, type Problem, required } from "../problems.ts";
import { enumProblems } from "./enums.ts";
import { notNegative, podSpecProblems } from "./pod-validation.ts";
import { serviceProblems, serviceStatusProblems } from "./service.ts";
import { workloadProblems } from "./workloads.ts";

type Check = (object: KubeObject, live: KubeObject | undefined) => readonly Problem[];

/** What is wrong with an object of a built-in kind beside its metadata, of all that people meet. Of a status, that is little. */
export function builtinProblems(
	{ kind, schema }: ServedKind,
	object: KubeObject,
	live: KubeObject | undefined,
	subresource: string,
): readonly Problem[] {
	if (subresource === "status") return kind === "Service" ? serviceStatusProblems(object) : [];
	const { metadata: _metadata, status: _status, ...asked } = object;
	const words = schema === undefined ? [] : enumProblems(asked, schema, "");
	const found = checks[kind]?.(object, live) ?? [];
	// What has been told already, or of what holds it, is not told again.
	const isTold = ({ field, message }: Problem) =>
		found.some((one) => field.startsWith(`${one.field}.`) || (field === one.field && message === one.message));
	return [...found, ...words.filter((word) => !isTold(word))];
}

const KEY_SYNTAX =
	"a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const FIXED = "field is immutable when `immutable` is set";
const POD_FIXED =
	"pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

const checks: Readonly<Record<string, Check>> = {
	Deployment: workloadProblems,
	ReplicaSet: workloadProblems,
	StatefulSet: workloadProblems,
	DaemonSet: workloadProblems,
	Service: serviceProblems,
	Pod: (object, live) => [...podSpecProblems(object.spec, "spec"), ...podChanges(object, live)],
	Job: (object, live) => jobProblems(object, live),
	CronJob: ({ spec }) => (hasText(fieldsOf(spec).schedule) ? [] : [required("spec.schedule")]),
	ConfigMap: (object, live) => [
		...keyProblems(object, "data"),
		...keyProblems(object, "binaryData"),
		...fixedProblems(object, live, ["data", "binaryData"]),
	],
	Secret: (object, live) => [
		...keyProblems(object, "data"),
		...(live !== undefined && object.type !== live.type ? [invalid("type", object.type, "field is immutable")] : []),
		...fixedProblems(object, live, ["data"]),
	],
	HorizontalPodAutoscaler: ({ spec }) => autoscalerProblems(fieldsOf(spec)),
	Lease: ({ spec }) => {
		const { leaseDurationSeconds: seconds, leaseTransitions: changes } = fieldsOf(spec);
		return [
			...(typeof seconds === "number" && seconds <= 0
				? [invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
				: []),
			...(typeof changes === "number" && changes < 0 ? [notNegative("spec.leaseTransitions", changes)] : []),
		];
	},
	Ingress: ({ spec }) => ingressProblems(fieldsOf(spec)),
	Event: ({ involvedObject, metadata }) => {
		const of = fieldsOf(involvedObject).namespace ?? "";
		if (involvedObject === undefined || metadata.namespace === undefined || of === metadata.namespace) return [];
		// Of objects without a namespace, events are in the default one.
		if (of === "" && metadata.namespace === "default") return [];
		return [invalid("involvedObject.namespace", of, "does not match event.namespace")];
	},
	Role: ruleProblems,
	ClusterRole: ruleProblems,
	RoleBinding: bindingProblems,
	ClusterRoleBinding: bindingProblems,
	CustomResourceDefinition: crdProblems,
	ValidatingAdmissionPolicy: policyProblems,
	ValidatingAdmissionPolicyBinding: policyBindingProblems,
};

function podChanges(object: KubeObject, live: KubeObject | undefined): readonly Problem[] {
	if (live === undefined || equal(fixedOf(object), fixedOf(live))) return [];
	return [forbidden("spec", POD_FIXED)];
}

/** What of a pod may not change; a pod that is bound to a node was free before. */
function fixedOf(pod: KubeObject): unknown {
	const { activeDeadlineSeconds, tolerations, terminationGracePeriodSeconds, nodeName, ...spec } = fieldsOf(pod.spec);
	const withoutImages = (containers: unknown) =>
		itemsOf(containers).map((one) => {
			const { image, ...rest } = fieldsOf(one);
			return rest;
		});
	return {
		...spec,
		containers: withoutImages(spec.containers),
		initContainers: withoutImages(spec.initContainers),
	};
}

function jobProblems({ spec }: KubeObject, live: KubeObject | undefined): readonly Problem[] {
	const given = fieldsOf(spec);
	const template = fieldsOf(given.template);
	const problems: Problem[] = [...podSpecProblems(template.spec, "spec.template.spec")];
	if (fieldsOf(template.spec).restartPolicy === "Always") {
		problems.push(required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'));
	}
	if (live === undefined) return problems;
	const before = fieldsOf(live.spec);
	const fixed = ["completions", "selector", "template", "completionMode"];
	return [
		...problems,
		...fixed
			.filter((field) => !equal(given[field], before[field]))
			.map((field) => invalid(`spec.${field}`, given[field], "field is immutable")),
	];
}

function keyProblems(object: KubeObject, field: string): readonly Problem[] {
	return Object.keys(fieldsOf(object[field]))
		.filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key))
		.map((key) => invalid(`${field}[${key}]`, key, KEY_SYNTAX));
}

function fixedProblems(
	object: KubeObject,
	live: KubeObject | undefined,
	fields: readonly string[],
): readonly Problem[] {
	if (live?.immutable !== true) return [];
	const changed = fields.filter((field) => !equal(object[field], live[field]));
	return (object.immutable === true ? changed : ["immutable", ...changed]).map((field) => forbidden(field, FIXED));
}

function autoscalerProblems(spec: Json): readonly Problem[] {
	const { minReplicas: least, maxReplicas: most = 0, scaleTargetRef } = spec;
	const problems: Problem[] = [];
	if (typeof least === "number" && least < 1)
		problems.push(invalid("spec.minReplicas", least, "must be greater than or equal to 1"));
	if (Number(most) < 1) problems.push(invalid("spec.maxReplicas", most, "must be greater than 0"));
	if (typeof least === "number" && Number(most) < least) {
		problems.push(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"));
	}
	for (const field of ["kind", "name"]) {
		if (!hasText(fieldsOf(scaleTargetRef)[field])) problems.push(required(`spec.scaleTargetRef.${field}`));
	}
	itemsOf(spec.metrics).forEach((metric, index) => {
		const { type } = fieldsOf(metric);
		if (!hasText(type)) problems.push(required(`spec.metrics[${index}].type`, "must specify a metric source type"));
		else if (!METRIC_TYPES.includes(type)) {
			problems.push(notSupported(`spec.metrics[${index}].type`, type, METRIC_TYPES));
		}
	});
	for (const way of ["scaleUp", "scaleDown"]) {
		const { selectPolicy } = fieldsOf(fieldsOf(spec.behavior)[way]);
		if (selectPolicy === undefined || SELECT_POLICIES.includes(selectPolicy)) continue;
		problems.push(notSupported(`spec.behavior.${way}.selectPolicy`, selectPolicy, SELECT_POLICIES));
	}
	return problems;
}

/** Words that the published definitions do not list. */
const METRIC_TYPES: readonly unknown[] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const SELECT_POLICIES: readonly unknown[] = ["Disabled", "Max", "Min"];

function ingressProblems(spec: Json): readonly Problem[] {
	const rules = itemsOf(spec.rules).map(fieldsOf);
	if (rules.length === 0 && spec.defaultBackend === undefined) {
		return [invalid("spec", null, "either `defaultBackend` or `rules` must be specified")];
	}
	return rules.flatMap((rule, index) =>
		itemsOf(fieldsOf(rule.http).paths).flatMap((path, at) => {
			const here = `spec.rules[${index}].http.paths[${at}]`;
			const { pathType, path: text } = fieldsOf(path);
			if (!hasText(pathType)) return [required(`${here}.pathType`, "pathType must be specified")];
			if (pathType === "ImplementationSpecific" || String(text ?? "").startsWith("/")) return [];
			return [invalid(`${here}.path`, text ?? "", "must be an absolute path")];
		}),
	);
}

function ruleProblems({ rules }: KubeObject): readonly Problem[] {
	return itemsOf(rules).flatMap((rule, index) =>
		itemsOf(fieldsOf(rule).verbs).length > 0
			? []
			: [required(`rules[${index}].verbs`, "verbs must contain at least one value")],
	);
}

function bindingProblems({ roleRef }: KubeObject, live: KubeObject | undefined): readonly Problem[] {
	const { apiGroup, kind, name } = fieldsOf(roleRef);
	const problems = hasText(name) ? [] : [required("roleRef.name")];
	if (live === undefined || equal(roleRef, live.roleRef)) return problems;
	return [...problems, invalid("roleRef", { APIGroup: apiGroup, Kind: kind, Name: name }, "cannot change roleRef")];
}

function hasText(value: unknown): boolean {
	return typeof value === "string" && value !== "";
}
