import { createHash } from "node:crypto";
import type { Json, KindRef, Schema, ServedKind } from "../contract.ts";
import { commonFields } from "../schema/models/definition-schema.ts";
import { gvkOf, type Operation, operationsOf, pathParametersOf } from "./openapi-paths.ts";
import { definitionsAt } from "./openapi-schemas.ts";
import { groupVersionOf } from "./versions.ts";

const info = { title: "Kubernetes", version: "1.34" };

export interface Document {
	readonly body: string;
	/** Of the body: two documents with the same hash say the same. */
	readonly hash: string;
}

/** Documents by the first of their kinds; good as long as the kinds are the same objects. */
const built = new WeakMap<ServedKind, { readonly kinds: readonly ServedKind[]; readonly document: Document }>();

/** The document at `/openapi/v3/api/v1` or `/openapi/v3/apis/GROUP/VERSION`: `kinds` are all of that version, at least one. */
export function openApiV3(kinds: readonly ServedKind[]): Document {
	const [first] = kinds;
	const known = first && built.get(first);
	if (known !== undefined && isSame(known.kinds, kinds)) return known.document;
	const { definitions, define } = definitionsAt("#/components/schemas/");
	const nameOf = definer(define, kinds);
	const paths: Record<string, Record<string, unknown>> = {};
	for (const operation of kinds.flatMap(operationsOf)) {
		paths[operation.path] ??= {
			parameters: pathParametersOf(operation.path).map((name) => ({
				...{ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } },
			})),
		};
		Object.assign(paths[operation.path] ?? {}, { [operation.method]: operationV3(operation, nameOf) });
	}
	const document = documentOf({ openapi: "3.0.0", info, paths, components: { schemas: definitions } });
	if (first !== undefined) built.set(first, { kinds, document });
	return document;
}

/** The index at `/openapi/v3`: where the document of each version is, with its hash. */
export function openApiV3Index(versions: ReadonlyMap<string, readonly ServedKind[]>): Document {
	const paths = [...versions].map(([path, kinds]): [string, Json] => [
		path,
		{ serverRelativeURL: `/openapi/v3/${path}?hash=${openApiV3(kinds).hash}` },
	]);
	return documentOf({ paths: Object.fromEntries(paths) });
}

function operationV3(operation: Operation, nameOf: NameOf): Json {
	const schemaAt = (type: string, what: string): Json => ({
		[type]: { schema: { $ref: `#/components/schemas/${what}` } },
	});
	const own = nameOf(operation.kind, "object");
	const content = schemaAt("application/json", nameOf(operation.kind, operation.answers));
	const patch = nameOf(operation.kind, "patch");
	const body =
		operation.sends === "object"
			? schemaAt("application/json", own)
			: { ...schemaAt("application/apply-patch+yaml", patch), ...schemaAt("application/merge-patch+json", patch) };
	return {
		...common(operation),
		parameters: operation.parameters.map(({ name, type, description }) => ({
			...{ name, in: "query", description, schema: { type, uniqueItems: true } },
		})),
		...(operation.sends === undefined ? {} : { requestBody: { content: body, required: true } }),
		responses: { 200: { description: "OK", content } },
	};
}

/** The document at `/openapi/v2`, of everything at once. */
export function openApiV2(kinds: readonly ServedKind[]): Json {
	const { definitions, define } = definitionsAt("#/definitions/");
	const nameOf = definer(define, kinds);
	const paths: Record<string, Record<string, unknown>> = {};
	for (const operation of kinds.flatMap(operationsOf)) {
		paths[operation.path] ??= {
			parameters: pathParametersOf(operation.path).map((name) => ({
				...{ name, in: "path", required: true, type: "string", uniqueItems: true },
			})),
		};
		Object.assign(paths[operation.path] ?? {}, { [operation.method]: operationV2(operation, nameOf) });
	}
	const plain = Object.entries(definitions).map(([name, schema]) => [name, withoutV3(schema)]);
	return { swagger: "2.0", info, paths, definitions: Object.fromEntries(plain) };
}

function operationV2(operation: Operation, nameOf: NameOf): Json {
	const schema = { $ref: `#/definitions/${nameOf(operation.kind, operation.sends ?? "object")}` };
	const body = operation.sends === undefined ? [] : [{ name: "body", in: "body", required: true, schema }];
	return {
		...common(operation),
		produces: ["application/json"],
		parameters: [
			...body,
			...operation.parameters.map((parameter) => ({ ...parameter, in: "query", uniqueItems: true })),
		],
		responses: {
			200: { description: "OK", schema: { $ref: `#/definitions/${nameOf(operation.kind, operation.answers)}` } },
		},
	};
}

function common({ description, operationId, action, kind }: Operation): Json {
	return { description, operationId, "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvkOf(kind) };
}

type NameOf = (kind: KindRef, what: "object" | "list" | "patch" | "status") => string;

const anything: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** Names what operations speak of, and puts all of these kinds and their lists into the document. */
function definer(define: (name: string, node: Schema, more?: Json) => string, kinds: readonly ServedKind[]): NameOf {
	const names = new Map<string, string>();
	for (const kind of kinds) {
		const name = kind.schema?.["x-haldane-definition"] ?? definitionOf(kind);
		names.set(`${kind.apiVersion}/${kind.kind}`, name);
		define(name, kind.schema ?? anything, { "x-kubernetes-group-version-kind": [gvkOf(kind)] });
		define(`${name}List`, listOf(kind, name), {
			"x-kubernetes-group-version-kind": [gvkOf({ ...kind, kind: `${kind.kind}List` })],
		});
	}
	return (kind, what) => {
		if (what === "status") return define(`${meta}.Status`, anything);
		if (what === "patch") return define(`${meta}.Patch`, { type: "object" });
		const name = names.get(`${kind.apiVersion}/${kind.kind}`) ?? define(definitionOf(kind), anything);
		return what === "list" ? `${name}List` : name;
	};
}

/** Of a kind that Kubernetes publishes none of. */
function listOf({ kind, plural }: ServedKind, definition: string): Schema {
	return {
		...{ type: "object", description: `${kind}List is a list of ${kind}`, required: ["items"] },
		properties: {
			...commonFields("ListMeta"),
			items: {
				type: "array",
				description: `List of ${plural}. More info: ${CONVENTIONS}`,
				items: { "x-haldane-definition": definition },
			},
		},
	};
}

const CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";

/** The name of a kind that gives itself none: the parts of its group from right to left, as custom resources are named. */
function definitionOf({ apiVersion, kind }: KindRef): string {
	const { group, version } = groupVersionOf(apiVersion);
	if (group === "" || !group.includes(".") || group.endsWith(".k8s.io")) {
		return `io.k8s.api.${group === "" ? "core" : group.split(".")[0]}.${version}.${kind}`;
	}
	return [...group.split(".").reverse(), version, kind].join(".");
}

/** What version 2 of OpenAPI has no words for is left out; a reference stands beside its description. */
function withoutV3(node: unknown): unknown {
	if (Array.isArray(node)) return node.map(withoutV3);
	if (typeof node !== "object" || node === null) return node;
	const { nullable, oneOf, anyOf, allOf, not, properties, ...rest } = node as Record<string, unknown>;
	const fields = Object.fromEntries(Object.entries(rest).map(([keyword, value]) => [keyword, withoutV3(value)]));
	if (typeof properties === "object" && properties !== null) {
		fields.properties = Object.fromEntries(
			Object.entries(properties).map(([field, schema]) => [field, withoutV3(schema)]),
		);
	}
	// What may be a text or a number.
	if (oneOf !== undefined && rest.type === undefined) fields.type = "string";
	const reference = Array.isArray(allOf) ? allOf.find((part) => part?.$ref !== undefined) : undefined;
	return reference === undefined ? fields : { ...fields, ...reference };
}

export function documentOf(content: Json): Document {
	const body = JSON.stringify(content);
	return { body, hash: createHash("sha512").update(body).digest("hex").toUpperCase() };
}

function isSame(one: readonly ServedKind[], other: readonly ServedKind[]): boolean {
	return one.length === other.length && one.every((kind, index) => kind === other[index]);
}
