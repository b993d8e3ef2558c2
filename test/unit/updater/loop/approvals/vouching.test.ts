import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";
import {
	APPROVALS_POLICY,
	SETTLING_MS,
	VOUCHED_MS_MAX,
	vouching,
} from "../../../../../src/updater/loop/approvals/vouching.ts";

const shipped = parseAllDocuments(
	readFileSync(join(import.meta.dirname, "../../../../../deploy/updater/approvals.yaml"), "utf8"),
).map((document) => document.toJS() as KubeObject);
const at = "2027-01-04T10:00:00Z";
const signal = new AbortController().signal;

/** As the API server answers it: with its own defaults. */
const served = (kind: string): KubeObject => {
	const object = structuredClone(shipped.find((one) => one.kind === kind)) as KubeObject & { spec: object };
	const matchConstraints = (object.spec as { matchConstraints?: object }).matchConstraints;
	if (matchConstraints !== undefined)
		Object.assign(matchConstraints, { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} });
	return { ...object, metadata: { ...object.metadata, creationTimestamp: at } };
};
const policy = () => served("ValidatingAdmissionPolicy");
const binding = () => served("ValidatingAdmissionPolicyBinding");
const changed = (object: KubeObject, spec: object): KubeObject => ({
	...object,
	spec: { ...(object.spec as object), ...spec },
});
const constraints = (change: object) => ({
	matchConstraints: { ...(policy().spec as { matchConstraints: object }).matchConstraints, ...change },
});

const asked = async (given: KubeObject | undefined, bound: KubeObject | undefined) => {
	const names: string[] = [];
	const vouched = await vouching({
		admissionPolicy: async (name) => {
			names.push(name);
			return given;
		},
		admissionPolicyBinding: async (name) => {
			names.push(name);
			return bound;
		},
		now: () => 0,
	})(signal);
	expect(names).toEqual([APPROVALS_POLICY, APPROVALS_POLICY]);
	return vouched;
};

test("what is shipped vouches, from the moment when both are obeyed", async () => {
	const later = { ...binding(), metadata: { ...binding().metadata, creationTimestamp: "2027-01-04T10:00:05Z" } };
	expect(await asked(policy(), later)).toEqual({ ok: true, since: Date.parse("2027-01-04T10:00:05Z") + SETTLING_MS });
});

test.each<[string, KubeObject | undefined, KubeObject | undefined, string]>([
	["no policy", undefined, binding(), "ValidatingAdmissionPolicy haldane-image-approvals is missing"],
	["no binding", policy(), undefined, "ValidatingAdmissionPolicyBinding haldane-image-approvals is missing"],
	["one that goes", { ...policy(), metadata: { ...policy().metadata, deletionTimestamp: at } }, binding(), "deleted"],
	["one that lets be", changed(policy(), { failurePolicy: "Ignore" }), binding(), "something else"],
	["no rules", changed(policy(), { validations: [] }), binding(), "something else"],
	["another rule", changed(policy(), { validations: [{ expression: "true" }] }), binding(), "something else"],
	["a condition", changed(policy(), { matchConditions: [{ name: "a", expression: "false" }] }), binding(), "something"],
	[
		"parameters",
		changed(policy(), { paramKind: { apiVersion: "v1", kind: "ConfigMap" } }),
		binding(),
		"something else",
	],
	[
		"some namespaces",
		changed(policy(), constraints({ namespaceSelector: { matchLabels: { a: "b" } } })),
		binding(),
		"something",
	],
	[
		"some objects",
		changed(policy(), constraints({ objectSelector: { matchLabels: { a: "b" } } })),
		binding(),
		"something else",
	],
	["other resources", changed(policy(), constraints({ resourceRules: [] })), binding(), "something else"],
	["exceptions", changed(policy(), constraints({ excludeResourceRules: [{}] })), binding(), "something else"],
	["one that only warns", policy(), changed(binding(), { validationActions: ["Warn"] }), "does not deny"],
	["another's binding", policy(), changed(binding(), { policyName: "other" }), "does not deny"],
	["a binding for some", policy(), changed(binding(), { matchResources: {} }), "does not deny"],
])("with %s nothing counts", async (_what, given, bound, why) => {
	const vouched = await asked(given, bound);
	expect(vouched.ok).toBe(false);
	const { problem } = vouched as { readonly problem: string };
	expect(problem).toContain(why);
	expect(problem).toMatch(/^approvals do not count: .*deploy\/updater$/);
});

describe("asking", () => {
	test("is done once a minute at most", async () => {
		let now = 0;
		let count = 0;
		let given: KubeObject | undefined;
		const ask = vouching({
			admissionPolicy: async () => {
				count += 1;
				return given;
			},
			admissionPolicyBinding: async () => binding(),
			now: () => now,
		});
		expect((await ask(signal)).ok).toBe(false);
		given = policy();
		now = VOUCHED_MS_MAX - 1;
		expect((await ask(signal)).ok).toBe(false);
		expect(count).toBe(1);
		now = VOUCHED_MS_MAX;
		expect((await ask(signal)).ok).toBe(true);
		expect(count).toBe(2);
	});

	test("without the right says so, and nothing counts", async () => {
		const ask = vouching({
			admissionPolicy: () => Promise.reject(new Error("no right to get it")),
			admissionPolicyBinding: async () => binding(),
			now: () => 0,
		});
		const problem = expect.stringMatching(/cannot be seen \(no right to get it\).*deploy\/updater/);
		expect(await ask(signal)).toEqual({ ok: false, problem });
	});
});
