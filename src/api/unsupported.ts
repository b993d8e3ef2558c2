import type { AlertProvider, AlertProviderType } from "./alert-provider.ts";
import { type Canary, type Provider, SUPPORTED_PROVIDERS, type SupportedProvider } from "./canary.ts";
import type { RequestMatch } from "./canary-service.ts";
import type { MetricProviderType, MetricTemplate } from "./metric-template.ts";
import type { StringMatch } from "./schema.ts";

/** Receivers of messages that this version can serve. */
export const SUPPORTED_ALERT_PROVIDERS = ["slack", "webhook"] as const satisfies AlertProviderType[];

/** Metric backends that this version can ask. */
export const SUPPORTED_METRIC_PROVIDERS = ["prometheus"] as const satisfies MetricProviderType[];

type Service = NonNullable<Canary["spec"]["service"]>;

/** Fields of `service` that shape a route, and which only some meshes understand. */
const ROUTE_FIELDS = [
	"timeout",
	"backendTimeout",
	"gateways",
	"gatewayRefs",
	"hosts",
	"delegation",
	"trafficPolicy",
	"match",
	"rewrite",
	"retries",
	"headers",
	"mirror",
	"corsPolicy",
	"meshName",
	"backends",
] as const satisfies (keyof Service)[];
type RouteField = (typeof ROUTE_FIELDS)[number];

const GATEWAY_API_FIELDS: readonly RouteField[] = [
	"timeout",
	"gatewayRefs",
	"hosts",
	"match",
	"rewrite",
	"headers",
	"mirror",
];
const GATEWAY_API_V1_FIELDS: readonly RouteField[] = [...GATEWAY_API_FIELDS, "backendTimeout", "corsPolicy"];

/** The route fields that each provider honours. What is not listed here is refused, never left out in silence. */
const HONOURED = {
	gatewayapi: GATEWAY_API_V1_FIELDS,
	"gatewayapi:v1": GATEWAY_API_V1_FIELDS,
	"gatewayapi:v1beta1": GATEWAY_API_FIELDS,
	linkerd: [],
	osm: [],
	"smi:v1alpha1": [],
	"smi:v1alpha2": [],
	"smi:v1alpha3": [],
	"smi:v1alpha4": [],
	kubernetes: [],
} as const satisfies Record<SupportedProvider, readonly RouteField[]>;

/**
 * What the Canary asks for that this version knows but cannot do: a sentence each, with the field and the mend. A Canary
 * that asks for such a thing is refused as a whole, never obeyed in part. `provider` is the operator's own for Canaries
 * that name none; when it is unknown too, only what no provider can do is refused.
 */
export function unsupportedFeatures(
	{ spec }: Canary,
	provider: Provider | undefined = spec.provider,
): readonly string[] {
	const effective = spec.provider ?? provider;
	if (effective !== undefined && !isSupported(effective)) {
		return [
			`spec.provider: ${effective} is not supported yet; use one of ${SUPPORTED_PROVIDERS.join(", ")}`,
			...ofSpec(spec),
		];
	}
	return [...ofSpec(spec), ...ofService(spec.service, effective)];
}

/** Why messages cannot be sent to this receiver, if so. */
export function unsupportedAlertProvider({ spec: { type } }: AlertProvider): readonly string[] {
	if ((SUPPORTED_ALERT_PROVIDERS as readonly string[]).includes(type)) return [];
	return [`spec.type: ${type} is not supported yet; use one of ${SUPPORTED_ALERT_PROVIDERS.join(", ")}`];
}

/** Why this backend cannot be asked, if so. */
export function unsupportedMetricTemplate({ spec: { provider } }: MetricTemplate): readonly string[] {
	if ((SUPPORTED_METRIC_PROVIDERS as readonly string[]).includes(provider.type)) return [];
	return [`spec.provider.type: ${provider.type} is not supported yet; use ${SUPPORTED_METRIC_PROVIDERS.join(", ")}`];
}

function isSupported(provider: Provider): provider is SupportedProvider {
	return (SUPPORTED_PROVIDERS as readonly string[]).includes(provider);
}

function ofSpec({ targetRef, autoscalerRef, ingressRef, routeRef, upstreamRef, analysis }: Canary["spec"]): string[] {
	const problems: string[] = [];
	if (targetRef.kind !== "Deployment") {
		problems.push(`spec.targetRef.kind: ${targetRef.kind} is not supported yet; use a Deployment`);
	} else if (targetRef.apiVersion !== "apps/v1") {
		problems.push(`spec.targetRef.apiVersion: ${targetRef.apiVersion} has no Deployment; use apps/v1`);
	}
	if (autoscalerRef !== undefined) {
		problems.push(
			"spec.autoscalerRef: autoscalers are not supported yet; remove the field and give the target a fixed number of replicas",
		);
	}
	for (const [field, value] of Object.entries({ ingressRef, routeRef, upstreamRef })) {
		if (value !== undefined) problems.push(`spec.${field}: ${value.kind} is not supported yet; remove the field`);
	}
	if (analysis === undefined) return problems;
	if (analysis.match !== undefined && analysis.match.length > 0) {
		problems.push("spec.analysis.match: A/B testing is not supported yet; remove the field");
	}
	for (const [index, { match }] of (analysis.steps ?? []).entries()) {
		if (match === undefined) continue;
		problems.push(`spec.analysis.steps[${index}].match: A/B testing is not supported yet; use weight or mirror`);
	}
	if (analysis.sessionAffinity !== undefined) {
		problems.push("spec.analysis.sessionAffinity: session affinity is not supported yet; remove the field");
	}
	return problems;
}

function ofService(service: Service | undefined, provider: SupportedProvider | undefined): string[] {
	if (service === undefined) return ["spec.service: is missing; say at least which port the workload serves"];
	const honoured = provider === undefined ? GATEWAY_API_V1_FIELDS : HONOURED[provider];
	const who = provider === undefined ? "no supported provider" : `provider ${provider}`;
	const problems = ROUTE_FIELDS.filter((field) => isGiven(service[field]) && !honoured.includes(field)).map(
		(field) => `spec.service.${field}: ${who} ${provider === undefined ? "can" : "cannot"} do that; remove the field`,
	);
	if (!provider?.startsWith("gatewayapi")) return problems;
	if (!isGiven(service.gatewayRefs)) {
		problems.push(
			"spec.service.gatewayRefs: is missing; name the Gateway, or the Service, that the route is attached to",
		);
	}
	return [...problems, ...ofHttpRoute(service)];
}

/** False for what a manifest gives without asking for anything: `false`, `{}` and `[]`. */
function isGiven(value: unknown): boolean {
	if (value === undefined || value === null || value === false) return false;
	return typeof value !== "object" || Object.keys(value).length > 0;
}

/** What an HTTPRoute has no words for. */
function ofHttpRoute({ match = [], corsPolicy }: Service): string[] {
	const problems = match.flatMap((one, index) => ofRequestMatch(one, `spec.service.match[${index}]`));
	if (isGiven(corsPolicy?.allowOrigins)) {
		problems.push("spec.service.corsPolicy.allowOrigins: the Gateway API has no patterns for origins; use allowOrigin");
	}
	return problems;
}

const HTTP_ROUTE_MATCH: readonly (keyof RequestMatch)[] = ["name", "uri", "method", "headers", "queryParams"];

function ofRequestMatch(match: RequestMatch, path: string): string[] {
	const foreign = Object.entries(match)
		.filter(
			([field, value]) => value !== undefined && value !== false && !(HTTP_ROUTE_MATCH as string[]).includes(field),
		)
		.map(([field]) => `${path}.${field}: the Gateway API cannot match that; remove the field`);
	const compared = (at: string, value: StringMatch | undefined, ...ways: (keyof StringMatch)[]) =>
		value === undefined || ways.some((way) => value[way] !== undefined)
			? []
			: [`${path}.${at}: the Gateway API cannot compare it like that; use ${ways.join(" or ")}`];
	const inMap = (at: "headers" | "queryParams") =>
		Object.entries(match[at] ?? {}).flatMap(([name, value]) => compared(`${at}['${name}']`, value, "exact", "regex"));
	return [
		...foreign,
		...compared("uri", match.uri, "exact", "prefix", "regex"),
		...compared("method", match.method, "exact"),
		...inMap("headers"),
		...inMap("queryParams"),
	];
}
