import type { DashboardPorts, Sample } from "./ports.ts";
import type { GoldenRow, GoldenTable } from "./wire.ts";

/** Whose requests are counted: pods by the workload they belong to. */
export interface GoldenSubject {
	readonly provider: string;
	readonly namespace: string;
	readonly workloads: readonly {
		readonly of: GoldenRow["of"];
		readonly name: string;
		readonly pods: readonly string[];
	}[];
	/** How far the rates look back, as PromQL has durations. */
	readonly window: string;
}

/** Where a family of meshes counts requests, by pod. */
interface Family {
	readonly requests: string;
	readonly good: string;
	readonly buckets: string;
	/** What makes milliseconds of a bucket's bound. */
	readonly toMs: number;
	readonly namespace: string;
	readonly pod: string;
	readonly more: readonly string[];
}

const application: Family = {
	requests: "http_request_duration_seconds_count",
	good: 'status!~"5.*"',
	buckets: "http_request_duration_seconds_bucket",
	toMs: 1_000,
	namespace: "kubernetes_namespace",
	pod: "kubernetes_pod_name",
	more: [],
};
const linkerd: Family = {
	requests: "response_total",
	good: 'classification!="failure"',
	buckets: "response_latency_ms_bucket",
	toMs: 1,
	namespace: "namespace",
	pod: "pod",
	more: ['direction="inbound"'],
};
const istio: Family = {
	requests: "istio_requests_total",
	good: 'response_code!~"5.*"',
	buckets: "istio_request_duration_milliseconds_bucket",
	toMs: 1,
	namespace: "destination_workload_namespace",
	pod: "pod",
	more: ['reporter="destination"'],
};
const families = new Map([
	["gatewayapi", application],
	["kubernetes", application],
	["linkerd", linkerd],
	["smi", istio],
	["istio", istio],
]);

const measures = ["rps", "successRate", "p50", "p95", "p99"] as const;
type Measure = (typeof measures)[number];

/** The golden signals of each workload and pod. What Prometheus does not say is absent, never zero. */
export async function goldenTable(query: DashboardPorts["query"], subject: GoldenSubject): Promise<GoldenTable> {
	if (query === undefined) return { rows: [], message: "No Prometheus is known; start with --metrics-server URL" };
	const family = families.get(subject.provider.split(":", 1)[0] ?? "");
	if (family === undefined) {
		return {
			rows: [],
			message: `There are no known series for provider ${subject.provider}; look at the mesh's own board`,
		};
	}
	const pods = subject.workloads.flatMap((workload) => workload.pods);
	if (pods.length === 0) return { rows: [], message: "There are no pods to count requests of; scale the target up" };
	const found = new Map<string, number>();
	const ask = async (measure: Measure, names: readonly string[], into: (sample: Sample) => string, byPod: boolean) => {
		for (const sample of await query(queryOf(family, measure, { ...subject, names, byPod }))) {
			if (Number.isFinite(sample.value)) found.set(`${measure} ${into(sample)}`, sample.value);
		}
	};
	try {
		await Promise.all(
			measures.flatMap((measure) => [
				ask(measure, pods, ({ labels }) => `pod ${labels[family.pod] ?? ""}`, true),
				...subject.workloads
					.filter((workload) => workload.pods.length > 0)
					.map((workload) => ask(measure, workload.pods, () => `workload ${workload.name}`, false)),
			]),
		);
	} catch (thrown) {
		const why = thrown instanceof Error ? thrown.message : String(thrown);
		return { rows: [], message: `Prometheus could not be asked: ${why}; check --metrics-server` };
	}
	const numbers = (key: string) =>
		Object.fromEntries(
			measures.flatMap((measure) => {
				const value = found.get(`${measure} ${key}`);
				return value === undefined ? [] : [[measure, value]];
			}),
		);
	const rows = subject.workloads.flatMap(({ of, name, pods: own }): GoldenRow[] => [
		{ kind: "Deployment", name, of, ...numbers(`workload ${name}`) },
		...own.map((pod): GoldenRow => ({ kind: "Pod", name: pod, of, ...numbers(`pod ${pod}`) })),
	]);
	const message = `Prometheus has no requests of these pods in the last ${subject.window}; is there traffic?`;
	return found.size === 0 ? { rows, message } : { rows };
}

interface Asked {
	readonly namespace: string;
	readonly window: string;
	readonly names: readonly string[];
	readonly byPod: boolean;
}

/** PromQL for one measure; names are quoted, so that none can end the string it is in. */
export function queryOf(family: Family, measure: Measure, { namespace, window, names, byPod }: Asked): string {
	const pattern = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
	const labels = [
		`${family.namespace}=${JSON.stringify(namespace)}`,
		`${family.pod}=~${JSON.stringify(pattern)}`,
		...family.more,
	];
	const by = byPod ? ` by (${family.pod})` : "";
	const rate = (more: readonly string[]) =>
		`sum${by}(rate(${family.requests}{${[...labels, ...more].join(",")}}[${window}]))`;
	if (measure === "rps") return rate([]);
	if (measure === "successRate") {
		// A workload that never answered well has no good series: that is 0 % of its requests, not silence.
		return `(${rate([family.good])} or ${rate([])} * 0) / ${rate([])} * 100`;
	}
	const grouped = byPod ? `le, ${family.pod}` : "le";
	const quantile = Number(measure.slice(1)) / 100;
	const buckets = `sum by (${grouped}) (rate(${family.buckets}{${labels.join(",")}}[${window}]))`;
	const value = `histogram_quantile(${quantile}, ${buckets})`;
	return family.toMs === 1 ? value : `${value} * ${family.toMs}`;
}
