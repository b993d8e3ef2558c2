import type { KubeObject } from "../../../domain/kube-object.ts";
import { Refusal } from "../../contract.ts";
import { find, timeOf } from "../objects/world.ts";
import { create, type Subresource, update, type WriteOptions, type Written } from "../objects/writes.ts";
import { conflict, invalidOption, notFound } from "../refusals.ts";
import { mediaTypeOf, objectOf, parseJson, parseYaml, requireSmall, unsupported } from "./body.ts";
import type { ApiRequest, ApiResponse, Server } from "./exchange.ts";
import { formed, formOf, objectText } from "./forms.ts";
import { isTrue } from "./watch.ts";
import type { NamedRoute } from "./write.ts";
import { requireName, requireNamespace, warningHeaders, writeOptionsOf } from "./write.ts";

const APPLY = "application/apply-patch+yaml";
const PATCHES =
	"application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

export function patchOne(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	const { kind } = route;
	const form = formOf(request.headers.accept, request.query);
	requireSmall(request);
	const options = writeOptionsOf(server, request);
	const isApply = mediaTypeOf(request) === APPLY;
	requirePatchOptions(request.query, isApply);
	const written = isApply ? applied(server, route, request, options) : patched(server, route, request, options);
	const { object, warnings, isNew } = written;
	return formed(form, isNew ? 201 : 200, objectText(server, { kind, form, object }), warningHeaders(warnings));
}

function requirePatchOptions(query: URLSearchParams, isApply: boolean): void {
	if (isApply && !query.get("fieldManager")) {
		const message = "Required value: is required for apply patch";
		throw invalidOption("PatchOptions", { field: "fieldManager", reason: "FieldValueRequired", message });
	}
	if (!isApply && query.has("force")) {
		const message = "Forbidden: may not be specified for non-apply patch";
		throw invalidOption("PatchOptions", { field: "force", reason: "FieldValueForbidden", message });
	}
}

function patched(server: Server, route: NamedRoute, request: ApiRequest, options: WriteOptions): Written {
	const change = patchOf(server, route, request);
	return update(
		server,
		{
			...route,
			subresource: route.subresource as Subresource,
			isPatch: true,
			change: (live) => {
				const object = objectOf(change(live), route.kind);
				requireName(object, route);
				requireNamespace(object, route.namespace);
				return object;
			},
		},
		options,
	);
}

/** What the body makes of an object. Throws the refusal of a kind of patch that the object's kind doesn't take. */
export function patchOf(
	server: Server,
	{ kind }: Pick<NamedRoute, "kind">,
	request: ApiRequest,
): (object: KubeObject) => KubeObject {
	const { rules } = server;
	switch (mediaTypeOf(request)) {
		case "application/json-patch+json": {
			const patch = parseJson(request.body);
			return (object) => rules.jsonPatch(object, patch);
		}
		case "application/merge-patch+json": {
			const patch = parseJson(request.body);
			return (object) => rules.mergePatch(object, patch);
		}
		case "application/strategic-merge-patch+json": {
			if (server.kinds.definitionOf(kind)) {
				throw unsupported(PATCHES.replace("application/strategic-merge-patch+json, ", ""));
			}
			const patch = parseJson(request.body);
			return (object) => rules.strategicMergePatch(object, patch, kind.schema);
		}
		default:
			throw unsupported(PATCHES);
	}
}

/** Server-side apply: makes the object when it isn't there. */
function applied(server: Server, route: NamedRoute, request: ApiRequest, options: WriteOptions): Written {
	const { kind, namespace, name } = route;
	const subresource = route.subresource as Subresource;
	const wanted = objectOf(parseYaml(request.body), kind);
	if (wanted.metadata.name !== "") requireName(wanted, route);
	requireNamespace(wanted, namespace);
	const within = namespace === undefined ? {} : { namespace };
	const object = { ...wanted, metadata: { ...wanted.metadata, name, ...within } };
	const live = find(server, route);
	const common = {
		applied: object,
		manager: options.manager,
		force: isTrue(request.query.get("force")),
		schema: kind.schema,
		subresource,
		now: timeOf(server),
	};
	if (live) {
		const { resourceVersion } = object.metadata;
		if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw conflict(kind, name);
		const change = (present: KubeObject) => server.rules.applyServerSide({ ...common, live: present });
		return update(server, { ...route, subresource, change, keepsManagers: true }, options);
	}
	if (subresource !== "") throw notFound(kind, name);
	if (object.metadata.uid) {
		const message = `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`;
		throw new Refusal(409, "Conflict", message);
	}
	const made = server.rules.applyServerSide({ ...common, live: undefined });
	return create(server, { kind, namespace, object: made, keepsManagers: true }, options);
}
