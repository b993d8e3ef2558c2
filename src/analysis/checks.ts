import type { Canary } from "../api/canary.ts";
import { BUILT_IN_METRICS, type CanaryMetric } from "../api/canary-analysis.ts";
import type { MetricTemplate } from "../api/metric-template.ts";
import { durationMs, durationText } from "../domain/duration.ts";
import { keyOf } from "../domain/kube-object.ts";
import { type BuiltInMetric, builtInQuery } from "./built-in-queries.ts";
import { isMetricProviderName, metricProviders } from "./providers/registry.ts";
import type { Check, MetricSource, Range } from "./question.ts";
import { parseTemplate, renderTemplate, type TemplateValues } from "./template.ts";

/** What a Canary's checks depend on beside the Canary. */
export interface ChecksWorld {
	/** The provider in force: the Canary's own, or the operator's. */
	readonly provider: string;
	/** Prometheus for built-in and inline checks; undefined when the operator was given none. */
	readonly metricsServer: MetricSource | undefined;
	/** A MetricTemplate that has been read; undefined when there is none of that name. */
	readonly templateOf: (namespace: string, name: string) => MetricTemplate | undefined;
	/** Whether a Canary may use the templates, and so the metric backends, of other namespaces. */
	readonly crossNamespaceRefs: boolean;
}

export type Checks =
	| { readonly ok: true; readonly checks: readonly Check[] }
	/** Sentences that name the field and the mend. */
	| { readonly ok: false; readonly problems: readonly string[] };

type Made = { readonly ok: true; readonly check: Check } | { readonly ok: false; readonly problem: string };
type Asked = Pick<Check, "query" | "source"> & Partial<Pick<Check, "unit">>;
type Put = { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly problem: string };

/**
 * The checks of every round, in the order of the Canary's list. All or nothing: a check that cannot be put is a problem
 * to show, never one to leave out. Of several ways to say the query, a built-in name wins, then `query`, then
 * `templateRef`, as in Flagger.
 */
export function checksOf(canary: Canary, world: ChecksWorld): Checks {
	const made = (canary.spec.analysis?.metrics ?? []).map((metric, index): Made => {
		const range = rangeOf(metric);
		if (range === undefined)
			return refused(index, "thresholdRange: is missing; say which values pass, with min or max");
		const put = putMetric(canary, metric, world);
		if (!put.ok) return refused(index, put.problem);
		const { query, source, unit } = put.asked;
		return {
			ok: true,
			check: {
				name: metric.name,
				query: query.trim(),
				intervalMs: durationMs(metric.interval) ?? 0,
				range,
				unit,
				source,
			},
		};
	});
	const problems = made.flatMap((one) => (one.ok ? [] : [one.problem]));
	if (problems.length > 0) return { ok: false, problems };
	return { ok: true, checks: made.flatMap((one) => (one.ok ? [one.check] : [])) };
}

function refused(index: number, problem: string): Made {
	return { ok: false, problem: `spec.analysis.metrics[${index}].${problem}` };
}

/** The deprecated threshold is the least success rate and the most of anything else. `{}` lets every value pass. */
function rangeOf({ name, thresholdRange, threshold }: CanaryMetric): Range | undefined {
	if (thresholdRange !== undefined) return thresholdRange;
	if (threshold === undefined) return undefined;
	return name === "request-success-rate" ? { min: threshold } : { max: threshold };
}

function putMetric(canary: Canary, metric: CanaryMetric, world: ChecksWorld): Put {
	if (isBuiltIn(metric.name)) return putBuiltIn(metric.name, canary, metric, world);
	if (metric.query !== undefined) {
		const source = ownSource(canary, world);
		if (source === undefined) return { ok: false, problem: `query: ${NO_SERVER}` };
		const query = filled(metric.query, valuesOf(canary, metric));
		return query.ok
			? { ok: true, asked: { query: query.text, source } }
			: { ok: false, problem: `query: ${query.problem}` };
	}
	return putTemplate(canary, metric, world);
}

const NO_SERVER = "there is no Prometheus to ask; set spec.metricsServer, or the operator's --metrics-server";

function isBuiltIn(name: string): name is BuiltInMetric {
	return (BUILT_IN_METRICS as readonly string[]).includes(name);
}

function putBuiltIn(name: BuiltInMetric, canary: Canary, metric: CanaryMetric, world: ChecksWorld): Put {
	const source = ownSource(canary, world);
	if (source === undefined) return { ok: false, problem: `name: ${NO_SERVER}` };
	const subject = { namespace: namespaceOf(canary), target: canary.spec.targetRef, interval: promqlInterval(metric) };
	const built = builtInQuery(name, world.provider, subject);
	if (!built.ok) return { ok: false, problem: `name: ${built.problem}` };
	return { ok: true, asked: { query: built.query, source, unit: built.unit } };
}

/** A server that the Canary names gets none of the operator's credentials: whoever edits a Canary could collect them. */
function ownSource({ spec: { metricsServer } }: Canary, world: ChecksWorld): MetricSource | undefined {
	if (metricsServer === undefined || metricsServer === world.metricsServer?.address) return world.metricsServer;
	return { provider: "prometheus", address: metricsServer, headers: {}, secret: undefined, insecureSkipVerify: false };
}

function putTemplate(canary: Canary, metric: CanaryMetric, world: ChecksWorld): Put {
	const { templateRef } = metric;
	if (templateRef === undefined) {
		return { ok: false, problem: `templateRef: is missing; or use a built-in name (${BUILT_IN_METRICS.join(", ")})` };
	}
	const own = namespaceOf(canary);
	const namespace = templateRef.namespace ?? own;
	const described = `MetricTemplate ${keyOf({ namespace, name: templateRef.name })}`;
	const problem = (text: string): Put => ({ ok: false, problem: `templateRef: ${described} ${text}` });
	if (namespace !== own && !world.crossNamespaceRefs) {
		return problem("is in another namespace, which this operator does not allow; use one of the Canary's own");
	}
	const template = world.templateOf(namespace, templateRef.name);
	if (template === undefined) return problem("does not exist, or cannot be read");
	const { provider, query: source } = template.spec;
	if (!isMetricProviderName(provider.type)) {
		const known = Object.keys(metricProviders).join(", ");
		return problem(`has provider ${provider.type}, which is not supported yet; use ${known}`);
	}
	if (provider.address === undefined) return problem("has no provider.address; say where the backend is");
	const query = filled(source, valuesOf(canary, metric));
	if (!query.ok) return problem(`has a query that cannot be filled in: ${query.problem}`);
	return {
		ok: true,
		asked: {
			query: query.text,
			source: {
				provider: provider.type,
				address: provider.address,
				headers: provider.headers ?? {},
				secret: provider.secretRef && { namespace, name: provider.secretRef.name },
				insecureSkipVerify: provider.insecureSkipVerify ?? false,
			},
		},
	};
}

function filled(source: string, values: TemplateValues) {
	const template = parseTemplate(source);
	return template.ok ? renderTemplate(template.pieces, values) : template;
}

function valuesOf({ metadata, spec }: Canary, metric: CanaryMetric): TemplateValues {
	return {
		words: {
			name: metadata.name,
			namespace: metadata.namespace ?? "default",
			target: spec.targetRef.name,
			service: spec.service?.name ?? spec.targetRef.name,
			ingress: spec.ingressRef?.name,
			route: spec.routeRef?.name ?? spec.targetRef.name,
			interval: promqlInterval(metric),
		},
		variables: metric.templateVariables ?? {},
	};
}

/** The text as the user wrote it where PromQL can read it: no fractions, and the greatest unit first. */
function promqlInterval({ interval }: CanaryMetric): string {
	const readable = /^(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(interval);
	return readable ? interval : durationText(durationMs(interval) ?? 0);
}

function namespaceOf({ metadata: { namespace = "default" } }: Canary): string {
	return namespace;
}
