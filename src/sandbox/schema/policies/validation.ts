import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { expressionProblems } from "../label-selectors.ts";
import { dnsSubdomainProblems, labelKeyProblems, labelProblemsAt } from "../names.ts";
import {
	duplicate,
	fieldsOf,
	forbidden,
	invalid,
	isObject,
	itemsOf,
	notSupported,
	type Problem,
	required,
} from "../problems.ts";
import { type Reading, readingsOf } from "./expressions.ts";

/** What is wrong with a ValidatingAdmissionPolicy beside its metadata. */
export function policyProblems(policy: KubeObject): readonly Problem[] {
	const spec = fieldsOf(policy.spec);
	const { matchConstraints, validations, auditAnnotations } = spec;
	const hasNone = itemsOf(validations).length + itemsOf(auditAnnotations).length === 0;
	const none = "validations or auditAnnotations must contain at least one item";
	return [
		...wordProblems(spec.failurePolicy, ["Fail", "Ignore"], "spec.failurePolicy"),
		// Parameters are what the sandbox does not know: better refused than never asked for.
		...(spec.paramKind === undefined
			? []
			: [forbidden("spec.paramKind", "this server knows no parameters of policies")]),
		...constraintProblems(matchConstraints),
		...(hasNone
			? [required("spec.validations", none), required("spec.auditAnnotations", none)]
			: expressionsProblems(policy)),
	];
}

function constraintProblems(constraints: unknown): readonly Problem[] {
	const at = "spec.matchConstraints";
	if (!isObject(constraints)) return [required(at)];
	const rules = itemsOf(constraints.resourceRules);
	return [...matchProblems(constraints, at), ...(rules.length === 0 ? [required(`${at}.resourceRules`)] : [])];
}

/** What is wrong with a ValidatingAdmissionPolicyBinding beside its metadata. */
export function policyBindingProblems({ spec }: KubeObject): readonly Problem[] {
	const { policyName, paramRef, matchResources, validationActions } = fieldsOf(spec);
	const at = "spec.validationActions";
	const actions = itemsOf(validationActions);
	const both = `must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)`;
	return [
		...(typeof policyName !== "string" || policyName === ""
			? [required("spec.policyName")]
			: dnsSubdomainProblems(policyName).map((why) => invalid("spec.policyName", policyName, why))),
		...(paramRef === undefined ? [] : [forbidden("spec.paramRef", "this server knows no parameters of policies")]),
		...(isObject(matchResources) ? matchProblems(matchResources, "spec.matchResources") : []),
		...actions.flatMap((action, index) => [
			...wordProblems(action, ["Audit", "Deny", "Warn"], `${at}[${index}]`),
			...(actions.indexOf(action) < index ? [duplicate(`${at}[${index}]`, action)] : []),
		]),
		...(actions.includes("Deny") && actions.includes("Warn") ? [invalid(at, actions, both)] : []),
		...(actions.length === 0 ? [required(at, "at least one validation action is required")] : []),
	];
}

function matchProblems(resources: Json, at: string): readonly Problem[] {
	const rules = (field: string) =>
		itemsOf(resources[field]).flatMap((rule, index) => ruleProblems(fieldsOf(rule), `${at}.${field}[${index}]`));
	return [
		...["namespaceSelector", "objectSelector"].flatMap((field) => {
			const { matchLabels, matchExpressions } = fieldsOf(resources[field]);
			return [
				...labelProblemsAt(matchLabels, `${at}.${field}.matchLabels`),
				...expressionProblems(itemsOf(matchExpressions).map(fieldsOf), `${at}.${field}`),
			];
		}),
		...rules("resourceRules"),
		...rules("excludeResourceRules"),
	];
}

/** Lists in which `*` is alone, and what it would stand beside. */
const WILD = [
	["operations", "operations"],
	["apiGroups", "API groups"],
	["apiVersions", "API versions"],
] as const;

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

function ruleProblems(rule: Json, at: string): readonly Problem[] {
	const names = itemsOf(rule.resourceNames);
	return [
		...names.flatMap((name, index) =>
			names.indexOf(name) < index ? [duplicate(`${at}.resourceNames[${index}]`, name)] : [],
		),
		...itemsOf(rule.operations).flatMap((operation, index) =>
			wordProblems(operation, OPERATIONS, `${at}.operations[${index}]`),
		),
		...WILD.flatMap(([field, others]) => {
			const items = itemsOf(rule[field]);
			if (items.length === 0) return [required(`${at}.${field}`)];
			if (items.length === 1 || !items.includes("*")) return [];
			return [invalid(`${at}.${field}`, items, `if '*' is present, must not specify other ${others}`)];
		}),
		...itemsOf(rule.apiVersions).flatMap((version, index) =>
			version === "" ? [required(`${at}.apiVersions[${index}]`)] : [],
		),
		...resourceProblems(itemsOf(rule.resources).map(String), `${at}.resources`),
	];
}

function resourceProblems(resources: readonly string[], at: string): readonly Problem[] {
	if (resources.length === 0) return [required(at)];
	const problems: Problem[] = [];
	resources.forEach((resource, index) => {
		if (resource === "") problems.push(required(`${at}[${index}]`));
		const [of, below] = resource.split("/", 2);
		if (below === undefined) return;
		for (const wider of [`${of}/*`, `*/${below}`]) {
			if (!resources.slice(0, index).includes(wider)) continue;
			problems.push(invalid(`${at}[${index}]`, resource, `if '${wider}' is present, must not specify ${resource}`));
		}
	});
	const whole = resources.filter((resource) => resource !== "" && !resource.includes("/"));
	if (resources.length > 1 && resources.includes("*/*")) {
		problems.push(invalid(at, resources, "if '*/*' is present, must not specify other resources"));
	}
	if (whole.length > 1 && whole.includes("*")) {
		const why = "if '*' is present, must not specify other resources without subresources";
		problems.push(invalid(at, resources, why));
	}
	return problems;
}

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const CONDITIONS_MAX = 64;
const ANNOTATIONS_MAX = 20;

function expressionsProblems(policy: KubeObject): readonly Problem[] {
	const { matchConditions, variables, validations, auditAnnotations } = fieldsOf(policy.spec);
	const readings = readingsOf(policy);
	const named = (list: unknown, field: string, check: (one: Json, at: string, index: number) => readonly Problem[]) =>
		itemsOf(list)
			.map(fieldsOf)
			.flatMap((one, index) => check(one, `spec.${field}[${index}]`, index));
	const conditions = itemsOf(matchConditions).length;
	const tooMany = { field: "spec.matchConditions", reason: "FieldValueTooMany" };
	return [
		...(conditions > CONDITIONS_MAX
			? [{ ...tooMany, message: `Too many: ${conditions}: must have at most ${CONDITIONS_MAX} items` }]
			: []),
		...named(matchConditions, "matchConditions", ({ name, expression }, at, index) => [
			...readingProblems(readings.matchConditions[index]?.reading, expression, `${at}.expression`),
			...nameProblems(name, `${at}.name`),
			...(readings.matchConditions.findIndex((one) => one.name === name) < index
				? [duplicate(`${at}.name`, name)]
				: []),
		]),
		...named(variables, "variables", ({ name, expression }, at, index) => [
			...identifierProblems(name, `${at}.name`),
			...readingProblems(readings.variables[index]?.reading, expression, `${at}.expression`, UNSAID),
		]),
		...named(validations, "validations", ({ expression, message, messageExpression, reason }, at, index) => {
			const read = readings.validations[index];
			return [
				...readingProblems(read?.reading, expression, `${at}.expression`, UNSAID),
				...blankProblems(messageExpression, `${at}.messageExpression`),
				...(read?.messageReading === undefined
					? []
					: readingProblems(read.messageReading, messageExpression, `${at}.messageExpression`)),
				...blankProblems(message, `${at}.message`),
				...(/[\n\r]/.test(String(message ?? "").trim())
					? [invalid(`${at}.message`, message, "must not contain line breaks")]
					: []),
				...wordProblems(reason, REASONS, `${at}.reason`),
			];
		}),
		...(itemsOf(auditAnnotations).length > ANNOTATIONS_MAX
			? [
					invalid(
						"spec.auditAnnotations",
						auditAnnotations,
						`must not have more than ${ANNOTATIONS_MAX} auditAnnotations`,
					),
				]
			: []),
		...named(auditAnnotations, "auditAnnotations", ({ key, valueExpression }, at, index) => [
			...labelKeyProblems(`${policy.metadata.name}/${key ?? ""}`).map((why) => invalid(`${at}.key`, key, why)),
			...readingProblems(
				readings.auditAnnotations[index]?.reading,
				valueExpression,
				`${at}.valueExpression`,
				"valueExpression is not specified",
			),
			...(readings.auditAnnotations.findIndex((one) => one.name === key) < index ? [duplicate(`${at}.key`, key)] : []),
		]),
	];
}

const UNSAID = "expression is not specified";

function readingProblems(reading: Reading | undefined, said: unknown, at: string, unsaid = ""): readonly Problem[] {
	if (typeof said !== "string" || said.trim() === "") return [required(at, unsaid)];
	return reading === undefined || reading.ok ? [] : [invalid(at, said, reading.problem)];
}

function nameProblems(name: unknown, at: string): readonly Problem[] {
	if (typeof name !== "string" || name === "") return [required(at)];
	return labelKeyProblems(name).map((why) => invalid(at, name, why));
}

/** Words that name nothing in the language. */
const RESERVED =
	"true false null in as break const continue else for function if import let loop package namespace return var void while".split(
		" ",
	);

function identifierProblems(name: unknown, at: string): readonly Problem[] {
	if (typeof name !== "string" || name.trim() === "") return [required(at, "name is not specified")];
	if (/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !RESERVED.includes(name)) return [];
	return [invalid(at, name, "must be a valid CEL identifier")];
}

function wordProblems(said: unknown, words: readonly string[], at: string): readonly Problem[] {
	return said === undefined || words.includes(String(said)) ? [] : [notSupported(at, said, words)];
}

function blankProblems(said: unknown, at: string): readonly Problem[] {
	if (typeof said !== "string" || said === "" || said.trim() !== "") return [];
	return [invalid(at, said, "must be non-empty if specified")];
}
