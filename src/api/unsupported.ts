import type { AlertProvider, AlertProviderType } from "./alert-provider.ts";
import { type Canary, type CanarySpec, type Provider, SUPPORTED_PROVIDERS } from "./canary.ts";
import type { CanaryAnalysis } from "./canary-analysis.ts";
import type { CanaryService } from "./canary-service.ts";
import type { MetricProviderType, MetricTemplate } from "./metric-template.ts";

/** Receivers of messages that this version can serve. */
export const SUPPORTED_ALERT_PROVIDERS = ["slack", "webhook"] as const satisfies AlertProviderType[];

/** Metric backends that this version can ask. */
export const SUPPORTED_METRIC_PROVIDERS = ["prometheus"] as const satisfies MetricProviderType[];

/** Fields of `service` that no mesh of this version understands. What only some understand is its adapter's to refuse. */
const UNSUPPORTED_SERVICE_FIELDS = [
	"gateways",
	"delegation",
	"trafficPolicy",
	"retries",
	"meshName",
	"backends",
] as const satisfies (keyof CanaryService)[];

/**
 * What the Canary asks for that this version knows but cannot do, whatever the mesh: a sentence each, with the field and
 * the mend. A Canary that asks for such a thing is refused as a whole, never obeyed in part.
 */
export function unsupportedFeatures({ spec }: Canary): string[] {
	return [
		...ofProvider(spec.provider),
		...ofReferences(spec),
		...ofService(spec.service),
		...ofAnalysis(spec.analysis),
	];
}

/** Why messages cannot be sent to this receiver, if so. */
export function unsupportedAlertProvider({ spec: { type } }: AlertProvider): string[] {
	if ((SUPPORTED_ALERT_PROVIDERS as readonly string[]).includes(type)) return [];
	return [`spec.type: ${type} is not supported yet; use one of ${SUPPORTED_ALERT_PROVIDERS.join(", ")}`];
}

/** Why this backend cannot be asked, if so. */
export function unsupportedMetricTemplate({ spec: { provider } }: MetricTemplate): string[] {
	if ((SUPPORTED_METRIC_PROVIDERS as readonly string[]).includes(provider.type)) return [];
	return [`spec.provider.type: ${provider.type} is not supported yet; use ${SUPPORTED_METRIC_PROVIDERS.join(", ")}`];
}

function ofProvider(provider: Provider | undefined): string[] {
	if (provider === undefined || (SUPPORTED_PROVIDERS as readonly string[]).includes(provider)) return [];
	return [`spec.provider: ${provider} is not supported yet; use one of ${SUPPORTED_PROVIDERS.join(", ")}`];
}

function ofReferences({ targetRef, autoscalerRef, ingressRef, routeRef, upstreamRef }: CanarySpec): string[] {
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
	for (const [field, reference] of Object.entries({ ingressRef, routeRef, upstreamRef })) {
		if (reference === undefined) continue;
		problems.push(`spec.${field}: ${reference.kind} is not supported yet; remove the field`);
	}
	return problems;
}

function ofService(service: CanaryService | undefined): string[] {
	if (service === undefined) return ["spec.service: is missing; say at least which port the workload serves"];
	return UNSUPPORTED_SERVICE_FIELDS.filter((field) => isAsked(service[field])).map(
		(field) => `spec.service.${field}: no supported provider can do that; remove the field`,
	);
}

function ofAnalysis({ match, steps = [], sessionAffinity }: Partial<CanaryAnalysis> = {}): string[] {
	const problems: string[] = [];
	if (isAsked(match)) problems.push("spec.analysis.match: A/B testing is not supported yet; remove the field");
	for (const [index, step] of steps.entries()) {
		if (step.match === undefined) continue;
		problems.push(`spec.analysis.steps[${index}].match: A/B testing is not supported yet; use weight or mirror`);
	}
	if (sessionAffinity !== undefined) {
		problems.push("spec.analysis.sessionAffinity: session affinity is not supported yet; remove the field");
	}
	return problems;
}

/** False for what a manifest gives without asking for anything: `false`, `{}` and `[]`. */
function isAsked(value: unknown): boolean {
	if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
	return value !== undefined && value !== false;
}
