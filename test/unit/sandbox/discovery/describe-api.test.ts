import { describe, expect, test } from "vitest";
import { Refusal } from "../../../../src/sandbox/contract.ts";
import { describeApi } from "../../../../src/sandbox/discovery/describe-api.ts";
import { byVersionPriority } from "../../../../src/sandbox/discovery/versions.ts";
import { createWire, wireTypes } from "../../../../src/sandbox/protobuf/wire.ts";
import { kinds, pod, served } from "./kinds.ts";

const aggregated = (version: string) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

function ask(path: string, accept = "application/json") {
	const answer = describeApi(kinds, { path, accept });
	return answer && { ...answer, body: JSON.parse(String(answer.body)) };
}

function codeOf(path: string, accept = ""): number | undefined {
	try {
		describeApi(kinds, { path, accept });
	} catch (error) {
		if (error instanceof Refusal) return error.code;
		throw error;
	}
	return undefined;
}

type Message = ReadonlyMap<number, readonly Buffer[]>;

/** The fields of a message in protobuf that are texts or messages. */
function messageIn(bytes: Buffer | undefined): Message {
	const fields = new Map<number, Buffer[]>();
	const wire = createWire(bytes ?? Buffer.alloc(0));
	while (!wire.isAtEnd()) {
		const { number, type } = wire.key();
		if (type === wireTypes.bytes) fields.set(number, [...(fields.get(number) ?? []), wire.bytes()]);
		else wire.skip(type);
	}
	return fields;
}

function messagesIn(message: Message, number: number): readonly Message[] {
	return (message.get(number) ?? []).map(messageIn);
}

function textsIn(message: Message | undefined, number: number): readonly string[] {
	return (message?.get(number) ?? []).map(String);
}

describe("discovery", () => {
	test("is a server of 1.34.4", () => {
		expect(ask("/version")?.body).toMatchObject({ gitVersion: "v1.34.4", major: "1", minor: "34" });
	});

	test("knows the versions of the core group", () => {
		expect(ask("/api")?.body).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
	});

	test("lists groups without the core group, the preferred version first", () => {
		const groups = ask("/apis/")?.body.groups;
		expect(groups.map(({ name }: { name: string }) => name)).toEqual(["apps", "ex.dev"]);
		expect(groups[1].preferredVersion).toEqual({ groupVersion: "ex.dev/v10", version: "v10" });
		expect(ask("/apis/ex.dev")?.body).toEqual({ kind: "APIGroup", apiVersion: "v1", ...groups[1] });
	});

	test("orders versions by stability, then by number", () => {
		const ordered = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "bar", "foo10"];
		expect(ordered.toReversed().sort(byVersionPriority)).toEqual(ordered);
	});

	test("lists resources and what is below them", () => {
		expect(ask("/api/v1")?.body.resources[0]).toMatchObject({
			...{ name: "pods", singularName: "pod", namespaced: true, kind: "Pod", shortNames: ["po"], categories: ["all"] },
			verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
		});
		expect(ask("/api/v1")?.body.resources.slice(1)).toMatchObject([
			{ name: "pods/status", kind: "Pod", verbs: ["get", "patch", "update"] },
			{ name: "pods/log", kind: "Pod", verbs: ["get"] },
			{ name: "pods/eviction", group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
			{ name: "nodes", namespaced: false },
		]);
	});

	test("hashes where a kind is stored as the API server does", () => {
		const body = ask("/apis/ex.dev/v1")?.body;
		expect(body).toMatchObject({ apiVersion: "v1", groupVersion: "ex.dev/v1" });
		expect(body.resources[0].storageVersionHash).toBe("0jtGW4qfiyk=");
	});

	test.each(["v2", "v2beta1"])("tells everything at once in %s", (version) => {
		const answer = ask("/apis", `${aggregated(version)},application/json`);
		expect(answer?.contentType).toBe(aggregated(version));
		expect(answer?.etag).toMatch(/^"[0-9A-F]{128}"$/);
		expect(answer?.body).toMatchObject({
			...{ kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}` },
			items: [{ metadata: { name: "apps" } }, { metadata: { name: "ex.dev" } }],
		});
		expect(answer?.body.items[0].versions[0]).toEqual({
			...{ version: "v1", freshness: "Current" },
			resources: [
				{
					...{ resource: "deployments", scope: "Namespaced", singularResource: "deployment", shortNames: ["deploy"] },
					responseKind: { group: "apps", version: "v1", kind: "Deployment" },
					verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
					subresources: [
						{
							...{ subresource: "status", verbs: ["get", "patch", "update"] },
							responseKind: { group: "apps", version: "v1", kind: "Deployment" },
						},
						{
							...{ subresource: "scale", verbs: ["get", "patch", "update"] },
							responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
						},
					],
				},
			],
		});
	});

	test("gives the plain list to who cannot read any other", () => {
		expect(ask("/apis", `${aggregated("v9")},application/json;q=0.5`)?.body.kind).toBe("APIGroupList");
	});

	test.each([
		["resources", "/api/v1/pods"],
		["resources of a group", "/apis/apps/v1/deployments"],
		["another server's paths", "/healthz"],
	])("leaves %s to others", (_name, path) => {
		expect(describeApi(kinds, { path, accept: "" })).toBeUndefined();
	});

	test.each([
		["a group that is not there", "/apis/nope", "", 404],
		["a version that is not there", "/apis/apps/v9", "", 404],
		["a document of a version that is not there", "/openapi/v3/apis/nope/v1", "", 404],
		["who takes no JSON", "/apis", "text/csv", 406],
		["who takes only another protobuf", "/openapi/v2", "application/vnd.kubernetes.protobuf", 406],
	])("refuses %s", (_name, path, accept, code) => {
		expect(codeOf(path, accept)).toBe(code);
	});

	test("only creates what asks a question", () => {
		const review = served("authorization.k8s.io/v1", "SubjectAccessReview");
		const answer = describeApi([review], { path: "/apis/authorization.k8s.io/v1", accept: "" });
		expect(JSON.parse(String(answer?.body)).resources).toMatchObject([{ verbs: ["create"] }]);
	});
});

describe("OpenAPI", () => {
	test("has an index whose hashes are those of the documents", () => {
		const { paths } = ask("/openapi/v3")?.body ?? {};
		expect(Object.keys(paths).slice(0, 2)).toEqual(["api/v1", "apis/apps/v1"]);
		const document = describeApi(kinds, { path: "/openapi/v3/api/v1", accept: "" });
		expect(paths["api/v1"].serverRelativeURL).toBe(`/openapi/v3/api/v1?hash=${document?.etag?.replaceAll('"', "")}`);
	});

	test("refers to named schemas and walks circles once", () => {
		const { schemas } = ask("/openapi/v3/api/v1")?.body.components ?? {};
		expect(schemas["io.k8s.test.Pod"]).toEqual({
			...{ type: "object", description: "A pod." },
			properties: {
				spec: {
					...{ description: "What runs.", default: {} },
					allOf: [{ $ref: "#/components/schemas/io.k8s.test.PodSpec" }],
				},
				endless: { $ref: "#/components/schemas/io.k8s.test.Endless" },
			},
			"x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Pod" }],
		});
		expect(schemas["io.k8s.test.Endless"].properties).toEqual({
			inner: { $ref: "#/components/schemas/io.k8s.test.Endless" },
		});
		expect(schemas["io.k8s.test.PodSpec"].properties.containers).toMatchObject({
			"x-kubernetes-list-map-keys": ["name"],
		});
	});

	test("says of Kubernetes' own kinds what Kubernetes publishes of them", () => {
		const { schemas } = ask("/openapi/v3/apis/apps/v1")?.body.components ?? {};
		expect(schemas["io.k8s.api.apps.v1.Deployment"]).toMatchObject({
			description: expect.stringMatching(/^Deployment enables /),
			"x-kubernetes-group-version-kind": [{ group: "apps", kind: "Deployment", version: "v1" }],
		});
		const { required, properties } = schemas["io.k8s.api.core.v1.Container"];
		expect(required).toEqual(["name"]);
		expect(properties.imagePullPolicy.enum).toEqual(["Always", "IfNotPresent", "Never"]);
		expect(schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"].oneOf).toEqual([
			...[{ type: "string" }, { type: "number" }],
		]);
		expect(schemas["io.k8s.api.apps.v1.DeploymentList"].properties.items.items.allOf).toEqual([
			{ $ref: "#/components/schemas/io.k8s.api.apps.v1.Deployment" },
		]);
	});

	test("tells kubectl that a patch can be tried and checked", () => {
		const patch =
			ask("/openapi/v3/apis/apps/v1")?.body.paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"].patch;
		expect(patch["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "Deployment" });
		expect(patch["x-kubernetes-action"]).toBe("patch");
		const names = patch.parameters.map(({ name }: { name: string }) => name);
		expect(names).toEqual(["dryRun", "fieldManager", "fieldValidation", "force"]);
	});

	test("refers to nothing that is not there", () => {
		for (const [path, prefix] of [
			["/openapi/v3/api/v1", "components.schemas"],
			["/openapi/v3/apis/apps/v1", "components.schemas"],
			["/openapi/v2", "definitions"],
		] as const) {
			const answer = describeApi(kinds, { path, accept: "" });
			const found = prefix.split(".").reduce((node, field) => node[field], JSON.parse(String(answer?.body)));
			const referred = [...String(answer?.body).matchAll(/"\$ref":"#\/[a-z/]+\/([^"]+)"/g)].map(([, name]) => name);
			expect(referred.length).toBeGreaterThan(0);
			expect(referred.filter((name) => !((name as string) in found))).toEqual([]);
		}
	});

	test("says the same in version 2, without the words that it lacks", () => {
		const { swagger, definitions } = ask("/openapi/v2")?.body ?? {};
		expect(swagger).toBe("2.0");
		expect(definitions["io.k8s.test.Pod"].properties.spec).toEqual({
			...{ description: "What runs.", default: {}, $ref: "#/definitions/io.k8s.test.PodSpec" },
		});
	});

	test("writes version 2 in protobuf for who prefers it", () => {
		const type = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
		const answer = describeApi(kinds, { path: "/openapi/v2", accept: `${type}, application/json;q=0.5` });
		expect(answer?.contentType).toBe(type);
		const document = messageIn(answer?.body as Buffer);
		expect(textsIn(document, 1)).toEqual(["2.0"]);
		const definitions = messagesIn(messageIn(document.get(9)?.[0]), 1);
		const found = definitions.find((definition) => textsIn(definition, 1)[0] === "io.k8s.test.Pod");
		const schema = messageIn(found?.get(2)?.[0]);
		expect(textsIn(schema, 4)).toEqual(["A pod."]);
		expect(textsIn(messageIn(schema.get(22)?.[0]), 1)).toEqual(["object"]);
		const [extension] = messagesIn(schema, 31);
		expect(textsIn(extension, 1)).toEqual(["x-kubernetes-group-version-kind"]);
		expect(JSON.parse(textsIn(messageIn(extension?.get(2)?.[0]), 2)[0] ?? "")).toEqual([
			{ group: "", version: "v1", kind: "Pod" },
		]);
		const [spec] = messagesIn(messageIn(schema.get(25)?.[0]), 1);
		expect(textsIn(spec, 1)).toEqual(["spec"]);
		expect(textsIn(messageIn(spec?.get(2)?.[0]), 1)).toEqual(["#/definitions/io.k8s.test.PodSpec"]);
		const paths = messagesIn(messageIn(document.get(8)?.[0]), 2).flatMap((path) => textsIn(path, 1));
		expect(paths).toEqual(Object.keys(ask("/openapi/v2")?.body.paths));
	});

	test("is written anew when a kind of that version changes", () => {
		const foo = served("ex.dev/v1", "Foo");
		const before = describeApi([pod, foo], { path: "/openapi/v3/apis/ex.dev/v1", accept: "" });
		const changed = { ...foo, schema: { type: "object", description: "New." } } as const;
		const after = describeApi([pod, changed], { path: "/openapi/v3/apis/ex.dev/v1", accept: "" });
		expect(after?.etag).not.toBe(before?.etag);
	});
});
