import type { BUILT_IN_METRICS } from "../api/canary-analysis.ts";
import type { Check } from "./question.ts";

export type BuiltInMetric = (typeof BUILT_IN_METRICS)[number];

/** Whose requests a built-in query counts. */
export interface QuerySubject {
	readonly namespace: string;
	/** Kind and name of the workload under test: the candidate's pods are the target's own. */
	readonly target: { readonly kind: string; readonly name: string };
	/** A duration text that PromQL reads too. */
	readonly interval: string;
}

export type BuiltInQuery =
	| { readonly ok: true; readonly query: string; readonly unit: NonNullable<Check["unit"]> }
	| { readonly ok: false; readonly problem: string };

/** One family of series: where requests are counted, and how the candidate's are told from all others. */
interface Series {
	/** A counter of all requests, and the matcher that leaves the good ones. */
	readonly requests: string;
	readonly good: string;
	/** A histogram of durations. */
	readonly buckets: string;
	readonly bucketUnit: "s" | "ms";
	/** Label matchers that hold for the candidate's series only. */
	readonly labels: (subject: QuerySubject) => readonly string[];
}

const NOT_5XX = '!~"5.*"';

const istio: Series = {
	requests: "istio_requests_total",
	good: `response_code${NOT_5XX}`,
	buckets: "istio_request_duration_milliseconds_bucket",
	bucketUnit: "ms",
	labels: ({ namespace, target }) => [
		'reporter="destination"',
		`destination_workload_namespace=${quoted(namespace)}`,
		`destination_workload=${quoted(target.name)}`,
	],
};

/** The application's own series, as an instrumented server and the usual scrape rules give them. */
const application: Series = {
	requests: "http_request_duration_seconds_count",
	good: `status${NOT_5XX}`,
	buckets: "http_request_duration_seconds_bucket",
	bucketUnit: "s",
	labels: ({ namespace, target }) => [
		`kubernetes_namespace=${quoted(namespace)}`,
		`kubernetes_pod_name=~${quoted(podNames(target))}`,
	],
};

const linkerd: Series = {
	requests: "response_total",
	good: 'classification!="failure"',
	buckets: "response_latency_ms_bucket",
	bucketUnit: "ms",
	labels: ({ namespace, target }) => [
		`namespace=${quoted(namespace)}`,
		// Linkerd labels its series by kind: deployment, daemonset, statefulset.
		`${target.kind.toLowerCase()}=${quoted(target.name)}`,
		'direction="inbound"',
	],
};

const osm: Series = {
	requests: "osm_request_total",
	good: `response_code${NOT_5XX}`,
	buckets: "osm_request_duration_ms_bucket",
	bucketUnit: "ms",
	labels: ({ namespace, target }) => [
		`destination_namespace=${quoted(namespace)}`,
		`destination_kind=${quoted(target.kind)}`,
		`destination_name=${quoted(target.name)}`,
	],
};

/** By family: what stands before the colon in a provider's name. SMI says nothing of metrics; Flagger reads Istio's. */
const families = { gatewayapi: application, kubernetes: application, linkerd, osm, smi: istio, istio } as const;

/**
 * The query that answers a built-in metric: the candidate's success rate in percent, or its 99th percentile in
 * milliseconds, over the interval. Refuses a provider or a target for which there are no such series.
 */
export function builtInQuery(metric: BuiltInMetric, provider: string, subject: QuerySubject): BuiltInQuery {
	const family = provider.split(":", 1)[0] ?? "";
	if (!Object.hasOwn(families, family)) {
		const known = Object.keys(families).join(", ");
		return {
			ok: false,
			problem: `${metric} is not built in for provider ${provider}, only for ${known}; use templateRef`,
		};
	}
	if (!Object.hasOwn(podSuffixes, subject.target.kind)) {
		const known = Object.keys(podSuffixes).join(", ");
		return {
			ok: false,
			problem: `${metric} is not built in for a target of kind ${subject.target.kind}, only for ${known}; use templateRef`,
		};
	}
	const series = families[family as keyof typeof families];
	switch (metric) {
		case "request-success-rate":
			return { ok: true, query: successRate(series, subject), unit: "%" };
		case "request-duration":
			return { ok: true, query: duration(series, subject), unit: "ms" };
	}
}

function successRate(series: Series, subject: QuerySubject): string {
	const all = series.labels(subject);
	const rate = (labels: readonly string[]) => `sum(rate(${series.requests}{${labels.join(",")}}[${subject.interval}]))`;
	// Without `or`, a candidate that never had a good request has no such series at all, and would look like silence.
	return `(${rate([...all, series.good])} or vector(0)) / ${rate(all)} * 100`;
}

function duration(series: Series, subject: QuerySubject): string {
	const labels = series.labels(subject).join(",");
	const quantile = `histogram_quantile(0.99, sum(rate(${series.buckets}{${labels}}[${subject.interval}])) by (le))`;
	return series.bucketUnit === "s" ? `${quantile} * 1000` : quantile;
}

/** What Kubernetes adds to a workload's name to name its pods. */
const podSuffixes = {
	Deployment: "[0-9a-z]{1,10}-[0-9a-z]{5}",
	DaemonSet: "[0-9a-z]{5}",
	StatefulSet: "[0-9]+",
} as const;

/**
 * A regular expression for the names of the target's pods: never for those of `<target>-primary`, or the primary
 * would be judged in the candidate's place. (PromQL anchors it at both ends; so do we, for whoever copies it.)
 */
function podNames({ kind, name }: QuerySubject["target"]): string {
	const suffix = podSuffixes[kind as keyof typeof podSuffixes];
	return `^${name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}-${suffix}$`;
}

/** A PromQL string: whatever the text holds, it cannot end the string. */
function quoted(text: string): string {
	return JSON.stringify(text);
}
