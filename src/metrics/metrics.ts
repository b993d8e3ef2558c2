import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type CanarySeries, flaggerSeries, haldaneSeries } from "./canary-series.ts";
import { type ImageSeries, imageSeries } from "./image-series.ts";

/** How one pass of a controller ended. */
export const reconcileResults = ["success", "requeue", "requeue_after", "error"] as const;
export type ReconcileResult = (typeof reconcileResults)[number];

/** How a delivery went. */
export const notificationOutcomes = ["delivered", "retried", "undeliverable"] as const;
export type NotificationOutcome = (typeof notificationOutcomes)[number];

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "WATCH"]);

/** controller-runtime's bounds, thinned out. */
const RECONCILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const QUEUE_SECONDS = [0.001, 0.01, 0.1, 1, 10, 100, 1000];

/** A work queue as controller-runtime's dashboards know it. */
export interface QueueSeries {
	depth(count: number): void;
	added(): void;
	retried(): void;
	/** From being added to being worked on. */
	waited(seconds: number): void;
	worked(seconds: number): void;
}

/** Everything that this process tells Prometheus. Names are registered once; series with known labels start at zero. */
export interface Metrics {
	readonly canaries: CanarySeries;
	readonly images: ImageSeries;
	queue(name: string): QueueSeries;
	reconciled(controller: string, result: ReconcileResult, seconds: number): void;
	activeWorkers(controller: string, count: number): void;
	/** A request to the Kubernetes API; without a code there was no answer. */
	kubeRequest(method: string, code: number | undefined): void;
	leading(isLeader: boolean): void;
	notified(channel: string, outcome: NotificationOutcome): void;
	/** The text that Prometheus scrapes. */
	render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
	readonly version: string;
	readonly meshProvider: string;
	/** Known beforehand, so that their series start at zero. A controller's queue has its name. */
	readonly controllers?: readonly string[];
	readonly channels?: readonly string[];
	readonly leaseName?: string;
	/** Also tells Flagger's names. */
	readonly compat?: boolean;
	/** Also tells about memory, processor and event loop. */
	readonly process?: boolean;
}

export function createMetrics({
	version,
	meshProvider,
	controllers = ["canary"],
	channels = ["event", "hook"],
	leaseName = "haldane",
	compat = false,
	process: isProcessTold = true,
}: MetricsOptions): Metrics {
	const registry = new Registry();
	if (isProcessTold) collectDefaultMetrics({ register: registry });
	const families = [haldaneSeries(registry), ...(compat ? [flaggerSeries(registry)] : [])];
	for (const prefix of compat ? ["haldane", "flagger"] : ["haldane"]) info(registry, prefix, { version, meshProvider });
	const reconcile = reconcileSeries(registry, controllers);
	const queue = queueSeries(registry, controllers);
	const kube = new Counter({
		name: "rest_client_requests_total",
		help: "Requests to the Kubernetes API, by method and code of the answer.",
		labelNames: ["code", "method"],
		registers: [registry],
	});
	const leader = new Gauge({
		name: "leader_election_master_status",
		help: "1 while this process leads.",
		labelNames: ["name"],
		registers: [registry],
	});
	leader.set({ name: leaseName }, 0);
	const notifications = new Counter({
		name: "haldane_notifications_total",
		help: "Deliveries of notices by channel: how they ended, and attempts that were retried.",
		labelNames: ["channel", "outcome"],
		registers: [registry],
	});
	for (const channel of channels) {
		for (const outcome of notificationOutcomes) notifications.inc({ channel, outcome }, 0);
	}

	return {
		images: imageSeries(registry),
		canaries: {
			seen: (canary) => families.forEach((family) => void family.seen(canary)),
			ended: (canary, outcome) => families.forEach((family) => void family.ended(canary, outcome)),
			reconciled: (canary, seconds) => families.forEach((family) => void family.reconciled(canary, seconds)),
			gone: (key) => families.forEach((family) => void family.gone(key)),
		},
		queue,
		...reconcile,
		kubeRequest: (method, code) => kube.inc({ method: methodLabel(method), code: codeLabel(code) }),
		leading: (isLeader) => leader.set({ name: leaseName }, isLeader ? 1 : 0),
		notified: (channel, outcome) => notifications.inc({ channel, outcome }),
		render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
	};
}

/** A method from outside is one of a few words, so that it cannot grow the number of series. */
function methodLabel(method: string): string {
	const upper = method.toUpperCase();
	return METHODS.has(upper) ? upper : "other";
}

function codeLabel(code: number | undefined): string {
	return code !== undefined && Number.isInteger(code) && code >= 100 && code <= 599 ? String(code) : "<error>";
}

function info(
	registry: Registry,
	prefix: string,
	{ version, meshProvider }: { readonly version: string; readonly meshProvider: string },
): void {
	const gauge = new Gauge({
		name: `${prefix}_info`,
		help: "Always 1; the labels say which version runs for which mesh.",
		labelNames: ["version", "mesh_provider"],
		registers: [registry],
	});
	gauge.set({ version, mesh_provider: meshProvider }, 1);
}

function reconcileSeries(
	registry: Registry,
	controllers: readonly string[],
): Pick<Metrics, "reconciled" | "activeWorkers"> {
	const registers = [registry];
	const total = new Counter({
		name: "controller_runtime_reconcile_total",
		help: "Passes of a controller, by result.",
		labelNames: ["controller", "result"],
		registers,
	});
	const errors = new Counter({
		name: "controller_runtime_reconcile_errors_total",
		help: "Passes of a controller that failed.",
		labelNames: ["controller"],
		registers,
	});
	const seconds = new Histogram({
		name: "controller_runtime_reconcile_time_seconds",
		help: "How long a pass of a controller took.",
		labelNames: ["controller"],
		buckets: RECONCILE_SECONDS,
		registers,
	});
	const workers = new Gauge({
		name: "controller_runtime_active_workers",
		help: "Passes of a controller under way.",
		labelNames: ["controller"],
		registers,
	});
	for (const controller of controllers) {
		for (const result of reconcileResults) total.inc({ controller, result }, 0);
		errors.inc({ controller }, 0);
		seconds.zero({ controller });
		workers.set({ controller }, 0);
	}
	return {
		reconciled(controller, result, took) {
			total.inc({ controller, result });
			if (result === "error") errors.inc({ controller });
			seconds.observe({ controller }, took);
		},
		activeWorkers: (controller, count) => workers.set({ controller }, count),
	};
}

function queueSeries(registry: Registry, names: readonly string[]): Metrics["queue"] {
	const registers = [registry];
	const labelNames = ["name"] as const;
	const depth = new Gauge({ name: "workqueue_depth", help: "Keys that wait.", labelNames, registers });
	const adds = new Counter({ name: "workqueue_adds_total", help: "Keys that were added.", labelNames, registers });
	const retries = new Counter({
		name: "workqueue_retries_total",
		help: "Keys that were added again after a failure.",
		labelNames,
		registers,
	});
	const wait = new Histogram({
		name: "workqueue_queue_duration_seconds",
		help: "How long a key waited.",
		labelNames,
		buckets: QUEUE_SECONDS,
		registers,
	});
	const work = new Histogram({
		name: "workqueue_work_duration_seconds",
		help: "How long the work on a key took.",
		labelNames,
		buckets: QUEUE_SECONDS,
		registers,
	});
	const queue = (name: string): QueueSeries => ({
		depth: (count) => depth.set({ name }, count),
		added: () => adds.inc({ name }),
		retried: () => retries.inc({ name }),
		waited: (seconds) => wait.observe({ name }, seconds),
		worked: (seconds) => work.observe({ name }, seconds),
	});
	for (const name of names) {
		depth.set({ name }, 0);
		adds.inc({ name }, 0);
		retries.inc({ name }, 0);
		wait.zero({ name });
		work.zero({ name });
	}
	return queue;
}
