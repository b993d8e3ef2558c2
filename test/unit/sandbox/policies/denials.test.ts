import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/sandbox/contract.ts";
import { binding, MAPS, MERGE, policy, refusalOf, serverWith, writing } from "./support.ts";

const said = (message: string) =>
	`configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;
const loop = (depth: number): string => (depth === 0 ? "true" : `object.data.all(k${depth}, ${loop(depth - 1)})`);
const error = (expression: string, why: string) => said(`expression '${expression}' resulted in error: ${why}`);
const validating = (...validations: readonly Json[]): Json => ({ validations });

describe("an expression", () => {
	test.each<readonly [string, Json, string | undefined]>([
		["that is true", validating({ expression: "object.data.size == '1'" }), undefined],
		[
			"that is false",
			validating({ expression: "object.data.size == '2' " }),
			said("failed expression: object.data.size == '2'"),
		],
		["with a message", validating({ expression: "false", message: " no \t" }), said("no")],
		[
			"with a message that is an expression",
			validating({ expression: "false", message: "no", messageExpression: "'not ' + object.data.size" }),
			said("not 1"),
		],
		[
			"whose message has several lines",
			validating({ expression: "false", message: "no", messageExpression: "'a\\nb'" }),
			said("no"),
		],
		[
			"whose message can't be told",
			validating({ expression: "false", message: "no", messageExpression: "object.data.colour" }),
			said("no"),
		],
		[
			"whose message is empty",
			validating({ expression: "false", messageExpression: "' '" }),
			said("failed expression: false"),
		],
		[
			"that can't be asked",
			validating({ expression: "object.data.colour == 'red'" }),
			error("object.data.colour == 'red'", "no such key: colour"),
		],
		[
			"that can't be asked, where that is to be ignored",
			{ failurePolicy: "Ignore", ...validating({ expression: "object.data.colour == 'red'" }) },
			undefined,
		],
		[
			"that comes to no answer",
			validating({ expression: "object.data.size" }),
			said("failed expression: object.data.size"),
		],
		[
			"after one that is true",
			validating({ expression: "true" }, { expression: "false", message: "second" }),
			said("second"),
		],
		[
			"before one that is false",
			validating({ expression: "false", message: "first" }, { expression: "false" }),
			said("first"),
		],
		["about what was", validating({ expression: "oldObject == null" }), undefined],
		[
			"about the request",
			validating({
				expression:
					"request.operation == 'CREATE' && request.name == 'one' && request.namespace == 'default' && !request.dryRun && request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.resource.group == '' && !has(request.subResource)",
			}),
			undefined,
		],
		[
			"about who asks",
			validating({
				expression: "request.userInfo.username == 'sandbox-admin' && 'system:masters' in request.userInfo.groups",
			}),
			undefined,
		],
		[
			"about the namespace",
			validating({
				expression: "namespaceObject.metadata.name == 'default' && !has(namespaceObject.metadata.managedFields)",
			}),
			undefined,
		],
		[
			"with variables, one of another",
			{
				variables: [
					{ name: "size", expression: "int(object.data.size)" },
					{ name: "twice", expression: "variables.size * 2" },
				],
				...validating({ expression: "variables.twice == 2 && variables.size == 1" }),
			},
			undefined,
		],
		[
			"with a variable that can't be told",
			{
				variables: [{ name: "colour", expression: "object.data.colour" }],
				...validating({ expression: "variables.colour == 'red'" }),
			},
			error("variables.colour == 'red'", 'composited variable "colour" fails to evaluate: no such key: colour'),
		],
		[
			"that doesn't need the variable that can't be told",
			{
				variables: [{ name: "colour", expression: "object.data.colour" }],
				...validating({ expression: "true || variables.colour == 'red'" }),
			},
			undefined,
		],
		[
			"with a variable that needs itself",
			{ variables: [{ name: "x", expression: "variables.x" }], ...validating({ expression: "variables.x == 1" }) },
			error(
				"variables.x == 1",
				'composited variable "x" fails to evaluate: composited variable "x" fails to evaluate: it needs itself',
			),
		],
		[
			"with conditions that are met",
			{
				matchConditions: [{ name: "a", expression: "has(object.data.size)" }],
				...validating({ expression: "false", message: "no" }),
			},
			said("no"),
		],
		[
			"with a condition that isn't met",
			{
				matchConditions: [
					{ name: "a", expression: "object.data.colour == 'red'" },
					{ name: "b", expression: "false" },
				],
				...validating({ expression: "false" }),
			},
			undefined,
		],
		[
			"with a condition that can't be asked",
			{
				matchConditions: [
					{ name: "a", expression: "true" },
					{ name: "b", expression: "object.data.colour == 'red'" },
				],
				...validating({ expression: "true" }),
			},
			error("object.data.colour == 'red'", "no such key: colour"),
		],
		[
			"with a condition that can't be asked, where that is to be ignored",
			{
				failurePolicy: "Ignore",
				matchConditions: [{ name: "b", expression: "object.data.colour == 'red'" }],
				...validating({ expression: "false" }),
			},
			undefined,
		],
		[
			"in an annotation of the audit log",
			{ auditAnnotations: [{ key: "colour", valueExpression: "object.data.colour" }] },
			error("object.data.colour", "no such key: colour"),
		],
	])("%s", (_name, spec, refusal) => {
		expect(refusalOf(serverWith(policy(spec), binding()), { size: "1" })).toBe(refusal);
	});

	test("takes no more steps than it may, in whichever way its loops are in one another", () => {
		const data = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, ""]));
		const refusals = [loop(3), loop(5), `cel.bind(x, object.data, ${loop(5)})`].map((expression) =>
			refusalOf(serverWith(policy(validating({ expression })), binding()), data),
		);
		expect(refusals.map((refusal) => refusal?.replace(/.* resulted in error: /, ""))).toEqual([
			undefined,
			"operation cancelled: actual cost limit exceeded",
			"operation cancelled: actual cost limit exceeded",
		]);
	});
});

test.each([
	[undefined, 422, "Invalid"],
	["Invalid", 422, "Invalid"],
	["Forbidden", 403, "Forbidden"],
	["RequestEntityTooLarge", 413, "RequestEntityTooLarge"],
])("the reason %s is answered with %d", (reason, status, told) => {
	const validation = { expression: "false", message: "no", ...(reason === undefined ? {} : { reason }) };
	const { send } = serverWith(policy(validating(validation)), binding());
	const answer = send("POST", MAPS, { metadata: { name: "one" } });
	expect(answer).toMatchObject({
		status,
		body: {
			...{ reason: told, code: status, message: said("no") },
			details: { name: "one", kind: "configmaps", causes: [{ message: said("no").replace(/^.* forbidden: /, "") }] },
		},
	});
});

describe("a binding", () => {
	const denying = policy(validating({ expression: "false", message: "no" }));
	const warning = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no";

	test.each<readonly [string, Json, string | undefined, readonly string[]]>([
		["denies", { validationActions: ["Deny"] }, said("no"), []],
		["warns", { validationActions: ["Warn"] }, undefined, [`299 - "${warning}"`]],
		["writes to the audit log alone", { validationActions: ["Audit"] }, undefined, []],
		["of another policy", { policyName: "q" }, undefined, []],
		["for other resources", { matchResources: { resourceRules: [writing(["secrets"])] } }, undefined, []],
		["for these resources", { matchResources: { resourceRules: [writing(["configmaps"])] } }, said("no"), []],
		["for all resources", { matchResources: {} }, said("no"), []],
		["for other namespaces", { matchResources: { namespaceSelector: { matchLabels: { a: "b" } } } }, undefined, []],
	])("%s", (_name, spec, refusal, warnings) => {
		const { send } = serverWith(denying, binding(spec));
		const { body, headers } = send("POST", MAPS, { metadata: { name: "one" } });
		expect([body.message, headers.warning ?? []]).toEqual([refusal, warnings]);
	});

	test("that denies tells nothing of the warnings of others", () => {
		const { send } = serverWith(denying, binding({ validationActions: ["Warn"] }, "a"), binding());
		expect(send("POST", MAPS, { metadata: { name: "one" } })).toMatchObject({
			status: 422,
			body: { message: said("no") },
		});
	});

	test("without a policy denies nothing, and no policy does without a binding", () => {
		expect(refusalOf(serverWith(binding()))).toBeUndefined();
		expect(refusalOf(serverWith(denying))).toBeUndefined();
	});
});

test("a policy is obeyed as it is now", () => {
	const server = serverWith(policy(validating({ expression: "object.data.size == '1'" })), binding());
	const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/p";
	expect(refusalOf(server, { size: "2" })).toContain("failed expression");
	const patch = { spec: { validations: [{ expression: "object.data.size == '2'" }] } };
	expect(server.send("PATCH", path, patch, MERGE).body).toMatchObject({
		metadata: { generation: 2 },
		status: { observedGeneration: 2 },
	});
	expect(refusalOf(server, { size: "1" })).toContain("failed expression");
	expect(server.send("DELETE", path).status).toBe(200);
	expect(refusalOf(server, { size: "1" })).toBeUndefined();
});
