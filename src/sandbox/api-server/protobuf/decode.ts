import type { Json } from "../../contract.ts";
import { badRequest } from "../refusals.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { createWire, type Wire } from "./wire.ts";

/** What every body in protobuf begins with. */
const MAGIC = Buffer.from("k8s\0");
const DEPTH_MAX = 64;

/** A body in Kubernetes' protobuf as the JSON that it stands for. Throws the refusal of what is none, or holds what isn't known. */
export function decodeProtobuf(body: Uint8Array): Json {
	const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw badRequest("error decoding the body: it is no protobuf");
	const { typeMeta, raw } = decodeMessage("Unknown", createWire(bytes.subarray(MAGIC.length)), 0);
	const { apiVersion, kind } = (typeMeta ?? {}) as { readonly apiVersion?: string; readonly kind?: string };
	if (!apiVersion || !kind) throw badRequest("error decoding the body: couldn't get version/kind");
	const content = createWire(Buffer.from((raw as string | undefined) ?? "", "base64"));
	return { apiVersion, kind, ...decodeMessage(kind, content, 0) };
}

function decodeMessage(name: string, wire: Wire, depth: number): Record<string, unknown> {
	const fields = fieldsOf(name);
	if (!fields) throw unknown(`a ${name}`);
	if (depth > DEPTH_MAX) throw badRequest("error decoding the body: it is nested too deeply");
	const object: Record<string, unknown> = {};
	while (!wire.isAtEnd()) {
		const { number, type } = wire.key();
		const field = fields.get(number);
		if (!field) throw unknown(`field ${number} of a ${name}`);
		if (field.type === "-") {
			wire.skip(type);
			continue;
		}
		if (field.shape === "map") {
			const [key, value] = entryOf(field, wire.message(), depth);
			object[field.name] = { ...(object[field.name] as object | undefined), [key]: value };
			continue;
		}
		const value = readValue(field, wire, depth);
		if (field.shape === "list") {
			object[field.name] = [...((object[field.name] as readonly unknown[] | undefined) ?? []), value];
		} else if (field.shape === "inline") Object.assign(object, value);
		// What is nought, false or empty is written all the same; JSON leaves it out.
		else if (value !== undefined && (field.isTold || (value !== "" && value !== 0 && value !== false))) {
			object[field.name] = value;
		}
	}
	return object;
}

function entryOf(field: Field, entry: Wire, depth: number): [string, unknown] {
	let key = "";
	let value: unknown = "";
	while (!entry.isAtEnd()) {
		const { number } = entry.key();
		if (number === 1) key = entry.bytes().toString("utf8");
		else value = readValue(field, entry, depth);
	}
	return [key, value];
}

function readValue({ type }: Field, wire: Wire, depth: number): unknown {
	switch (type) {
		case "s":
			return wire.bytes().toString("utf8");
		case "y":
			return wire.bytes().toString("base64");
		case "i":
			return wire.integer();
		case "b":
			return wire.integer() !== 0;
	}
	const inner = decodeMessage(type, wire.message(), depth + 1);
	return special[type]?.(inner) ?? (special[type] ? undefined : inner);
}

/** Messages that JSON has another form for; undefined: it leaves them out. */
const special: Readonly<Record<string, (message: Json) => unknown>> = {
	Time: ({ seconds }) =>
		typeof seconds === "number" ? new Date(seconds * 1000).toISOString().replace(".000Z", "Z") : undefined,
	Quantity: ({ string }) => string,
	IntOrString: ({ type, intVal, strVal }) => (type === 1 ? (strVal ?? "") : (intVal ?? 0)),
	Json: ({ raw }) => (typeof raw === "string" ? JSON.parse(Buffer.from(raw, "base64").toString("utf8")) : undefined),
	Strings: ({ items }) => items ?? [],
};

function unknown(what: string) {
	return badRequest(
		`the body holds ${what} in protobuf, which this server doesn't read: write the object as YAML and apply it`,
	);
}
