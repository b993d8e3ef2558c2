import { durationMs, durationText } from "../../domain/duration.ts";
import type { Obstacle, RoutedService } from "../mesh-adapter.ts";
import { shapeObstacle, unusable } from "../shape.ts";
import { isNamed } from "./direct.ts";
import type { Filter, Rule } from "./http-route.ts";

type ServiceSpec = RoutedService["spec"];
type RequestMatch = NonNullable<ServiceSpec["match"]>[number];
type StringMatch = NonNullable<RequestMatch["uri"]>;
type HeaderOperations = NonNullable<NonNullable<ServiceSpec["headers"]>["request"]>;

/**
 * The rule that `spec.service` describes, with the apex as its backend. All defaults are written out, so that the API
 * server adds nothing and what it returns equals what was sent.
 */
export function createdRule({ apex, port, spec }: RoutedService): Rule {
	const filters = filtersOf(spec);
	const timeouts = given({ request: durationOf(spec.timeout), backendRequest: durationOf(spec.backendTimeout) });
	return {
		matches: spec.match?.length ? spec.match.map(matchOf) : [matchOf({})],
		...(filters.length === 0 ? {} : { filters }),
		...(Object.keys(timeouts).length === 0 ? {} : { timeouts }),
		backendRefs: [{ group: "", kind: "Service", name: apex, port, weight: 1 }],
	};
}

/** The fields of a rule that `createdRule` decides on, be it by leaving them out. */
export const RULE_FIELDS: ReadonlySet<string> = new Set(["matches", "filters", "timeouts", "backendRefs"]);

/** What `spec.service` asks of the rule that Gateway API has no words for. */
export function createdRuleObstacle(service: RoutedService): Obstacle | undefined {
	const { spec, candidate } = service;
	const kind = "an HTTPRoute";
	const unmet = [
		...(spec.match ?? []).flatMap((match, index) =>
			unmetIn(match).map((path) => `spec.service.match[${index}].${path}`),
		),
		...(spec.corsPolicy?.allowOrigins ?? [])
			.map(({ exact }, index) => (exact === undefined ? `spec.service.corsPolicy.allowOrigins[${index}]` : ""))
			.filter((path) => path !== ""),
	];
	if (unmet.length > 0) return unusable(unmet, kind);
	if (spec.mirror?.some(({ backendRef }) => isNamed(service, givenRef(backendRef), candidate))) {
		const message = `spec.service.mirror always copies to ${candidate}, which only the analysis may; remove it`;
		return { reason: "RouteUnusable", message };
	}
	return shapeObstacle(spec, kind, [
		"backendTimeout",
		"corsPolicy",
		"headers",
		"match",
		"mirror",
		"rewrite",
		"timeout",
	]);
}

const UNMET_CONDITIONS = [
	"authority",
	"gateways",
	"ignoreUriCase",
	"port",
	"scheme",
	"sourceLabels",
	"sourceNamespace",
	"withoutHeaders",
] as const satisfies readonly (keyof RequestMatch)[];

function unmetIn(match: RequestMatch): readonly string[] {
	const { uri, method, headers = {}, queryParams = {} } = match;
	const isExactOrRegex = ({ exact, regex }: StringMatch) => exact !== undefined || regex !== undefined;
	const inMap = (field: string, map: Readonly<Record<string, StringMatch>>) =>
		Object.keys(map)
			.filter((name) => !isExactOrRegex(map[name] ?? {}))
			.map((name) => `${field}['${name}']`);
	return [
		...UNMET_CONDITIONS.filter((field) => match[field] !== undefined && match[field] !== false),
		...(uri?.suffix === undefined ? [] : ["uri.suffix"]),
		...(method === undefined || method.exact !== undefined ? [] : ["method"]),
		...inMap("headers", headers),
		...inMap("queryParams", queryParams),
	];
}

function matchOf({ uri = {}, method, headers = {}, queryParams = {} }: RequestMatch): object {
	return {
		path: pathOf(uri),
		...(Object.keys(headers).length === 0 ? {} : { headers: byName(headers).map(namedMatch) }),
		...(Object.keys(queryParams).length === 0 ? {} : { queryParams: byName(queryParams).map(namedMatch) }),
		...(method?.exact === undefined ? {} : { method: method.exact }),
	};
}

function pathOf({ exact, regex, prefix }: StringMatch): object {
	if (exact !== undefined) return { type: "Exact", value: exact };
	if (regex !== undefined) return { type: "RegularExpression", value: regex };
	return { type: "PathPrefix", value: prefix ?? "/" };
}

function namedMatch([name, { exact, regex }]: readonly [string, StringMatch]): object {
	return exact !== undefined
		? { name, type: "Exact", value: exact }
		: { name, type: "RegularExpression", value: regex ?? "" };
}

function filtersOf({ headers, rewrite, mirror = [], corsPolicy }: ServiceSpec): readonly Filter[] {
	return [
		...headerFilter("RequestHeaderModifier", "requestHeaderModifier", headers?.request),
		...headerFilter("ResponseHeaderModifier", "responseHeaderModifier", headers?.response),
		...rewriteFilter(rewrite),
		...mirror.map(({ backendRef, percent, fraction }) => ({
			type: "RequestMirror",
			requestMirror: { backendRef: givenRef(backendRef), ...given({ percent, fraction }) },
		})),
		...corsFilter(corsPolicy),
	];
}

/** Sorted, for a map has no order and a list that changes its own would be written anew each time. */
function headerFilter(type: string, field: string, operations: HeaderOperations | undefined): readonly Filter[] {
	const { add = {}, set = {}, remove = [] } = operations ?? {};
	const pairs = (map: Readonly<Record<string, string>>) => byName(map).map(([name, value]) => ({ name, value }));
	const modifier = {
		...(Object.keys(add).length === 0 ? {} : { add: pairs(add) }),
		...(Object.keys(set).length === 0 ? {} : { set: pairs(set) }),
		...(remove.length === 0 ? {} : { remove: remove.toSorted() }),
	};
	return Object.keys(modifier).length === 0 ? [] : [{ type, [field]: modifier }];
}

function rewriteFilter({ uri, authority, type }: NonNullable<ServiceSpec["rewrite"]> = {}): readonly Filter[] {
	const replacement =
		type === "ReplacePrefixMatch"
			? { type: "ReplacePrefixMatch", replacePrefixMatch: uri }
			: { type: "ReplaceFullPath", replaceFullPath: uri };
	const urlRewrite = given({ hostname: authority || undefined, path: uri ? replacement : undefined });
	return Object.keys(urlRewrite).length === 0 ? [] : [{ type: "URLRewrite", urlRewrite }];
}

function corsFilter(policy: ServiceSpec["corsPolicy"]): readonly Filter[] {
	if (policy === undefined || Object.keys(policy).length === 0) return [];
	const { allowOrigin = [], allowOrigins = [], allowMethods, allowHeaders, exposeHeaders, allowCredentials } = policy;
	const origins = [...allowOrigin, ...allowOrigins.flatMap(({ exact }) => exact ?? [])];
	const cors = given({
		allowOrigins: origins.length === 0 ? undefined : [...new Set(origins)],
		allowMethods,
		allowHeaders,
		exposeHeaders,
		allowCredentials,
		maxAge: policy.maxAge === undefined ? 5 : Math.max(1, Math.round((durationMs(policy.maxAge) ?? 0) / 1_000)),
	});
	return [{ type: "CORS", cors }];
}

/** Gateway API's durations have no fractions. */
function durationOf(text: string | undefined): string | undefined {
	return text === undefined ? undefined : durationText(durationMs(text) ?? 0);
}

function givenRef(backendRef: NonNullable<ServiceSpec["mirror"]>[number]["backendRef"]) {
	const { group, kind, name, namespace, port } = backendRef;
	return { group, kind, name, ...given({ namespace, port }) };
}

function byName<T>(map: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
	return Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
function given<T extends object>(fields: T): Given<T> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
