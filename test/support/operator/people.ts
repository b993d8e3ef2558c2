import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeApi } from "../control-plane/kube-api.ts";
import type { Reference } from "../control-plane/kube-object.ts";

const DEPLOY = join(import.meta.dirname, "../../../deploy");
const RBAC = "rbac.authorization.k8s.io";

/** What a file of `deploy/` says, of these kinds. */
export const deployed = (file: string, ...kinds: readonly string[]): readonly Reference[] =>
	parseAllDocuments(readFileSync(join(DEPLOY, file), "utf8"))
		.map((document) => document.toJS() as Reference)
		.filter(({ kind }) => kinds.includes(kind));

/** A ServiceAccount, which the API server knows by `user`, with a client of its own. */
export interface Person {
	readonly user: string;
	readonly api: KubeApi;
}

interface Introduced {
	readonly name: string;
	readonly namespace: string;
	/** ClusterRoles that it has in its namespace. */
	readonly roles: readonly string[];
}

/** Whoever introduces a person closes its client. */
export async function introduce(admin: KubeApi, one: Introduced): Promise<Person> {
	const { name, namespace, roles } = one;
	const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
	await admin.apply(account);
	for (const role of roles) {
		await admin.apply({
			apiVersion: `${RBAC}/v1`,
			kind: "RoleBinding",
			metadata: { name: `${name}-${role}`, namespace },
			roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
			subjects: [{ kind: "ServiceAccount", name, namespace }],
		} as Reference);
	}
	const user = `system:serviceaccount:${namespace}:${name}`;
	return { user, api: admin.as(user) };
}
