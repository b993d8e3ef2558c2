import type { KindRef } from "../../contract.ts";

/** Such as `io.k8s.api.apps.v1.Deployment`: how OpenAPI names a kind of Kubernetes' own. */
export function definitionNameOf({ apiVersion, kind }: KindRef): string {
	const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
	const name = group.split(".")[0] ?? "";
	const home =
		name === "apiextensions" ? "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions" : `io.k8s.api.${name}`;
	return `${home}.${version}.${kind}`;
}
