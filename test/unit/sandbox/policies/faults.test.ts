import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/sandbox/contract.ts";
import { binding, policy, serverWith, write, writing } from "./support.ts";

const valid = { validations: [{ expression: "true" }] };
const ruled = (more: Json): Json => ({
	...valid,
	matchConstraints: { resourceRules: [writing(["configmaps"], more)] },
});
const asked = (expression: string, more: Json = {}): Json => ({ validations: [{ expression, ...more }] });

/** Each fault by its field, or undefined where there is none. */
function faultsOf(object: Json): unknown {
	const { body } = write(serverWith(), object);
	const causes: readonly { readonly field: string; readonly message: string }[] | undefined = body.details?.causes;
	return causes?.map(({ field, message }) => `${field}: ${message}`);
}

describe("a policy", () => {
	test.each<readonly [string, Json, readonly string[] | undefined]>([
		["without faults", valid, undefined],
		["that looks at nothing", { ...valid, matchConstraints: undefined }, ["spec.matchConstraints: Required value"]],
		["without a rule", { ...valid, matchConstraints: {} }, ["spec.matchConstraints.resourceRules: Required value"]],
		[
			"that asks nothing",
			{},
			["validations", "auditAnnotations"].map(
				(field) => `spec.${field}: Required value: validations or auditAnnotations must contain at least one item`,
			),
		],
		[
			"with parameters",
			{ ...valid, paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
			["spec.paramKind: Forbidden: this server knows no parameters of policies"],
		],
		[
			"for any resource and others",
			ruled({ resources: ["*", "pods"] }),
			[
				'spec.matchConstraints.resourceRules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
			],
		],
		[
			"for no version",
			ruled({ apiVersions: [] }),
			["spec.matchConstraints.resourceRules[0].apiVersions: Required value"],
		],
		[
			"with a name that it does not know",
			asked("objects.a == 1 || params.b"),
			[
				"spec.validations[0].expression: Invalid value: \"objects.a == 1 || params.b\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objects' (in container '')\n | objects.a == 1 || params.b\n | ^",
			],
		],
		[
			"with a field that no request has, in its second line",
			asked("true &&\n  request.user == 'a'"),
			[
				"spec.validations[0].expression: Invalid value: \"true &&\\n  request.user == 'a'\": compilation failed: ERROR: <input>:2:10: undefined field 'user'\n |   request.user == 'a'\n | .........^",
			],
		],
		[
			"with a variable that it does not have",
			{ variables: [{ name: "a", expression: "1" }], ...asked("variables.b") },
			[
				"spec.validations[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^",
			],
		],
		[
			"whose answer is no yes or no",
			asked("1 + 1"),
			['spec.validations[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int'],
		],
		[
			"whose message is no text",
			asked("true", { messageExpression: "1" }),
			['spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int'],
		],
		[
			"with a reason that no client knows",
			asked("true", { reason: "Tired" }),
			[
				'spec.validations[0].reason: Unsupported value: "Tired": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
			],
		],
		[
			"with a condition twice",
			{
				...valid,
				matchConditions: [
					{ name: "a", expression: "true" },
					{ name: "a", expression: "true" },
				],
			},
			['spec.matchConditions[1].name: Duplicate value: "a"'],
		],
		[
			"with a variable whose name means something else",
			{ ...valid, variables: [{ name: "in", expression: "1" }] },
			['spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier'],
		],
	])("%s", (_name, spec, faults) => {
		expect(faultsOf(policy(spec))).toEqual(faults);
	});

	test("is filled in", () => {
		const { body } = write(serverWith(), policy(valid));
		expect(body).toMatchObject({
			metadata: { generation: 1 },
			spec: {
				failurePolicy: "Fail",
				matchConstraints: {
					...{ matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} },
					resourceRules: [{ scope: "*" }],
				},
			},
			status: { observedGeneration: 1, typeChecking: {} },
		});
	});
});

describe("a binding", () => {
	test.each<readonly [string, Json, readonly string[] | undefined]>([
		["without faults", {}, undefined],
		["of no policy", { policyName: undefined }, ["spec.policyName: Required value"]],
		[
			"that does nothing",
			{ validationActions: [] },
			["spec.validationActions: Required value: at least one validation action is required"],
		],
		[
			"that does something twice",
			{ validationActions: ["Audit", "Audit"] },
			['spec.validationActions[1]: Duplicate value: "Audit"'],
		],
		[
			"with parameters",
			{ paramRef: { name: "a", parameterNotFoundAction: "Deny" } },
			["spec.paramRef: Forbidden: this server knows no parameters of policies"],
		],
	])("%s", (_name, spec, faults) => {
		expect(faultsOf(binding(spec))).toEqual(faults);
	});
});
