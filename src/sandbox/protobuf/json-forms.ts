import type { Json } from "../contract.ts";
import { malformed } from "./wire.ts";

/** What JSON has in place of these messages, whose fields are given. Throws BadRequest for what JSON can't have. */
export const jsonForms: ReadonlyMap<string, (message: Json) => unknown> = new Map<string, (message: Json) => unknown>([
	["meta/v1.Time", (message) => timeOf(message, 0)],
	["meta/v1.MicroTime", (message) => timeOf(message, 6)],
	["meta/v1.FieldsV1", ({ Raw }) => jsonIn(Raw)],
	["pkg/runtime.RawExtension", ({ raw }) => jsonIn(raw)],
	["apiextensions/v1.JSON", ({ raw }) => jsonIn(raw)],
	["api/resource.Quantity", ({ "": text }) => text || "0"],
	["util/intstr.IntOrString", intOrString],
	["apiextensions/v1.JSONSchemaPropsOrArray", ({ schema, jSONSchemas }) => jSONSchemas ?? schema ?? null],
	["apiextensions/v1.JSONSchemaPropsOrBool", ({ schema, allows }) => schema ?? allows ?? false],
	["apiextensions/v1.JSONSchemaPropsOrStringArray", ({ schema, property }) => property ?? schema ?? null],
]);

/** From the beginning of year 1 to the end of year 9999, in seconds. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799];

/** RFC 3339 with so many digits of a second; an empty message is no time at all. */
function timeOf(message: Json, digits: number): string | null {
	if (message.seconds === undefined && message.nanos === undefined) return null;
	const { seconds = 0, nanos = 0 } = message as { readonly seconds?: number; readonly nanos?: number };
	if (seconds < FIRST || seconds > LAST || nanos < 0 || nanos > 999_999_999) {
		throw malformed(`${seconds} seconds and ${nanos} nanoseconds are not a time between the years 1 and 9999`);
	}
	const whole = new Date(seconds * 1_000).toISOString().slice(0, -".000Z".length);
	return digits === 0 ? `${whole}Z` : `${whole}.${String(nanos).padStart(9, "0").slice(0, digits)}Z`;
}

function intOrString({ type = 0, intVal = 0, strVal = "" }: Json): unknown {
	if (type === 0) return intVal;
	if (type === 1) return strVal;
	throw malformed(`${type} is neither the type of a number nor of a text`);
}

/** `base64`: how bytes are decoded. */
function jsonIn(base64: unknown): unknown {
	if (base64 === undefined || base64 === "") return null;
	return parseJson(Buffer.from(base64 as string, "base64"));
}

export function parseJson(bytes: Buffer): unknown {
	try {
		return JSON.parse(bytes.toString("utf8"));
	} catch (error) {
		throw malformed(`JSON within it can't be read: ${(error as Error).message}`);
	}
}
