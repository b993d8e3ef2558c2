import { stringify } from "yaml";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { type Json, Refusal, type ServedKind } from "../../contract.ts";
import type { Server, WholeResponse } from "./exchange.ts";

/** How a client wants to read objects. */
export interface Form {
	readonly as: "Object" | "Table" | "PartialObjectMetadata";
	readonly encoding: "json" | "yaml";
	/** What a table's rows hold of their objects. */
	readonly include: "None" | "Metadata" | "Object";
}

const NOT_ACCEPTABLE = "only the following media types are accepted: application/json, application/yaml";

/** The first that we can do of what an Accept header names; throws the refusal of a header that names none. */
export function formOf(accept: string | undefined, query: URLSearchParams): Form {
	const asked = query.get("includeObject");
	const include = asked === "None" || asked === "Object" ? asked : "Metadata";
	for (const range of (accept || "*/*").split(",")) {
		const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
		const encoding = encodingOf(type);
		if (!encoding) continue;
		const { as, g, v } = Object.fromEntries(parameters.map((parameter) => parameter.split("=")));
		if (as === undefined) return { as: "Object", encoding, include };
		if (g !== "meta.k8s.io" || v !== "v1") continue;
		if (as === "Table") return { as, encoding, include };
		if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") {
			return { as: "PartialObjectMetadata", encoding, include };
		}
	}
	throw new Refusal(406, "NotAcceptable", NOT_ACCEPTABLE);
}

function encodingOf(type: string): "json" | "yaml" | undefined {
	switch (type.toLowerCase()) {
		case "application/json":
		case "application/*":
		case "*/*":
			return "json";
		case "application/yaml":
			return "yaml";
		default:
			return undefined;
	}
}

const texts = new WeakMap<KubeObject, string>();

/** The object's JSON, made once. */
export function textOf(object: KubeObject): string {
	const known = texts.get(object);
	if (known !== undefined) return known;
	const text = JSON.stringify(object);
	texts.set(object, text);
	return text;
}

const metadataTexts = new WeakMap<KubeObject, string>();

function metadataTextOf(object: KubeObject): string {
	const known = metadataTexts.get(object);
	if (known !== undefined) return known;
	const text = JSON.stringify({
		kind: "PartialObjectMetadata",
		apiVersion: "meta.k8s.io/v1",
		metadata: object.metadata,
	});
	metadataTexts.set(object, text);
	return text;
}

/** What the form makes of one object: JSON. `withColumns` false leaves out what the reader of a watch has been told. */
export function objectText(
	server: Server,
	{
		kind,
		form,
		object,
		withColumns = true,
	}: { kind: ServedKind; form: Form; object: KubeObject; withColumns?: boolean },
): string {
	if (form.as === "Object") return textOf(object);
	if (form.as === "PartialObjectMetadata") return metadataTextOf(object);
	const { resourceVersion } = object.metadata;
	return JSON.stringify(tableOf(server, { kind, form, objects: [object], metadata: { resourceVersion }, withColumns }));
}

/** As `objectText`, of a list with that metadata. */
export function listText(
	server: Server,
	{ kind, form, objects, metadata }: { kind: ServedKind; form: Form; objects: readonly KubeObject[]; metadata: Json },
): string {
	if (form.as === "Table") {
		return JSON.stringify(tableOf(server, { kind, form, objects, metadata, withColumns: true }));
	}
	const isWhole = form.as === "Object";
	const items = objects.map(isWhole ? textOf : metadataTextOf).join(",");
	const listKind = isWhole ? `${kind.kind}List` : "PartialObjectMetadataList";
	const apiVersion = isWhole ? kind.apiVersion : "meta.k8s.io/v1";
	const head = JSON.stringify({ kind: listKind, apiVersion, metadata });
	return `${head.slice(0, -1)},"items":[${items}]}`;
}

function tableOf(
	server: Server,
	{
		kind,
		form,
		objects,
		metadata,
		withColumns,
	}: { kind: ServedKind; form: Form; objects: readonly KubeObject[]; metadata: Json; withColumns: boolean },
): Json {
	const columns = server.kinds.columnsOf(kind);
	const now = server.now();
	const table = server.rules.tableOf({ kind, columns, objects, include: form.include, now, withColumns });
	return { ...table, metadata: { ...(table.metadata as Json | undefined), ...metadata } };
}

/** The answer with that JSON, in the encoding that was asked for. */
export function formed(
	form: Form,
	status: number,
	text: string,
	headers: Readonly<Record<string, string | readonly string[]>> = {},
): WholeResponse {
	if (form.encoding === "json")
		return { status, headers: { "content-type": "application/json", ...headers }, body: text };
	// As version 1.1, in which Kubernetes reads YAML: a "yes" without quotes would be true there.
	const body = stringify(JSON.parse(text), { aliasDuplicateObjects: false, version: "1.1" });
	return { status, headers: { "content-type": "application/yaml", ...headers }, body };
}
