import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { Refusal, type ServedKind } from "../../../../src/sandbox/contract.ts";
import { type AdmitRequest, type Admitted, admit } from "../../../../src/sandbox/schema/admit.ts";
import { builtinKinds } from "../../../../src/sandbox/schema/builtin-kinds.ts";
import { kindsOf } from "../../../../src/sandbox/schema/crd-kinds.ts";

export const NOW = "2026-01-02T03:04:05Z";

export function builtin(kind: string, apiVersion?: string): ServedKind {
	const found = builtinKinds.find((one) => one.kind === kind && (apiVersion ?? one.apiVersion) === one.apiVersion);
	if (found === undefined) throw new Error(`no kind ${kind}`);
	return found;
}

/** One of this repository's own definitions, such as `canaries`. */
export function ownDefinition(name: string): KubeObject {
	return parse(readFileSync(join(import.meta.dirname, "../../../../crds", `${name}.yaml`), "utf8"));
}

/** A definition of `Foo`, whose spec has this schema. */
export function definitionWith(spec: object, version: object = { subresources: { status: {} } }): KubeObject {
	return {
		apiVersion: "apiextensions.k8s.io/v1",
		kind: "CustomResourceDefinition",
		metadata: { name: "foos.x.dev" },
		spec: {
			group: "x.dev",
			scope: "Namespaced",
			names: { plural: "foos", kind: "Foo" },
			versions: [
				{
					name: "v1",
					served: true,
					storage: true,
					...version,
					schema: { openAPIV3Schema: { type: "object", properties: { spec, status: { type: "object" } } } },
				},
			],
		},
	};
}

export function kindWith(properties: object, more: object = {}): ServedKind {
	return kindsOf(definitionWith({ type: "object", properties, ...more }))[0] as ServedKind;
}

export function foo(spec: object, metadata: object = {}): KubeObject {
	return { apiVersion: "x.dev/v1", kind: "Foo", metadata: { name: "x", namespace: "shop", ...metadata }, spec };
}

export function ask(kind: ServedKind, object: unknown, more: Partial<AdmitRequest> = {}): Admitted {
	return admit({
		...{ kind, live: undefined, object: object as KubeObject, subresource: "", fieldValidation: "Ignore", now: NOW },
		...more,
	});
}

export function refusalOf(act: () => unknown): Refusal {
	try {
		act();
	} catch (thrown) {
		if (thrown instanceof Refusal) return thrown;
		throw thrown;
	}
	throw new Error("nothing was refused");
}
