import type { KubeObject } from "../../domain/kube-object.ts";
import { type Json, Refusal } from "../contract.ts";
import { type Field, fieldsOf, messageOfKind } from "./fields.ts";
import { jsonForms, parseJson } from "./json-forms.ts";
import { createWire, malformed, type Wire, wireTypes } from "./wire.ts";

/** What every body in Kubernetes' protobuf begins with. */
const MAGIC = Buffer.from("k8s\0");
/** Of messages in messages; twice that of the deepest schema that anybody writes. */
const DEPTH_MAX = 200;
const BYTES_MAX = 3 * 1024 * 1024;

/**
 * A body in Kubernetes' protobuf as the JSON that a Go client would have sent in its place. DeleteOptions and the like are
 * objects without metadata. Fields that aren't known are left out. Throws BadRequest for what is broken, nested too deeply
 * or too large, and UnsupportedMediaType for kinds that the table of messages doesn't have.
 */
export function decodeProtobuf(body: Uint8Array): KubeObject {
	const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	if (bytes.length > BYTES_MAX) throw malformed(`it is larger than ${BYTES_MAX} bytes`);
	if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed("it doesn't begin as Kubernetes' protobuf does");
	const { apiVersion, kind, raw, contentType } = envelopeIn(createWire(bytes.subarray(MAGIC.length)));
	if (apiVersion === "" || kind === "") throw malformed("couldn't get version/kind");
	if (contentType === "application/json") return { ...objectIn(raw), apiVersion, kind } as KubeObject;
	const message = messageOfKind(apiVersion, kind);
	if (message === undefined) throw unsupported(`objects of kind ${kind} in ${apiVersion}`);
	return { apiVersion, kind, ...decodeMessage(message, createWire(raw), 0) } as unknown as KubeObject;
}

interface Envelope {
	readonly apiVersion: string;
	readonly kind: string;
	readonly raw: Buffer;
	readonly contentType: string;
}

function envelopeIn(wire: Wire): Envelope {
	const parts = partsOf(wire);
	const typeMeta = partsOf(createWire(parts.get(1) ?? EMPTY));
	const [encoding, contentType] = [textOf(parts.get(3)), textOf(parts.get(4))];
	if (encoding !== "") throw unsupported(`content in the encoding ${encoding}`);
	if (!["", "application/json", "application/vnd.kubernetes.protobuf"].includes(contentType)) {
		throw unsupported(`content of the type ${contentType}`);
	}
	const [apiVersion, kind] = [textOf(typeMeta.get(1)), textOf(typeMeta.get(2))];
	return { apiVersion, kind, raw: parts.get(2) ?? EMPTY, contentType };
}

const EMPTY = Buffer.alloc(0);
const textOf = (bytes: Buffer | undefined) => bytes?.toString("utf8") ?? "";

/** The fields of a message that has none but bytes and text. */
function partsOf(wire: Wire): ReadonlyMap<number, Buffer> {
	const parts = new Map<number, Buffer>();
	while (!wire.isAtEnd()) {
		const { number, type } = wire.key();
		if (type === wireTypes.bytes) parts.set(number, wire.bytes());
		else wire.skip(type);
	}
	return parts;
}

function objectIn(raw: Buffer): Json {
	const value = parseJson(raw);
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("its JSON is no object");
	return value as Json;
}

/** The value that JSON has for a message. */
function jsonOf(message: string, wire: Wire, depth: number): unknown {
	const form = jsonForms.get(message);
	const decoded = decodeMessage(message, wire, depth);
	if (form) return form(decoded);
	const [only] = fieldsOf(message).values();
	return only?.name === "" ? (decoded[""] ?? []) : decoded;
}

/** Where a field is there twice, the last one counts. */
function decodeMessage(message: string, wire: Wire, depth: number): Json {
	if (depth > DEPTH_MAX) throw malformed(`it is nested deeper than ${DEPTH_MAX} messages`);
	const fields = fieldsOf(message);
	// Entries, not fields of an object: whoever sends it chooses the keys of maps.
	const entries = new Map<string, unknown>();
	const maps = new Map<string, Map<string, unknown>>();
	while (!wire.isAtEnd()) {
		const { number, type } = wire.key();
		const field = fields.get(number);
		if (!field) wire.skip(type);
		else if (field.shape === "map") {
			const [key, value] = entryIn(field, message, wire, type, depth);
			const map = maps.get(field.name) ?? new Map<string, unknown>();
			maps.set(field.name, map.set(key, value));
		} else if (field.shape === "list") {
			const list = (entries.get(field.name) ?? []) as unknown[];
			for (const value of valuesOf(field, message, wire, type, depth)) list.push(value);
			entries.set(field.name, list);
		} else {
			const value = readValue(field, message, wire, type, depth);
			if (field.shape === "inline") for (const [name, inner] of Object.entries(value as Json)) entries.set(name, inner);
			else if (!field.omitsEmpty || !isEmpty(value)) entries.set(field.name, value);
			// An empty one that comes later takes back what was said before.
			else entries.delete(field.name);
		}
	}
	for (const [name, map] of maps) entries.set(name, Object.fromEntries(map));
	return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
	return value === "" || value === 0 || value === false || value === null;
}

function entryIn(field: Field, message: string, wire: Wire, type: number, depth: number): [string, unknown] {
	const entry = createWire(bytesIn(field, message, wire, type));
	let key = "";
	let value: unknown;
	while (!entry.isAtEnd()) {
		const { number, type } = entry.key();
		if (number === 1) key = bytesIn(field, message, entry, type).toString("utf8");
		else if (number === 2) value = readValue(field, message, entry, type, depth);
		else entry.skip(type);
	}
	return [key, value ?? emptyOf(field, message, depth)];
}

/** Of an entry that has a key alone. */
function emptyOf(field: Field, message: string, depth: number): unknown {
	return readValue(field, message, createWire(Buffer.from([0])), wireTypes.bytes, depth);
}

/** One element of a list, or several numbers that were packed together. */
function valuesOf(field: Field, message: string, wire: Wire, type: number, depth: number): readonly unknown[] {
	const isPacked = type === wireTypes.bytes && ["i", "l", "b"].includes(field.type);
	if (!isPacked) return [readValue(field, message, wire, type, depth)];
	const packed = createWire(wire.bytes());
	const values: unknown[] = [];
	while (!packed.isAtEnd()) values.push(readValue(field, message, packed, wireTypes.varint, depth));
	return values;
}

function readValue(field: Field, message: string, wire: Wire, type: number, depth: number): unknown {
	switch (field.type) {
		case "s":
			return bytesIn(field, message, wire, type).toString("utf8");
		case "y":
			return bytesIn(field, message, wire, type).toString("base64");
		case "i":
			return Number(BigInt.asIntN(32, varintIn(field, message, wire, type)));
		case "l":
			return Number(BigInt.asIntN(64, varintIn(field, message, wire, type)));
		case "b":
			return varintIn(field, message, wire, type) !== 0n;
		case "d":
			if (type !== wireTypes.fixed64) throw misread(field, message, type);
			return wire.double();
		default:
			return jsonOf(field.type, createWire(bytesIn(field, message, wire, type)), depth + 1);
	}
}

function bytesIn(field: Field, message: string, wire: Wire, type: number): Buffer {
	if (type !== wireTypes.bytes) throw misread(field, message, type);
	return wire.bytes();
}

function varintIn(field: Field, message: string, wire: Wire, type: number): bigint {
	if (type !== wireTypes.varint) throw misread(field, message, type);
	return wire.varint();
}

function misread({ name }: Field, message: string, type: number): Refusal {
	return malformed(`${name || "the value"} of ${message} is encoded as type ${type}`);
}

function unsupported(what: string): Refusal {
	return new Refusal(415, "UnsupportedMediaType", `this server doesn't read ${what} in protobuf: send JSON`);
}
