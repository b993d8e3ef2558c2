import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Propagation } from "../../contract.ts";
import { collectionOf, groupOf } from "../kinds.ts";
import { type DeleteOptions, deleteObject } from "../objects/deletion.ts";
import { find, inVersion } from "../objects/world.ts";
import { create, type Subresource, type Update, update, type WriteOptions } from "../objects/writes.ts";
import { badRequest, invalid, invalidOption } from "../refusals.ts";
import { askerOf } from "./asker.ts";
import { bodyOf, isJson, objectOf } from "./body.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Server } from "./exchange.ts";
import { formed, formOf, listText, objectText } from "./forms.ts";
import { selectionOf } from "./read.ts";
import type { Route } from "./route.ts";

export type NamedRoute = Route & { readonly name: string };

const MANAGER_CHARACTERS_MAX = 128;

const optionsBy: Readonly<Record<string, string>> = {
	POST: "CreateOptions",
	PUT: "UpdateOptions",
	PATCH: "PatchOptions",
	DELETE: "DeleteOptions",
};

/** Throws the refusal of options that say nothing that we know. */
export function writeOptionsOf(server: Server, request: ApiRequest): WriteOptions {
	const { method, query, headers } = request;
	const options = optionsBy[method] ?? "CreateOptions";
	const fieldValidation = query.get("fieldValidation") || "Warn";
	if (fieldValidation !== "Strict" && fieldValidation !== "Warn" && fieldValidation !== "Ignore") {
		throw invalidOption(options, {
			field: "fieldValidation",
			reason: "FieldValueNotSupported",
			message: `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "", "Ignore", "Strict", "Warn"`,
		});
	}
	const agent = (headers["user-agent"] ?? "").split("/")[0]?.trim() || "unknown";
	const named = query.get("fieldManager") ?? "";
	if (named.length > MANAGER_CHARACTERS_MAX) {
		const message = `Too long: may not be more than ${MANAGER_CHARACTERS_MAX} bytes`;
		throw invalidOption(options, { field: "fieldManager", reason: "FieldValueTooLong", message });
	}
	const manager = named || agent.slice(0, MANAGER_CHARACTERS_MAX);
	return {
		asker: askerOf(server, request),
		manager,
		fieldValidation,
		dryRun: isDryRun(options, query.getAll("dryRun")),
	};
}

function isDryRun(options: string, values: readonly unknown[]): boolean {
	const other = values.find((value) => value !== "All" && value !== "");
	if (other !== undefined) {
		const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
		throw invalidOption(options, { field: "dryRun", reason: "FieldValueNotSupported", message });
	}
	return values.includes("All");
}

export function createOne(server: Server, { kind, namespace }: Route, request: ApiRequest): ApiResponse {
	const form = formOf(request.headers.accept, request.query);
	const object = objectOf(bodyOf(request), kind);
	requireNamespace(object, namespace);
	const { object: stored, warnings } = create(server, { kind, namespace, object }, writeOptionsOf(server, request));
	return formed(form, 201, objectText(server, { kind, form, object: stored }), warningHeaders(warnings));
}

export function replaceOne(server: Server, route: NamedRoute & Pick<Update, "seen">, request: ApiRequest): ApiResponse {
	const { kind, name, namespace } = route;
	const form = formOf(request.headers.accept, request.query);
	const object = objectOf(bodyOf(request), kind);
	requireName(object, route);
	requireNamespace(object, namespace);
	if (!object.metadata.resourceVersion && server.kinds.definitionOf(kind) && find(server, route)) {
		throw invalid({ group: groupOf(kind.apiVersion), kind: kind.kind }, name, {
			field: "metadata.resourceVersion",
			reason: "FieldValueInvalid",
			message: "Invalid value: 0: must be specified for an update",
		});
	}
	const target = { ...route, subresource: route.subresource as Subresource, change: () => object };
	const { object: stored, warnings } = update(server, target, writeOptionsOf(server, request));
	return formed(form, 200, objectText(server, { kind, form, object: stored }), warningHeaders(warnings));
}

export function requireName(object: KubeObject, { name }: NamedRoute): void {
	if (object.metadata.name === "") throw badRequest("the name of the object must be provided");
	if (object.metadata.name === name) return;
	throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
}

export function requireNamespace({ metadata }: KubeObject, namespace: string | undefined): void {
	if (metadata.namespace === undefined || metadata.namespace === "" || metadata.namespace === namespace) return;
	throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** Warnings as kubectl prints them: code 299, no agent, the text in quotes. */
export function warningHeaders(warnings: readonly string[]): Readonly<Record<string, readonly string[]>> {
	if (warnings.length === 0) return {};
	return { warning: warnings.map((text) => `299 - "${asHeader(text)}"`) };
}

/** Header fields hold no line breaks and only Latin letters. */
function asHeader(text: string): string {
	return text.replaceAll(/[^\x20-\x7e]+/g, " ").replaceAll(/["\\]/g, "\\$&");
}

/** As the body and the query say; the body wins. */
export function deleteOptionsOf(server: Server, request: ApiRequest): DeleteOptions {
	const body = bodyOf(request) ?? {};
	if (!isJson(body)) throw badRequest("the body of a deletion must be DeleteOptions");
	const { query } = request;
	const grace = body.gracePeriodSeconds ?? query.get("gracePeriodSeconds");
	const seconds = grace === null || grace === undefined || grace === "" ? undefined : Number(grace);
	if (seconds !== undefined && !Number.isInteger(seconds)) {
		throw badRequest(`gracePeriodSeconds must be a whole number, not ${JSON.stringify(grace)}`);
	}
	const propagation = propagationOf(body.propagationPolicy ?? query.get("propagationPolicy"), body.orphanDependents);
	const preconditions = (isJson(body.preconditions) ? body.preconditions : {}) as {
		readonly uid?: string;
		readonly resourceVersion?: string;
	};
	return {
		asker: askerOf(server, request),
		dryRun: isDryRun("DeleteOptions", [...query.getAll("dryRun"), ...(Array.isArray(body.dryRun) ? body.dryRun : [])]),
		...(seconds === undefined ? {} : { graceSeconds: seconds }),
		...(propagation === undefined ? {} : { propagation }),
		...(preconditions.uid ? { uid: preconditions.uid } : {}),
		...(preconditions.resourceVersion ? { resourceVersion: preconditions.resourceVersion } : {}),
	};
}

function propagationOf(policy: unknown, orphans: unknown): Propagation | undefined {
	if (policy === "Background" || policy === "Foreground" || policy === "Orphan") return policy;
	if (!policy) return orphans === true ? "Orphan" : undefined;
	throw invalidOption("DeleteOptions", {
		field: "propagationPolicy",
		reason: "FieldValueNotSupported",
		message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
	});
}

/** Kinds whose deletion is answered with the object itself even when it is gone. */
const TELLING = ["Pod", "Service", "ServiceAccount", "PodTemplate", "PersistentVolumeClaim"];

export function deleteOne(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	const { kind } = route;
	const form = formOf(request.headers.accept, request.query);
	const options = deleteOptionsOf(server, request);
	const { object, isGone, warnings } = deleteObject(server, route, options);
	const headers = warningHeaders(warnings);
	if (!isGone || (groupOf(kind.apiVersion) === "" && TELLING.includes(kind.kind))) {
		return formed(form, 200, objectText(server, { kind, form, object }), headers);
	}
	const group = groupOf(kind.apiVersion);
	const details = {
		name: route.name,
		...(group === "" ? {} : { group }),
		kind: kind.plural,
		...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
	};
	return jsonResponse(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }, headers);
}

/** Deletes what the selectors mean, and answers with the list of it. */
export function deleteMany(server: Server, route: Route, request: ApiRequest): ApiResponse {
	const { kind, namespace } = route;
	const form = formOf(request.headers.accept, request.query);
	const options = deleteOptionsOf(server, request);
	const matches = selectionOf(server, route, request.query);
	const present = server.store
		.list(collectionOf(kind), namespace)
		.map((object) => inVersion(server, object, kind))
		.filter((object) => matches === undefined || matches(object));
	const deleted = present.flatMap(({ metadata: { name, namespace: within } }) => {
		const place = { kind, namespace: within, name };
		// Another's deletion may have taken this one along.
		return find(server, place) ? deleteObject(server, place, options) : [];
	});
	const objects = deleted.map(({ object }) => object);
	const metadata = { resourceVersion: String(server.store.resourceVersion()) };
	const warnings = new Set(deleted.flatMap((one) => one.warnings));
	return formed(form, 200, listText(server, { kind, form, objects, metadata }), warningHeaders([...warnings]));
}
