import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/sandbox/contract.ts";
import type { TestServer } from "../api-server/stand-in.ts";
import { binding, MAPS, MERGE, policy, refusalOf, serverWith, writing } from "./support.ts";

const APPS = "/apis/apps/v1/namespaces/default/deployments";
const PODS = "/api/v1/namespaces/default/pods";
const SCALERS = "autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const DENIED = { expression: "false", message: "no" };

const denying = (matchConstraints: Json) => serverWith(policy({ matchConstraints, validations: [DENIED] }), binding());
const ruled = (rule: Json, more: Json = {}) => denying({ resourceRules: [rule], ...more });

describe("a rule", () => {
	test.each<readonly [string, boolean, Json]>([
		["of any resource", true, writing(["*"])],
		["of any resource and part", true, writing(["*/*"])],
		["of another resource", false, writing(["secrets"])],
		["of a part of it", false, writing(["configmaps/status"])],
		["of all parts and itself", true, writing(["configmaps/*"])],
		["of the core group", true, writing(["configmaps"], { apiGroups: [""] })],
		["of another group", false, writing(["configmaps"], { apiGroups: ["apps"] })],
		["of its version", true, writing(["configmaps"], { apiVersions: ["v1"] })],
		["of another version", false, writing(["configmaps"], { apiVersions: ["v2"] })],
		["of what is made", true, writing(["configmaps"], { operations: ["DELETE", "CREATE"] })],
		["of what is changed", false, writing(["configmaps"], { operations: ["UPDATE"] })],
		["of what is in namespaces", true, writing(["configmaps"], { scope: "Namespaced" })],
		["of what is in none", false, writing(["configmaps"], { scope: "Cluster" })],
		["of its name", true, writing(["configmaps"], { resourceNames: ["two", "one"] })],
		["of another name", false, writing(["configmaps"], { resourceNames: ["two"] })],
	])("%s: %s", (_name, isDenied, rule) => {
		expect(refusalOf(ruled(rule)) !== undefined).toBe(isDenied);
	});

	test.each<readonly [string, boolean, Json]>([
		["that is excluded", false, { excludeResourceRules: [writing(["*"], { resourceNames: ["one"] })] }],
		["while another is excluded", true, { excludeResourceRules: [writing(["*"], { resourceNames: ["two"] })] }],
		["of objects with its labels", true, { objectSelector: { matchLabels: { a: "1" } } }],
		["of objects with other labels", false, { objectSelector: { matchLabels: { a: "2" } } }],
		["of objects by a set", false, { objectSelector: { matchExpressions: [{ key: "a", operator: "DoesNotExist" }] } }],
		["of its namespace", true, { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } }],
		["of another namespace", false, { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "x" } } }],
	])("%s: %s", (_name, isDenied, more) => {
		expect(refusalOf(ruled(writing(["configmaps"]), more), {}, { labels: { a: "1" } }) !== undefined).toBe(isDenied);
	});

	test("looks at labels that are taken off, too", () => {
		const server = ruled(writing(["configmaps"], { operations: ["UPDATE"] }), {
			objectSelector: { matchLabels: { a: "1" } },
		});
		expect(refusalOf(server, {}, { labels: { a: "1" } })).toBeUndefined();
		expect(server.send("PATCH", `${MAPS}/one`, { metadata: { labels: null } }, MERGE).status).toBe(422);
	});
});

const deployment = {
	metadata: { name: "web" },
	spec: {
		replicas: 1,
		selector: { matchLabels: { app: "web" } },
		template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
	},
};
const pod = { metadata: { name: "one" }, spec: { containers: [{ name: "web", image: "web:1" }] } };
const scaler = {
	metadata: { name: "one" },
	spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
};

describe("what is looked at", () => {
	type Send = TestServer["send"];
	const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas: 3 } };

	test.each<readonly [string, Json, string, (send: Send) => unknown, number]>([
		[
			"a scale is a Scale",
			writing(["deployments/scale"]),
			"object.kind == 'Scale' && object.spec.replicas == 3 && oldObject.spec.replicas == 1 && request.kind.kind == 'Scale' && request.resource.resource == 'deployments' && request.subResource == 'scale' && request.operation == 'UPDATE'",
			(send) => [send("POST", APPS, deployment), send("PUT", `${APPS}/web/scale`, scale)],
			200,
		],
		[
			"a status is the whole object",
			writing(["deployments/status"]),
			"object.kind == 'Deployment' && object.status.replicas == 5 && request.subResource == 'status'",
			(send) => [
				send("POST", APPS, deployment),
				send("PATCH", `${APPS}/web/status`, { status: { replicas: 5 } }, MERGE),
			],
			200,
		],
		[
			"an eviction is made",
			writing(["pods/eviction"]),
			"request.operation == 'CREATE' && object.kind == 'Eviction' && oldObject == null",
			(send) => [
				send("POST", PODS, pod),
				send("POST", `${PODS}/one/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "one" } }),
			],
			201,
		],
		[
			"a binding is made",
			writing(["pods/binding"]),
			"request.operation == 'CREATE' && object.target.name == 'node-1'",
			(send) => [
				send("POST", PODS, pod),
				send("POST", `${PODS}/one/binding`, { metadata: { name: "one" }, target: { kind: "Node", name: "node-1" } }),
			],
			201,
		],
		[
			"a deletion has nothing new",
			writing(["configmaps"], { operations: ["DELETE"] }),
			"request.operation == 'DELETE' && object == null && oldObject.data.size == '1'",
			(send) => [send("POST", MAPS, { metadata: { name: "one" }, data: { size: "1" } }), send("DELETE", `${MAPS}/one`)],
			200,
		],
		[
			"a change that changes nothing",
			writing(["configmaps"], { operations: ["UPDATE"] }),
			"object == oldObject && request.operation == 'UPDATE'",
			(send) => [send("POST", MAPS, { metadata: { name: "one" } }), send("PATCH", `${MAPS}/one`, {}, MERGE)],
			200,
		],
		[
			"a namespace is in itself",
			writing(["namespaces"], { operations: ["CREATE"], scope: "Cluster" }),
			"request.namespace == 'shop' && namespaceObject == null",
			(send) => [send("POST", "/api/v1/namespaces", { metadata: { name: "shop" } })],
			201,
		],
		[
			"what is in no namespace",
			writing(["clusterroles"]),
			"!has(request.namespace) && namespaceObject == null",
			(send) => [
				send("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { metadata: { name: "one" }, rules: [] }),
			],
			201,
		],
		[
			"another version is the one that was asked for",
			writing(["horizontalpodautoscalers"], { apiVersions: ["v2"] }),
			"object.apiVersion == 'autoscaling/v2' && request.resource.version == 'v2' && request.requestResource.version == 'v1' && request.kind.version == 'v2' && request.requestKind.version == 'v1'",
			(send) => [send("POST", `/apis/${SCALERS}`, scaler)],
			201,
		],
		[
			"a dry run is one",
			writing(["configmaps"]),
			"request.dryRun",
			(send) => [send("POST", `${MAPS}?dryRun=All`, { metadata: { name: "one" } })],
			201,
		],
	])("%s", (_name, rule, expression, act, status) => {
		const constraints = { matchConstraints: { resourceRules: [rule] } };
		const last = (expressions: readonly Json[]) => {
			const { send } = serverWith(policy({ ...constraints, validations: expressions }), binding());
			return (act(send) as readonly ReturnType<Send>[]).at(-1);
		};
		expect(last([{ expression, message: "it is not" }])).toMatchObject({ status });
		expect(last([DENIED])).toMatchObject({ status: 422 });
	});

	test("is not another version, where it is to be exactly that one", () => {
		const rule = writing(["horizontalpodautoscalers"], { apiVersions: ["v2"] });
		const { send } = ruled(rule, { matchPolicy: "Exact" });
		expect(send("POST", `/apis/${SCALERS}`, scaler).status).toBe(201);
		expect(send("POST", `/apis/${SCALERS}`.replace("v1", "v2"), scaler).status).toBe(422);
	});

	test("is each object of many that are deleted", () => {
		const { send } = ruled(writing(["configmaps"], { operations: ["DELETE"], resourceNames: ["one"] }));
		for (const name of ["one", "two"]) send("POST", MAPS, { metadata: { name } });
		expect(send("DELETE", MAPS).status).toBe(422);
		expect(send("GET", `${MAPS}/one`).status).toBe(200);
	});

	test("is an apply that makes something", () => {
		const { send } = ruled(writing(["configmaps"], { operations: ["CREATE"] }));
		const apply = { "content-type": "application/apply-patch+yaml" };
		const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } };
		expect(send("PATCH", `${MAPS}/one?fieldManager=me`, map, apply).status).toBe(422);
	});

	test("are no policies, so that whoever made a mistake can mend it", () => {
		const { send } = ruled(writing(["*/*"]));
		const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/p";
		expect(send("POST", MAPS, { metadata: { name: "one" } }).status).toBe(422);
		expect(send("DELETE", path).status).toBe(200);
	});

	test("is what the sandbox's own parts write, by the name of a controller", () => {
		const expression = "request.userInfo.username == 'system:kube-controller-manager'";
		const { api, send } = serverWith(policy({ validations: [{ expression, message: "no" }] }), binding());
		const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } };
		expect(send("POST", MAPS, map).status).toBe(422);
		expect(api.create(map).metadata.name).toBe("one");
		const { api: other } = ruled(writing(["configmaps"]));
		expect(() => other.create(map)).toThrow("denied request: no");
	});
});
