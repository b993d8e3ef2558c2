import type { KubeObject } from "../../domain/kube-object.ts";
import { type KindRef, Refusal, type Schema, type ServedKind } from "../contract.ts";
import { builtinKinds } from "./builtin-kinds.ts";
import { objectMeta } from "./models/definition-schema.ts";
import { isObject } from "./problems.ts";
import { canonicalQuantity, QUANTITY_SYNTAX } from "./quantity.ts";

const builtins = new Set(builtinKinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`));

/** Whether a kind is Kubernetes' own, and not of a CustomResourceDefinition. */
export function isBuiltin({ apiVersion, kind }: KindRef): boolean {
	return builtins.has(`${apiVersion}/${kind}`);
}

/** An object as its kind reads it. */
export interface Decoded {
	/** Without the fields that the kind does not have, and without empty values. */
	readonly object: KubeObject;
	/** The paths of those fields. */
	readonly unknown: readonly string[];
}

/** Reads an object as its kind. Throws Refusal (400) for values of the wrong type; of custom resources only in their metadata. */
export function decode(kind: ServedKind, object: KubeObject): Decoded {
	if (kind.schema === undefined) return { object, unknown: [] };
	const unknown: string[] = [];
	try {
		const isOwn = isBuiltin(kind);
		const read = readFields(object, kind.schema, {
			...{ path: "", goPath: "", isTyped: isOwn, unknown, isEmbedded: !isOwn },
		}) as KubeObject;
		return { object: read, unknown: isOwn ? unknown : unknown.toSorted() };
	} catch (thrown) {
		if (!(thrown instanceof Unreadable)) throw thrown;
		throw badRequest(kind, thrown.message);
	}
}

/** How a real API server says that it cannot read an object. */
export function badRequest(kind: ServedKind, why: string): Refusal {
	const version = kind.apiVersion.slice(kind.apiVersion.indexOf("/") + 1);
	return new Refusal(
		400,
		"BadRequest",
		`${kind.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${why}`,
	);
}

class Unreadable extends Error {}

interface Place {
	/** With the positions in lists, as messages of unknown fields say it. */
	readonly path: string;
	/** Without them, as messages of wrong types say it. */
	readonly goPath: string;
	/** The Go type that has the field. */
	readonly owner?: string;
	/** Whether wrong types are refused here, and empty values dropped. */
	readonly isTyped: boolean;
	/** Whether the fields are those of a whole custom object, whose metadata is Kubernetes' own. */
	readonly isEmbedded: boolean;
	readonly unknown: string[];
}

function read(value: unknown, schema: Schema, place: Place): unknown {
	if (value === null || value === undefined) return schema.nullable === true && !place.isTyped ? null : undefined;
	if (schema["x-kubernetes-int-or-string"] === true) return place.isTyped ? intOrString(value, place) : value;
	if (schema.type === "array") return readList(value, schema, place);
	if (schema.type === "object" || schema.properties !== undefined) {
		if (!isObject(value)) return mismatch(value, schema, place);
		return readFields(value, schema, { ...place, isEmbedded: schema["x-kubernetes-embedded-resource"] === true });
	}
	return place.isTyped && schema.type !== undefined ? readScalar(value, schema, place) : value;
}

function readFields(value: Readonly<Record<string, unknown>>, schema: Schema, place: Place): unknown {
	const properties = schema.properties ?? {};
	const others = schema.additionalProperties;
	const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] === true || others === true;
	const owner = goType(schema);
	const result: Record<string, unknown> = {};
	for (const [name, item] of Object.entries(value)) {
		const path = place.path === "" ? name : `${place.path}.${name}`;
		const isMetadata = place.isEmbedded && name === "metadata";
		const known = isMetadata ? objectMeta() : Object.hasOwn(properties, name) ? properties[name] : undefined;
		const isType = place.isEmbedded && (name === "apiVersion" || name === "kind");
		if (known !== undefined) {
			const inner: Place = {
				...place,
				path,
				goPath: isMetadata ? "" : place.goPath === "" ? name : `${place.goPath}.${name}`,
				...(owner === undefined ? {} : { owner }),
				isTyped: place.isTyped || isMetadata,
				isEmbedded: false,
			};
			set(result, name, read(item, known, inner));
		} else if (typeof others === "object") set(result, name, read(item, others, { ...place, path, isEmbedded: false }));
		else if (keepsAll || isType) result[name] = item;
		else place.unknown.push(path);
	}
	const isEmptyMap = place.isTyped && schema.properties === undefined && Object.keys(result).length === 0;
	return isEmptyMap && !keepsAll ? undefined : result;
}

/** Empty values are not stored; what is not there already says as much. */
function set(result: Record<string, unknown>, name: string, value: unknown): void {
	if (value !== undefined) result[name] = value;
}

function readList(value: unknown, schema: Schema, place: Place): unknown {
	if (!Array.isArray(value)) return mismatch(value, schema, place);
	const { items } = schema;
	// Of all lists that people see, only those of an EndpointSlice are written when they are empty.
	if (value.length === 0 && place.isTyped && place.path !== "endpoints") return undefined;
	if (items === undefined) return value;
	return value.map((item, index) => {
		const found = read(item, items, { ...place, path: `${place.path}[${index}]` });
		return found === undefined ? (place.isTyped ? zeroOf(items) : item) : found;
	});
}

function zeroOf(schema: Schema): unknown {
	return schema.type === "string" ? "" : schema.type === "integer" || schema.type === "number" ? 0 : {};
}

function readScalar(value: unknown, schema: Schema, place: Place): unknown {
	if (isQuantity(schema)) {
		const written = canonicalQuantity(value);
		if (written === undefined) throw new Unreadable(QUANTITY_SYNTAX);
		return written;
	}
	switch (schema.type) {
		case "string":
			if (typeof value !== "string") return mismatch(value, schema, place);
			return readString(value, schema);
		case "boolean":
			return typeof value === "boolean" ? value : mismatch(value, schema, place);
		case "integer": {
			const most = schema.format === "int32" ? 2 ** 31 : 2 ** 63;
			if (typeof value !== "number") return mismatch(value, schema, place);
			return Number.isInteger(value) && value >= -most && value < most
				? value
				: mismatch(value, schema, place, ` ${value}`);
		}
		default:
			return typeof value === "number" ? value : mismatch(value, schema, place);
	}
}

function readString(value: string, schema: Schema): string | undefined {
	if (schema.format === "date-time") {
		if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) return value;
		if (value === "") return undefined;
		throw new Unreadable(
			`parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
		);
	}
	if (
		schema.format === "byte" &&
		!/^(?:[A-Za-z0-9+/\s]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*$/.test(value)
	) {
		const bad = value.search(/[^A-Za-z0-9+/\s]/);
		throw new Unreadable(`illegal base64 data at input byte ${bad === -1 ? value.length - (value.length % 4) : bad}`);
	}
	return value;
}

function intOrString(value: unknown, place: Place): unknown {
	if (typeof value === "string" || (typeof value === "number" && Number.isInteger(value))) return value;
	return mismatch(value, { type: typeof value === "number" ? "integer" : "string", format: "int32" }, place);
}

/** Where types are not checked, the value stays for the schema's own checks to find. */
function mismatch(value: unknown, schema: Schema, place: Place, number = ""): unknown {
	if (!place.isTyped) return value;
	const field = place.owner === undefined ? "" : `Go struct field ${place.owner}.${place.goPath} `;
	throw new Unreadable(
		`json: cannot unmarshal ${jsonType(value)}${number} into ${field === "" ? "Go value " : field}of type ${goName(schema)}`,
	);
}

function jsonType(value: unknown): string {
	if (Array.isArray(value)) return "array";
	return typeof value === "boolean" ? "bool" : typeof value;
}

function goName(schema: Schema): string {
	if (schema.type === "array") return `[]${goName(schema.items ?? {})}`;
	const definition = schema["x-haldane-definition"];
	if (definition !== undefined) return definition.split(".").slice(-2).join(".");
	if (schema.type === "object") {
		return `map[string]${goName(typeof schema.additionalProperties === "object" ? schema.additionalProperties : {})}`;
	}
	if (schema.type === "integer") return schema.format ?? "int64";
	if (schema.type === "number") return "float64";
	return schema.type === "boolean" ? "bool" : "string";
}

function goType(schema: Schema): string | undefined {
	return schema["x-haldane-definition"]?.split(".").at(-1);
}

function isQuantity(schema: Schema): boolean {
	return schema["x-haldane-definition"]?.endsWith(".resource.Quantity") === true;
}
