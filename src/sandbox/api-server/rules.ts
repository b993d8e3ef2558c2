import type { KubeObject } from "../../domain/kube-object.ts";
import type { Deed, Json, PrinterColumn, Schema, ServedKind } from "../contract.ts";

/** What is written, beside what is there. */
export interface Admission {
	readonly kind: ServedKind;
	readonly live: KubeObject | undefined;
	readonly object: KubeObject;
	readonly subresource: "" | "status" | "scale";
	readonly fieldValidation: FieldValidation;
	/** RFC 3339, whole seconds. */
	readonly now: string;
	readonly clusterIP?: () => string;
}

export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** Who changes an object by what, for `metadata.managedFields`. */
interface FieldChange {
	readonly live: KubeObject | undefined;
	readonly manager: string;
	readonly schema: Schema | undefined;
	readonly subresource: string;
	readonly now: string;
}

/** What the server has to know of kinds, schemas and patches. All of it is pure and refuses by throwing Refusal. */
export interface ApiRules {
	readonly builtinKinds: readonly ServedKind[];
	kindsOf(crd: KubeObject): readonly ServedKind[];
	printerColumnsOf(crd: KubeObject, version: string): readonly PrinterColumn[];
	admit(request: Admission): { readonly object: KubeObject; readonly warnings: readonly string[] };
	/** Throws the refusal of a policy that denies it; else what policies warn of. */
	askPolicies(request: {
		readonly policies: readonly KubeObject[];
		readonly bindings: readonly KubeObject[];
		readonly deed: Deed;
	}): readonly string[];
	convert(object: KubeObject, to: ServedKind): KubeObject;
	applyServerSide(request: FieldChange & { readonly applied: KubeObject; readonly force: boolean }): KubeObject;
	trackUpdate(request: FieldChange & { readonly updated: KubeObject }): KubeObject;
	jsonPatch(object: KubeObject, patch: unknown): KubeObject;
	mergePatch(object: KubeObject, patch: unknown): KubeObject;
	strategicMergePatch(object: KubeObject, patch: unknown, schema: Schema | undefined): KubeObject;
	describeApi(
		kinds: readonly ServedKind[],
		request: { readonly path: string; readonly accept: string },
	): { readonly contentType: string; readonly body: string | Uint8Array; readonly etag?: string } | undefined;
	tableOf(request: {
		readonly kind: ServedKind;
		readonly columns: readonly PrinterColumn[] | undefined;
		readonly objects: readonly KubeObject[];
		readonly include: "None" | "Metadata" | "Object";
		readonly now: number;
		readonly withColumns: boolean;
	}): Json;
}
