import { rules } from "../../../../src/sandbox/api-rules.ts";
import type { Json } from "../../../../src/sandbox/contract.ts";
import { createTestServer, type TestServer } from "../api-server/stand-in.ts";

export const GROUP = "admissionregistration.k8s.io/v1";
export const MAPS = "/api/v1/namespaces/default/configmaps";
export const MERGE = { "content-type": "application/merge-patch+json" };

/** A rule that looks at every way to write those resources. */
export const writing = (resources: readonly string[], more: Json = {}): Json => ({
	...{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources },
	...more,
});

export const policy = (spec: Json, name = "p"): Json => ({
	apiVersion: GROUP,
	kind: "ValidatingAdmissionPolicy",
	metadata: { name },
	spec: { matchConstraints: { resourceRules: [writing(["configmaps"])] }, ...spec },
});

export const binding = (spec: Json = {}, name = "b"): Json => ({
	apiVersion: GROUP,
	kind: "ValidatingAdmissionPolicyBinding",
	metadata: { name },
	spec: { policyName: "p", validationActions: ["Deny"], ...spec },
});

/** An API server with the real rules, where these policies and bindings are in force. */
export function serverWith(...objects: readonly Json[]): TestServer {
	const server = createTestServer({ rules });
	for (const object of objects) {
		const { status, text } = write(server, object);
		if (status !== 201) throw new Error(text);
	}
	return server;
}

export function write({ send }: TestServer, object: Json) {
	const plural =
		object.kind === "ValidatingAdmissionPolicy" ? "validatingadmissionpolicies" : "validatingadmissionpolicybindings";
	return send("POST", `/apis/${GROUP}/${plural}`, object);
}

/** Why the server does not make a ConfigMap with this data; undefined: it does. */
export function refusalOf(server: TestServer, data: Json = {}, metadata: Json = {}): string | undefined {
	const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one", ...metadata }, data };
	const { status, body } = server.send("POST", MAPS, map);
	return status === 201 ? undefined : body.message;
}
