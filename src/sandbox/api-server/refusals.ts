import { type Json, Refusal, type ServedKind } from "../contract.ts";
import { groupOf, resourceOf } from "./kinds.ts";

function detailsOf(kind: ServedKind, name: string): Json {
	const group = groupOf(kind.apiVersion);
	return { name, ...(group === "" ? {} : { group }), kind: kind.plural };
}

export function notFound(kind: ServedKind, name: string): Refusal {
	return new Refusal(404, "NotFound", `${resourceOf(kind)} "${name}" not found`, detailsOf(kind, name));
}

export function namespaceNotFound(name: string): Refusal {
	return new Refusal(404, "NotFound", `namespaces "${name}" not found`, { name, kind: "namespaces" });
}

export function alreadyExists(kind: ServedKind, name: string): Refusal {
	return new Refusal(409, "AlreadyExists", `${resourceOf(kind)} "${name}" already exists`, detailsOf(kind, name));
}

export function conflict(kind: ServedKind, name: string, why: string = MODIFIED): Refusal {
	const message = `Operation cannot be fulfilled on ${resourceOf(kind)} "${name}": ${why}`;
	return new Refusal(409, "Conflict", message, detailsOf(kind, name));
}

const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(kind: ServedKind, name: string, why: string): Refusal {
	const message = `${resourceOf(kind)} "${name}" is forbidden: ${why}`;
	return new Refusal(403, "Forbidden", message, detailsOf(kind, name));
}

/** Of one field of an object. */
export function invalid(
	kind: { readonly group: string; readonly kind: string },
	name: string,
	cause: { readonly field: string; readonly reason: string; readonly message: string },
): Refusal {
	const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
	return new Refusal(422, "Invalid", `${subject} "${name}" is invalid: ${cause.field}: ${cause.message}`, {
		name,
		...(kind.group === "" ? {} : { group: kind.group }),
		kind: kind.kind,
		causes: [cause],
	});
}

export function badRequest(message: string): Refusal {
	return new Refusal(400, "BadRequest", message);
}

/** Of a path that leads nowhere. */
export function noSuchPath(): Refusal {
	return new Refusal(404, "NotFound", "the server could not find the requested resource", {});
}

export function methodNotAllowed(): Refusal {
	return new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function tooOld(asked: string, oldest: number): Refusal {
	return new Refusal(410, "Expired", `too old resource version: ${asked} (${oldest})`);
}

/** The `Status` that a refusal is sent as. */
export function statusOf({ code, reason, message, details }: Refusal, metadata: Json = {}): Json {
	return {
		kind: "Status",
		apiVersion: "v1",
		metadata,
		status: "Failure",
		message,
		...(reason === "" ? {} : { reason }),
		...(details === undefined ? {} : { details }),
		code,
	};
}
