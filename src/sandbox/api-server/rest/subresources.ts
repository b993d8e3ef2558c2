import type { KubeObject } from "../../../domain/kube-object.ts";
import { type DeleteOptions, deleteObject } from "../objects/deletion.ts";
import { heedPolicies } from "../objects/policies.ts";
import { commit, fetchFrom, timeOf } from "../objects/world.ts";
import { badRequest, conflict, methodNotAllowed } from "../refusals.ts";
import { bodyOf, isJson, objectOf } from "./body.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Server } from "./exchange.ts";
import { patchOne } from "./patch.ts";
import { getOne, numberIn } from "./read.ts";
import { answerScale } from "./scale.ts";
import { type NamedRoute, replaceOne, warningHeaders, writeOptionsOf } from "./write.ts";

/** Answers what is asked of a part of an object. */
export function answerSubresource(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	switch (route.subresource) {
		case "status":
			if (request.method === "GET") return getOne(server, route, request);
			if (request.method === "PUT") return replaceOne(server, route, request);
			if (request.method === "PATCH") return patchOne(server, route, request);
			throw methodNotAllowed();
		case "scale":
			return answerScale(server, route, request);
		case "binding":
			return bind(server, route, request);
		case "eviction":
			return evict(server, route, request);
		case "log":
			return readLog(server, route, request);
		case "finalize":
			if (request.method !== "PUT") throw methodNotAllowed();
			return replaceOne(server, { ...route, subresource: "", seen: { subresource: "finalize" } }, request);
		default:
			throw methodNotAllowed();
	}
}

const SUCCESS = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/** Puts a pod on a node, as a scheduler does. */
function bind(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	if (request.method !== "POST") throw methodNotAllowed();
	const body = bodyOf(request);
	const target = isJson(body) && isJson(body.target) ? body.target : {};
	const node = target.name;
	if (typeof node !== "string" || node === "") throw badRequest("a Binding must name a node: target.name");
	const pod = fetchFrom(server, route);
	const binding = { ...route.kind, plural: "pods/binding" };
	const spec = pod.spec as { readonly nodeName?: string } | undefined;
	if (pod.metadata.deletionTimestamp !== undefined) {
		throw conflict(binding, route.name, `pod ${route.name} is being deleted, cannot be assigned to a host`);
	}
	if (spec?.nodeName) {
		throw conflict(binding, route.name, `pod ${route.name} is already assigned to node "${spec.nodeName}"`);
	}
	const options = writeOptionsOf(server, request);
	const sent = { apiVersion: "v1", kind: "Binding" };
	const warnings = heedPolicies(server, route, {
		...{ operation: "CREATE", asker: options.asker, subresource: "binding", sent, dryRun: options.dryRun },
		...{ object: objectOf(body, { ...route.kind, ...sent }), oldObject: undefined },
	});
	if (!options.dryRun) commit(server, route.kind, scheduled(pod, node, timeOf(server)));
	return jsonResponse(201, SUCCESS, warningHeaders(warnings));
}

/** The pod on that node. Not admitted again: this is the one way in which a pod gets a node later on. */
function scheduled(pod: KubeObject, nodeName: string, now: string): KubeObject {
	const status = (pod.status ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
	const others = (status.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
	const condition = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now };
	return {
		...pod,
		spec: { ...(pod.spec as object), nodeName },
		status: { ...status, conditions: [...others, condition] },
	};
}

/** Deletes the pod. Budgets of disruption aren't kept. */
function evict(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	if (request.method !== "POST") throw methodNotAllowed();
	const body = bodyOf(request);
	const options = (isJson(body) && isJson(body.deleteOptions) ? body.deleteOptions : {}) as {
		readonly gracePeriodSeconds?: number;
		readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
		readonly dryRun?: readonly string[];
	};
	const { uid, resourceVersion } = options.preconditions ?? {};
	const asked = writeOptionsOf(server, request);
	const dryRun = asked.dryRun || options.dryRun?.includes("All") === true;
	const sent = { apiVersion: "policy/v1", kind: "Eviction" };
	const warnings = heedPolicies(server, route, {
		...{ operation: "CREATE", asker: asked.asker, subresource: "eviction", sent, dryRun },
		...{ object: objectOf(body, { ...route.kind, ...sent }), oldObject: undefined },
	});
	const deletion: DeleteOptions = {
		dryRun,
		...(options.gracePeriodSeconds === undefined ? {} : { graceSeconds: options.gracePeriodSeconds }),
		...(uid === undefined ? {} : { uid }),
		...(resourceVersion === undefined ? {} : { resourceVersion }),
	};
	// Whoever may evict the pod may delete it so.
	deleteObject(server, route, deletion);
	return jsonResponse(201, SUCCESS, warningHeaders(warnings));
}

function readLog(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	if (request.method !== "GET") throw methodNotAllowed();
	const pod = fetchFrom(server, route);
	const containers = (pod.spec as { readonly containers?: readonly { readonly name: string }[] } | undefined)
		?.containers;
	const names = (containers ?? []).map(({ name }) => name);
	const asked = request.query.get("container") ?? undefined;
	if (asked !== undefined && names.length > 0 && !names.includes(asked)) {
		throw badRequest(`container ${asked} is not valid for pod ${route.name}`);
	}
	const text = server.logs({
		namespace: route.namespace ?? "",
		pod: route.name,
		container: asked ?? names[0],
		tailLines: numberIn(request.query, "tailLines"),
	});
	return { status: 200, headers: { "content-type": "text/plain" }, body: text };
}
