import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json, ServedKind } from "../../contract.ts";
import { groupOf } from "../kinds.ts";
import { fetchFrom } from "../objects/world.ts";
import { update } from "../objects/writes.ts";
import { badRequest, conflict, invalid, methodNotAllowed, noSuchPath } from "../refusals.ts";
import { bodyOf, isJson, mediaTypeOf } from "./body.ts";
import type { ApiRequest, ApiResponse, Server } from "./exchange.ts";
import { formed, formOf, objectText } from "./forms.ts";
import { patchOf } from "./patch.ts";
import { type NamedRoute, warningHeaders, writeOptionsOf } from "./write.ts";

const SCALE: ServedKind = {
	apiVersion: "autoscaling/v1",
	kind: "Scale",
	plural: "scales",
	singular: "scale",
	shortNames: [],
	categories: [],
	namespaced: true,
	subresources: [],
	storedAs: "autoscaling/v1",
	schema: undefined,
};

/** Where an object says how many there shall be, how many there are, and of which: paths of field names. */
interface ScalePaths {
	readonly wanted: readonly string[];
	readonly present: readonly string[];
	readonly selector: readonly string[] | undefined;
}

/** The `scale` subresource: the object seen as an autoscaling/v1 Scale. */
export function answerScale(server: Server, route: NamedRoute, request: ApiRequest): ApiResponse {
	const paths = pathsOf(server, route.kind);
	const form = formOf(request.headers.accept, request.query);
	const answer = (object: KubeObject, warnings: readonly string[] = []) => {
		const text = objectText(server, { kind: SCALE, form, object: scaleOf(object, paths) });
		return formed(form, 200, text, warningHeaders(warnings));
	};
	if (request.method === "GET") return answer(fetchFrom(server, route));
	if (request.method !== "PUT" && request.method !== "PATCH") throw methodNotAllowed();
	const change = request.method === "PUT" ? () => bodyOf(request) : scalePatch(server, request);
	const { object, warnings } = update(
		server,
		{
			...route,
			subresource: "scale",
			change: (live) => scaled(live, change(scaleOf(live, paths)), paths, route.kind),
			seen: { subresource: "scale", as: { kind: SCALE, view: (whole) => scaleOf(whole, paths) } },
		},
		writeOptionsOf(server, request),
	);
	return answer(object, warnings);
}

/** A Scale is no custom resource, whatever it scales: every patch but an apply does. */
function scalePatch(server: Server, request: ApiRequest): (scale: KubeObject) => unknown {
	if (mediaTypeOf(request) === "application/apply-patch+yaml") throw badRequest("a Scale can't be applied: patch it");
	return patchOf(server, { kind: SCALE }, request);
}

function pathsOf(server: Server, kind: ServedKind): ScalePaths {
	const definition = server.kinds.definitionOf(kind);
	if (!definition) return { wanted: ["spec", "replicas"], present: ["status", "replicas"], selector: undefined };
	const { versions = [] } = definition.spec as { readonly versions?: readonly DefinedVersion[] };
	const scale = versions.find(({ name }) => kind.apiVersion.endsWith(`/${name}`))?.subresources?.scale;
	if (!scale) throw noSuchPath();
	return {
		wanted: namesOf(scale.specReplicasPath),
		present: namesOf(scale.statusReplicasPath),
		selector: namesOf(scale.labelSelectorPath ?? ""),
	};
}

interface DefinedVersion {
	readonly name: string;
	readonly subresources?: {
		readonly scale?: {
			readonly specReplicasPath: string;
			readonly statusReplicasPath: string;
			readonly labelSelectorPath?: string;
		};
	};
}

function namesOf(path: string): readonly string[] {
	return path.split(".").filter((name) => name !== "");
}

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
	const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
	const selector = paths.selector ? at(object, paths.selector) : selectorText(at(object, ["spec", "selector"]));
	return {
		kind: "Scale",
		apiVersion: "autoscaling/v1",
		metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
		spec: { replicas: at(object, paths.wanted) ?? 0 },
		status: {
			replicas: at(object, paths.present) ?? 0,
			...(typeof selector === "string" && selector !== "" ? { selector } : {}),
		},
	};
}

/** A label selector as text. */
function selectorText(selector: unknown): string {
	if (!isJson(selector)) return "";
	const labels = Object.entries((selector.matchLabels ?? {}) as Json).map(([key, value]) => `${key}=${value}`);
	const expressions = (selector.matchExpressions ?? []) as readonly {
		readonly key: string;
		readonly operator: string;
		readonly values?: readonly string[];
	}[];
	const others = expressions.map(({ key, operator, values = [] }) => {
		if (operator === "Exists") return key;
		return operator === "DoesNotExist" ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(",")})`;
	});
	return [...labels, ...others].join(",");
}

function scaled(live: KubeObject, scale: unknown, paths: ScalePaths, kind: ServedKind): KubeObject {
	if (!isJson(scale)) throw badRequest("the object provided is unrecognized (must be of type Scale)");
	const metadata = (isJson(scale.metadata) ? scale.metadata : {}) as Partial<KubeObject["metadata"]>;
	const { name } = live.metadata;
	if (metadata.name && metadata.name !== name) {
		throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
	}
	if (metadata.uid && metadata.uid !== live.metadata.uid) {
		const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${live.metadata.uid}`;
		throw conflict({ ...kind, plural: `${kind.plural}/scale` }, name, why);
	}
	if (metadata.resourceVersion && metadata.resourceVersion !== live.metadata.resourceVersion)
		throw conflict(kind, name);
	const replicas = (isJson(scale.spec) ? scale.spec.replicas : undefined) ?? 0;
	if (typeof replicas !== "number" || !Number.isInteger(replicas) || replicas < 0) {
		throw invalid({ group: groupOf("autoscaling/v1"), kind: "Scale" }, name, {
			field: "spec.replicas",
			reason: "FieldValueInvalid",
			message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
		});
	}
	return withAt(live, paths.wanted, replicas) as KubeObject;
}

function at(object: Json, path: readonly string[]): unknown {
	return path.reduce<unknown>((value, name) => (isJson(value) ? value[name] : undefined), object);
}

function withAt(object: Json, [name, ...rest]: readonly string[], value: unknown): Json {
	if (name === undefined) return object;
	const inner = isJson(object[name]) ? object[name] : {};
	return { ...object, [name]: rest.length === 0 ? value : withAt(inner, rest, value) };
}
