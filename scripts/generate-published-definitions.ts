// Writes src/sandbox/schema/models/published.ts: the definitions in the OpenAPI of a real kube-apiserver, of the kinds that
// the sandbox serves and of all that these hold. Its argument is the address of such a server that asks nobody who they
// are, as `kubectl proxy` opens one.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { builtinKinds } from "../src/sandbox/schema/builtin-kinds.ts";
import { definitionNameOf } from "../src/sandbox/schema/models/definition-names.ts";

const file = join(import.meta.dirname, "..", "src", "sandbox", "schema", "models", "published.ts");
const PREFIX = "#/components/schemas/";
/** What is sent and answered that is no object of a served kind. */
const beside = [
	...["Status", "Patch", "ListMeta"].map((name) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`),
	...["io.k8s.api.autoscaling.v1.Scale", "io.k8s.api.policy.v1.Eviction", "io.k8s.api.core.v1.Binding"],
];

type Definitions = Record<string, unknown>;

async function published(server: string): Promise<Definitions> {
	const versions = [...new Set(builtinKinds.map(({ apiVersion }) => apiVersion))];
	const found = versions.map(async (apiVersion) => {
		const path = `openapi/v3/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
		const response = await fetch(new URL(path, server));
		if (!response.ok) throw new Error(`${path} answers ${response.status}`);
		return ((await response.json()) as { components: { schemas: Definitions } }).components.schemas;
	});
	return Object.assign({}, ...(await Promise.all(found)));
}

/** Those definitions with all that they refer to, in the order of their names. */
function reachedFrom(roots: readonly string[], definitions: Definitions): Definitions {
	const reached = new Set(roots);
	for (const name of reached) {
		if (definitions[name] === undefined) throw new Error(`the server does not define ${name}`);
		const references = JSON.stringify(definitions[name]).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
		for (const [, referred = ""] of references) reached.add(referred);
	}
	return Object.fromEntries([...reached].sort().map((name) => [name, definitions[name]]));
}

/** Only kinds that are served here: what is the same in every group names them all. */
function known(key: string, value: unknown): unknown {
	if (key === "$ref" && typeof value === "string") return value.slice(PREFIX.length);
	return key === "x-kubernetes-group-version-kind" && Array.isArray(value) && value.length > 1 ? undefined : value;
}

const [server] = process.argv.slice(2);
if (server === undefined) throw new Error("name the address of a kube-apiserver");
const roots = builtinKinds.map(definitionNameOf).flatMap((name) => [name, `${name}List`]);
const wanted = reachedFrom([...roots, ...beside], await published(server));
const text = JSON.stringify(wanted, known);
const packed = brotliCompressSync(text, {
	params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
});
writeFileSync(
	file,
	[
		"// Made by scripts/generate-published-definitions.ts from the OpenAPI that Kubernetes 1.34 publishes (Copyright The",
		"// Kubernetes Authors, Apache-2.0): JSON of the definitions by name, compressed with brotli, in base64.",
		`export default "${packed.toString("base64")}";`,
		"",
	].join("\n"),
);
console.log(`${Object.keys(wanted).length} definitions, ${text.length} characters, packed into ${packed.length}`);
