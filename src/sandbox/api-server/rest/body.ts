import { parseDocument } from "yaml";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { type Json, Refusal, type ServedKind } from "../../contract.ts";
import { decodeProtobuf } from "../../protobuf/decode.ts";
import { badRequest } from "../refusals.ts";
import type { ApiRequest } from "./exchange.ts";

export const BODY_BYTES_MAX = 3 * 1024 * 1024;

const READABLE = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/** The media type without its parameters; undefined when the client names none. */
export function mediaTypeOf({ headers }: ApiRequest): string | undefined {
	const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
	return type === "" ? undefined : type;
}

export function requireSmall({ body }: ApiRequest): void {
	if (body.byteLength <= BODY_BYTES_MAX) return;
	throw new Refusal(413, "RequestEntityTooLarge", `Request entity too large: limit is ${BODY_BYTES_MAX}`);
}

/** What the body says, as JSON or YAML; undefined when there is none. Throws the refusal of one that can't be read. */
export function bodyOf(request: ApiRequest): unknown {
	requireSmall(request);
	const type = mediaTypeOf(request);
	if (request.body.byteLength === 0) return undefined;
	if (type === undefined || type === "application/json") return parseJson(request.body);
	if (type === "application/yaml") return parseYaml(request.body);
	// What kubectl creates without a file, it sends so, and it doesn't try again otherwise.
	if (type === "application/vnd.kubernetes.protobuf") return decodeProtobuf(request.body);
	throw unsupported(READABLE);
}

export function unsupported(accepted: string): Refusal {
	const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
	return new Refusal(415, "UnsupportedMediaType", message);
}

export function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(Buffer.from(body).toString("utf8"));
	} catch (error) {
		throw badRequest(`error decoding the body: json parse error: ${(error as Error).message}`);
	}
}

/** One document; JSON is YAML, too. */
export function parseYaml(body: Uint8Array): unknown {
	const document = parseDocument(Buffer.from(body).toString("utf8"));
	const [first] = document.errors;
	if (first) throw badRequest(`error decoding the body: yaml parse error: ${first.message}`);
	return document.toJS({ maxAliasCount: 100 });
}

export function isJson(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body as an object of that kind; apiVersion and kind may be left out. Throws the refusal of anything else. */
export function objectOf(value: unknown, kind: ServedKind): KubeObject {
	if (!isJson(value)) {
		throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind`);
	}
	const metadata = value.metadata ?? {};
	if (!isJson(metadata)) throw badRequest(`${kind.kind}: metadata must be an object`);
	if (value.apiVersion && value.apiVersion !== kind.apiVersion) {
		throw badRequest(
			`the API version in the data (${value.apiVersion}) does not match the expected API version (${kind.apiVersion})`,
		);
	}
	if (value.kind && value.kind !== kind.kind) {
		throw badRequest(
			`${value.kind} in version "${kind.apiVersion}" cannot be handled as a ${kind.kind}: the kind in the data does not match the expected kind`,
		);
	}
	return {
		...value,
		apiVersion: kind.apiVersion,
		kind: kind.kind,
		metadata: { ...metadata, name: (metadata.name as string | undefined) ?? "" },
	};
}
