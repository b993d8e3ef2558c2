import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { eventually } from "./eventually.ts";
import type { KubeApi } from "./kube-api.ts";
import { type Condition, conditionOf, type KubeObject } from "./kube-object.ts";
import { folderOf, type Tools } from "./tools.ts";

/** Sets of CRDs that `fetch-crds.sh` lays out. */
export type CrdSet = "gateway-api/standard" | "gateway-api/experimental" | "smi" | "contour";

/** Where a set is; `tools` is from `findTools("fetch-crds")`. */
export function crdFolder(tools: Tools, set: CrdSet): string {
	return join(folderOf(tools), set);
}

/**
 * Applies every CustomResourceDefinition of those files and folders and waits until each is served. Other kinds in them
 * are left out: the Gateway API's admission policy, for one, would refuse the experimental channel beside the standard one.
 */
export async function installCrds(api: KubeApi, paths: readonly string[]): Promise<void> {
	const crds = paths.flatMap(filesOf).flatMap(crdsIn);
	await Promise.all(crds.map((crd) => api.apply(crd, { fieldManager: "bed" })));
	await Promise.all(crds.map((crd) => untilServed(api, crd)));
}

function filesOf(path: string): readonly string[] {
	if (statSync(path).isFile()) return [path];
	return readdirSync(path)
		.filter((name) => name.endsWith(".yaml"))
		.map((name) => join(path, name));
}

function crdsIn(file: string): readonly Crd[] {
	return parseAllDocuments(readFileSync(file, "utf8"), { merge: true })
		.map((document) => document.toJS())
		.filter((object) => object?.kind === "CustomResourceDefinition")
		.map(({ status: _, ...crd }) => (crd.apiVersion === "apiextensions.k8s.io/v1beta1" ? upgraded(crd) : crd));
}

/** Established comes a moment before discovery names the kind, and a client needs both. */
async function untilServed(api: KubeApi, crd: Crd): Promise<void> {
	const { group, names, versions } = crd.spec;
	const served = versions.filter((version) => version.served);
	await eventually(`${crd.metadata.name} is served`, async () => {
		const found = await api.get<KubeObject<unknown, { conditions?: Condition[] }>>(crd);
		if (conditionOf(found?.status?.conditions, "Established")?.status !== "True") return false;
		const lists = served.map(({ name }) => api.list({ apiVersion: `${group}/${name}`, kind: names.kind }));
		return (await Promise.all(lists)).length > 0;
	});
}

interface Crd extends KubeObject {
	readonly spec: {
		readonly group: string;
		readonly names: { readonly kind: string };
		readonly scope: string;
		readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean }[];
	};
}

interface OldCrd extends Crd {
	readonly spec: Crd["spec"] & { readonly validation: { readonly openAPIV3Schema: object } };
}

/**
 * SMI still publishes a v1beta1 definition, which no current API server takes. Its one schema becomes that of every version,
 * and every version is served, as linkerd-smi does.
 */
function upgraded({ metadata, spec: { group, names, scope, versions, validation } }: OldCrd): Crd {
	const schema = { openAPIV3Schema: { type: "object", ...validation.openAPIV3Schema } };
	return {
		apiVersion: "apiextensions.k8s.io/v1",
		kind: "CustomResourceDefinition",
		metadata,
		spec: {
			group,
			names,
			scope,
			versions: versions.map(({ name, storage }) => ({ name, storage, served: true, schema })),
		},
	};
}
