import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { OPERATOR } from "../control-plane/control-plane.ts";
import type { KubeApi } from "../control-plane/kube-api.ts";
import type { Reference } from "../control-plane/kube-object.ts";

interface Role extends Reference {
	readonly rules: readonly object[];
}

interface Binding {
	readonly roleRef: { readonly kind: string; readonly name: string };
	readonly subjects: readonly { readonly kind: string; readonly name: string }[];
}

const DEPLOY = join(import.meta.dirname, "../../../deploy");
const RBAC = "rbac.authorization.k8s.io";
const watched = ["get", "list", "watch"];
const written = [...watched, "create", "patch"];

/** What the operator needs and nothing else, until `deploy/` says so itself. */
const LEAST: Role = {
	apiVersion: `${RBAC}/v1`,
	kind: "ClusterRole",
	metadata: { name: "haldane" },
	rules: [
		{ apiGroups: ["haldane.dev"], resources: ["canaries"], verbs: [...watched, "patch"] },
		{ apiGroups: ["haldane.dev"], resources: ["canaries/status"], verbs: ["update"] },
		{ apiGroups: ["haldane.dev"], resources: ["metrictemplates", "alertproviders"], verbs: watched },
		{ apiGroups: ["apps"], resources: ["deployments"], verbs: written },
		{ apiGroups: [""], resources: ["services"], verbs: written },
		{ apiGroups: [""], resources: ["secrets"], verbs: watched },
		{ apiGroups: [""], resources: ["events"], verbs: ["create"] },
		{ apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: [...written, "delete"] },
		{ apiGroups: ["split.smi-spec.io"], resources: ["trafficsplits"], verbs: [...written, "delete"] },
		{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] },
	],
};

/**
 * Lets user `haldane` do what the manifests in `deploy/`, and in these folders of it, let the operator's service account
 * do, and no more. Roles of a namespace are bound in `default`, where the tests keep their leases.
 */
export async function grantOperator(admin: KubeApi, folders: readonly string[] = []): Promise<void> {
	const roles = rolesInDeploy([".", ...folders]);
	for (const { kind, rules } of roles.length > 0 ? roles : [LEAST]) {
		const isWide = kind === "ClusterRole";
		const metadata = { name: `operator-${kind.toLowerCase()}`, ...(isWide ? {} : { namespace: "default" }) };
		await admin.apply({ apiVersion: `${RBAC}/v1`, kind, metadata, rules } as Role);
		await admin.apply({
			apiVersion: `${RBAC}/v1`,
			kind: `${kind}Binding`,
			metadata,
			roleRef: { apiGroup: RBAC, kind, name: metadata.name },
			subjects: [{ apiGroup: RBAC, kind: "User", name: OPERATOR }],
		} as Reference);
	}
}

/** One role a kind, with the rules of all that are bound to the operator's service account. */
function rolesInDeploy(folders: readonly string[]): readonly Role[] {
	if (!existsSync(DEPLOY)) return [];
	const objects = folders
		.flatMap((folder) => readdirSync(join(DEPLOY, folder)).map((name) => join(DEPLOY, folder, name)))
		.filter((path) => path.endsWith(".yaml"))
		.flatMap((path) => parseAllDocuments(readFileSync(path, "utf8")))
		.map((document) => document.toJS() as (Role & Partial<Binding>) | null)
		.filter((object) => object !== null);
	const bound = objects
		.filter(({ subjects }) => subjects?.some(({ kind, name }) => kind === "ServiceAccount" && name === "haldane"))
		.map(({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`);
	return ["ClusterRole", "Role"].flatMap((kind) => {
		const found = objects.filter((object) => object.kind === kind && bound.includes(`${kind}/${object.metadata.name}`));
		const [first] = found;
		return first === undefined ? [] : [{ ...first, rules: found.flatMap(({ rules }) => rules) }];
	});
}
