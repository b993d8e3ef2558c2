import { describe, expect, test } from "vitest";
import { customResourceDefinitions as definitions } from "../../../../src/api/crd.ts";
import { deployed } from "../../../support/operator/people.ts";
import { createTestServer, type TestServer } from "../api-server/stand-in.ts";
import { binding, MAPS, policy, serverWith, write } from "./support.ts";

type Headers = Readonly<Record<string, string>>;

const whoami = ({ send }: TestServer, headers: Headers) =>
	send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, headers).body;

describe("who asks", () => {
	test.each<readonly [string, Headers, object]>([
		["whoever has the token", {}, { username: "sandbox-admin", groups: ["system:masters", "system:authenticated"] }],
		["somebody else", { "impersonate-user": "ada" }, { username: "ada", groups: ["system:authenticated"] }],
		[
			"somebody else in groups",
			{ "impersonate-user": "ada", "impersonate-group": "dev, ops", "impersonate-uid": "7" },
			{ username: "ada", uid: "7", groups: ["dev", "ops", "system:authenticated"] },
		],
		[
			"a service account",
			{ "impersonate-user": "system:serviceaccount:shop:bot" },
			{
				username: "system:serviceaccount:shop:bot",
				groups: ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
			},
		],
		[
			"nobody",
			{ "impersonate-user": "system:anonymous" },
			{ username: "system:anonymous", groups: ["system:unauthenticated"] },
		],
		[
			"somebody with more to say",
			{ "impersonate-user": "ada", "impersonate-extra-a%2fb": "1" },
			{ username: "ada", groups: ["system:authenticated"], extra: { "a/b": ["1"] } },
		],
	])("%s", (_name, headers, user) => {
		expect(whoami(createTestServer(), headers).status).toEqual({ userInfo: user });
	});

	test("is refused where only groups are named", () => {
		expect(whoami(createTestServer(), { "impersonate-group": "dev" })).toMatchObject({ code: 500 });
	});

	test("is told to policies", () => {
		const expression = "request.userInfo.username == 'ada' && 'dev' in request.userInfo.groups";
		const { send } = serverWith(policy({ validations: [{ expression }] }), binding());
		const ada = { "impersonate-user": "ada", "impersonate-group": "dev" };
		expect(send("POST", MAPS, { metadata: { name: "one" } }).status).toBe(422);
		expect(send("POST", MAPS, { metadata: { name: "one" } }, ada).status).toBe(201);
		expect(send("DELETE", `${MAPS}/one`).status).toBe(422);
		expect(send("DELETE", `${MAPS}/one`, undefined, ada).status).toBe(200);
	});
});

describe("Haldane's own policy", () => {
	const path = "/apis/haldane.dev/v1beta1/namespaces/default/imageapprovals";
	const approval = (user: string, decision = "approve") => ({
		...{ apiVersion: "haldane.dev/v1beta1", kind: "ImageApproval", metadata: { name: "one", namespace: "default" } },
		spec: {
			image: "example.com/web:1",
			digest: `sha256:${"0".repeat(64)}`,
			workload: { kind: "Deployment", name: "web" },
			...{ decision, user },
		},
	});
	const ada = { "impersonate-user": "ada" };

	function server(): TestServer {
		const made = serverWith();
		for (const definition of definitions()) made.api.create(definition);
		for (const object of deployed(
			"updater/approvals.yaml",
			"ValidatingAdmissionPolicy",
			"ValidatingAdmissionPolicyBinding",
		)) {
			expect(write(made, object as never).status).toBe(201);
		}
		return made;
	}

	test("lets nobody speak for another", () => {
		const { send } = server();
		expect(send("POST", path, approval("ada"))).toMatchObject({
			status: 403,
			body: {
				message:
					"imageapprovals.haldane.dev \"one\" is forbidden: ValidatingAdmissionPolicy 'haldane-image-approvals' with binding 'haldane-image-approvals' denied request: spec.user must be sandbox-admin, the user that creates it",
			},
		});
		expect(send("POST", path, approval("ada"), ada).status).toBe(201);
	});

	test("lets nobody change what was said", () => {
		const { send } = server();
		send("POST", path, approval("ada"), ada);
		const merge = { ...ada, "content-type": "application/merge-patch+json" };
		expect(send("PATCH", `${path}/one`, { metadata: { labels: { a: "b" } } }, merge).status).toBe(200);
		expect(send("PATCH", `${path}/one`, { spec: { decision: "reject" } }, merge).status).toBe(422);
	});
});
