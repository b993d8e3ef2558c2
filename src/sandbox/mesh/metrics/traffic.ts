import { createExposition, type Labels } from "./exposition.ts";
import { addTo, createDurations, type Durations, observe } from "./histogram.ts";
import type { Workload } from "./workloads.ts";

/** What became of one request, or of one copy of a request, that was meant for a backend. */
export interface Outcome {
	readonly namespace: string;
	/** The Service, split or route that was asked. */
	readonly service: string;
	/** The Service that it was sent to. */
	readonly backend: string;
	readonly backendNamespace: string;
	/** Empty when there was none to send it to. */
	readonly pod: string;
	readonly code: number;
	readonly isMirror: boolean;
	readonly seconds: number;
}

export interface Traffic {
	count(outcome: Outcome): void;
	/**
	 * A pod that is there. In a namespace that is asked anything, its series are there from then on, at zero: a rate needs
	 * a value from before the first request.
	 */
	podIs(namespace: string, pod: string, workload: Workload): void;
	/** Its series stay for five minutes more, for whoever still reads them. */
	podWent(namespace: string, pod: string): void;
	/** The API refused to take a route's status. */
	statusRefused(): void;
	/** Prometheus' text exposition. */
	render(): string;
}

interface Pod {
	readonly namespace: string;
	readonly name: string;
	readonly workload: Workload;
	goneAt: number | undefined;
}

/** Those of a client that went away are nobody's failure, and say nothing of a duration. */
const CLIENT_WENT_AWAY = 499;
const GONE_FOR_MS = 300_000;
/** Label sets; beyond them requests are counted as untold. */
const SERIES_MAX = 10_000;
/** What every pod's series start with. */
const EXPECTED_CODES = [200, 500];

/**
 * Counts each request once, and tells it in the words of every mesh whose series the built-in queries read: what the
 * gateway saw of a pod is what that pod's sidecar, or its own instrumentation, would have seen.
 *
 * Not prom-client's registry: that renders in a promise only, and each request would be counted once a family.
 */
export function createTraffic(now: () => number): Traffic {
	const seen = new Map<string, { readonly outcome: Outcome; readonly durations: Durations }>();
	const pods = new Map<string, Pod>();
	let untold = 0;
	let refusals = 0;

	function forgetTheGone() {
		const limit = now() - GONE_FOR_MS;
		const gone = [...pods].filter(([, { goneAt }]) => goneAt !== undefined && goneAt < limit).map(([key]) => key);
		if (gone.length === 0) return;
		for (const key of gone) pods.delete(key);
		const isGone = new Set(gone);
		for (const [key, { outcome }] of seen)
			if (isGone.has(podKey(outcome.backendNamespace, outcome.pod))) seen.delete(key);
	}

	return {
		count(outcome) {
			const { seconds, ...labels } = outcome;
			const key = JSON.stringify(Object.values(labels));
			let entry = seen.get(key);
			if (entry === undefined) {
				if (seen.size >= SERIES_MAX) forgetTheGone();
				if (seen.size >= SERIES_MAX) {
					untold++;
					return;
				}
				entry = { outcome, durations: createDurations() };
				seen.set(key, entry);
			}
			observe(entry.durations, seconds * 1_000);
		},
		podIs(namespace, name, workload) {
			pods.set(podKey(namespace, name), { namespace, name, workload, goneAt: undefined });
		},
		podWent(namespace, name) {
			const pod = pods.get(podKey(namespace, name));
			if (pod !== undefined) pod.goneAt ??= now();
		},
		statusRefused() {
			refusals++;
		},
		render() {
			forgetTheGone();
			const text = createExposition();
			text.counter("haldane_sandbox_requests_untold_total", "Requests beyond the bound of series.", [[{}, untold]]);
			text.counter("haldane_sandbox_status_refusals_total", "Routes' statuses that the API refused.", [[{}, refusals]]);
			const served = byPodAndCode(pods, seen.values());
			own(text, [...seen.values()]);
			for (const family of families) tell(text, family, served);
			return text.text();
		},
	};
}

function podKey(namespace: string, pod: string): string {
	return `${namespace}/${pod}`;
}

interface Served {
	readonly pod: Pod;
	readonly code: number;
	readonly durations: Durations;
}

function byPodAndCode(
	pods: ReadonlyMap<string, Pod>,
	seen: Iterable<{ readonly outcome: Outcome; readonly durations: Durations }>,
): readonly Served[] {
	const served = new Map<string, Served>();
	const at = (pod: Pod, code: number) => {
		const key = `${podKey(pod.namespace, pod.name)} ${code}`;
		const known = served.get(key) ?? { pod, code, durations: createDurations() };
		served.set(key, known);
		return known;
	};
	const outcomes = [...seen];
	const asked = new Set(outcomes.map(({ outcome }) => outcome.backendNamespace));
	for (const pod of pods.values()) if (asked.has(pod.namespace)) for (const code of EXPECTED_CODES) at(pod, code);
	for (const { outcome, durations } of outcomes) {
		const pod = pods.get(podKey(outcome.backendNamespace, outcome.pod));
		if (pod !== undefined && outcome.code !== CLIENT_WENT_AWAY) addTo(at(pod, outcome.code).durations, durations);
	}
	return [...served.values()];
}

function tell(text: ReturnType<typeof createExposition>, family: Family, served: readonly Served[]) {
	const byCode = ({ pod, code }: Served) => ({ ...family.labels(pod), ...family.result(code) });
	const durations = `Durations of requests, as ${family.of} counts them.`;
	if (family.requests === undefined) {
		const series = served.map((one) => [byCode(one), one.durations] as const);
		text.histogram(family.durations, durations, family.unitMs, series);
		return;
	}
	const counts = served.map((one) => [byCode(one), one.durations.count] as const);
	text.counter(family.requests, `Requests, as ${family.of} counts them.`, counts);
	// A mesh's durations are of all results together here, which spares most of the buckets.
	const ofPods = new Map<Pod, Durations>();
	for (const one of served) {
		const sum = ofPods.get(one.pod) ?? createDurations();
		addTo(sum, one.durations);
		ofPods.set(one.pod, sum);
	}
	const series = [...ofPods].map(([pod, sum]) => [family.labels(pod), sum] as const);
	text.histogram(family.durations, durations, family.unitMs, series);
}

/** The sandbox's own series, for the dashboard. */
function own(
	text: ReturnType<typeof createExposition>,
	seen: readonly { readonly outcome: Outcome; readonly durations: Durations }[],
) {
	const labelled = seen.map(({ outcome, durations }) => {
		const { namespace, service, backend, pod, code, isMirror } = outcome;
		const labels = { namespace, service, backend, pod, code: String(code), mirror: String(isMirror) };
		return [labels, durations] as const;
	});
	const counts = labelled.map(([labels, { count }]) => [labels, count] as const);
	text.counter(
		"haldane_sandbox_requests_total",
		"Requests that the gateway sent on, or had nobody to send to.",
		counts,
	);
	text.histogram(
		"haldane_sandbox_request_duration_seconds",
		"From being sent on to the answer's end.",
		1_000,
		labelled,
	);
}

interface Family {
	readonly of: string;
	/** Undefined: what the histogram counts serves. */
	readonly requests?: string;
	readonly durations: string;
	readonly unitMs: number;
	/** A pod's own, also where the mesh names the workload only: a scrape adds them, and a pod's series end with it. */
	readonly labels: (pod: Pod) => Labels;
	readonly result: (code: number) => Labels;
}

const isFailure = (code: number) => code >= 500 || code === 0;

const families: readonly Family[] = [
	{
		of: "the application",
		durations: "http_request_duration_seconds",
		unitMs: 1_000,
		labels: ({ namespace, name }) => ({
			kubernetes_namespace: namespace,
			kubernetes_pod_name: name,
		}),
		result: (code) => ({ status: String(code) }),
	},
	{
		of: "Istio",
		requests: "istio_requests_total",
		durations: "istio_request_duration_milliseconds",
		unitMs: 1,
		labels: ({ namespace, name, workload }) => ({
			reporter: "destination",
			destination_workload_namespace: namespace,
			destination_workload: workload.name,
			pod: name,
		}),
		result: (code) => ({ response_code: String(code) }),
	},
	{
		of: "Linkerd",
		requests: "response_total",
		durations: "response_latency_ms",
		unitMs: 1,
		labels: ({ namespace, name, workload }) => ({
			namespace,
			[workload.kind.toLowerCase()]: workload.name,
			pod: name,
			direction: "inbound",
		}),
		result: (code) => ({ classification: isFailure(code) ? "failure" : "success", status_code: String(code) }),
	},
	{
		of: "OSM",
		requests: "osm_request_total",
		durations: "osm_request_duration_ms",
		unitMs: 1,
		labels: ({ namespace, name, workload }) => ({
			destination_namespace: namespace,
			destination_kind: workload.kind,
			destination_name: workload.name,
			destination_pod: name,
		}),
		result: (code) => ({ response_code: String(code) }),
	},
];
