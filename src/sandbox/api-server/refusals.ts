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

/** `why`: said before it, when there is more to say. */
export function alreadyExists(kind: ServedKind, name: string, why = ""): Refusal {
	const message = `${why}${resourceOf(kind)} "${name}" already exists`;
	return new Refusal(409, "AlreadyExists", message, detailsOf(kind, name));
}

export function conflict(kind: ServedKind, name: string, why: string = MODIFIED): Refusal {
	const message = `Operation cannot be fulfilled on ${resourceOf(kind)} "${name}": ${why}`;
	return new Refusal(409, "Conflict", message, detailsOf(kind, name));
}

const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

/** Of a condition for a deletion that isn't met: there the API names the kind in place of the resource. */
export function preconditionFailed({ apiVersion, kind }: ServedKind, name: string, why: string): Refusal {
	const named = { apiVersion, plural: kind };
	const message = `Operation cannot be fulfilled on ${resourceOf(named)} "${name}": ${why}`;
	const group = groupOf(apiVersion);
	return new Refusal(409, "Conflict", message, { name, ...(group === "" ? {} : { group }), kind });
}

/** Of something new in a namespace that is being deleted. */
export function namespaceTerminating(kind: ServedKind, name: string, namespace: string): Refusal {
	const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
	const message = `namespace ${namespace} is being terminated`;
	const causes = [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }];
	const details = { ...detailsOf(kind, name), causes };
	return new Refusal(403, "Forbidden", `${resourceOf(kind)} "${name}" is forbidden: ${why}`, details);
}

/** Of an option that says what no such option may say, such as `CreateOptions`. */
export function invalidOption(options: string, cause: Cause): Refusal {
	return invalid({ group: "meta.k8s.io", kind: options }, "", cause);
}

interface Cause {
	readonly field: string;
	readonly reason: string;
	readonly message: string;
}

/** Of one field of an object. */
export function invalid(kind: { readonly group: string; readonly kind: string }, name: string, cause: Cause): Refusal {
	const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
	return new Refusal(422, "Invalid", `${subject} "${name}" is invalid: ${cause.field}: ${cause.message}`, {
		...(name === "" ? {} : { name }),
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
