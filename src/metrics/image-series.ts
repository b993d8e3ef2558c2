import { Counter, Gauge, type Registry } from "prom-client";

/** How a look at a repository ended. */
export const scanOutcomes = ["changed", "unchanged", "failed"] as const;
export type ScanOutcome = (typeof scanOutcomes)[number];

/** Hosts with series of their own; what comes after counts as `other`. */
export const HOSTS_MAX = 100;

/** What the image updater tells Prometheus. */
export interface ImageSeries {
	scanned(outcome: ScanOutcome): void;
	/** A request to a registry: `outcome` is the status of its answer, or that there was none. */
	asked(seen: { readonly host: string; readonly outcome: string }): void;
	throttled(host: string): void;
	/** Something was decided about an image; `reason` is one of a closed set. */
	told(reason: string): void;
	/** Series of these reasons start at zero. */
	expect(reasons: readonly string[]): void;
	webhook(trigger: string, outcome: string): void;
	/** Where gauges are read from while this process leads; undefined when it no longer does. */
	watching(read: (() => ImageCounts) | undefined): void;
}

export interface ImageCounts {
	/** Of all repositories that are looked after, as of their last looks. */
	readonly tagsSeen: number;
	readonly approvalsPending: number;
}

export function imageSeries(registry: Registry): ImageSeries {
	const registers = [registry];
	const scans = new Counter({
		name: "haldane_image_scans_total",
		help: "Looks at repositories of images, by outcome.",
		labelNames: ["outcome"],
		registers,
	});
	const requests = new Counter({
		name: "haldane_registry_requests_total",
		help: "Requests to registries and their token servers, by host and class of the answer's status.",
		labelNames: ["host", "status"],
		registers,
	});
	const throttled = new Counter({
		name: "haldane_registry_throttled_total",
		help: "Questions to registries that were put off, by the budget or by the registry.",
		labelNames: ["host"],
		registers,
	});
	const updates = new Counter({
		name: "haldane_image_updates_total",
		help: "What was decided about images, by the reason of its Event.",
		labelNames: ["reason"],
		registers,
	});
	const webhooks = new Counter({
		name: "haldane_webhooks_total",
		help: "Webhooks by trigger, and what became of them.",
		labelNames: ["trigger", "outcome"],
		registers,
	});
	let read: (() => ImageCounts) | undefined;
	const gauge = (name: string, help: string, value: (counts: ImageCounts) => number) =>
		new Gauge({
			name,
			help,
			registers,
			collect() {
				this.set(read === undefined ? 0 : value(read()));
			},
		});
	gauge("haldane_image_tags_seen", "Tags of all repositories that are looked after.", ({ tagsSeen }) => tagsSeen);
	gauge(
		"haldane_image_approvals_pending",
		"Images that wait for approval.",
		({ approvalsPending }) => approvalsPending,
	);
	for (const outcome of scanOutcomes) scans.inc({ outcome }, 0);

	const hosts = new Set<string>();
	/** Workloads name their registries, so there is no end to them. */
	const hostLabel = (host: string) => {
		if (hosts.size < HOSTS_MAX) hosts.add(host);
		return hosts.has(host) ? host : "other";
	};
	return {
		scanned: (outcome) => scans.inc({ outcome }),
		asked: ({ host, outcome }) => requests.inc({ host: hostLabel(host), status: statusClass(outcome) }),
		throttled: (host) => throttled.inc({ host: hostLabel(host) }),
		told: (reason) => updates.inc({ reason }),
		expect: (reasons) => {
			for (const reason of reasons) updates.inc({ reason }, 0);
		},
		webhook: (trigger, outcome) => webhooks.inc({ trigger, outcome }),
		watching: (from) => {
			read = from;
		},
	};
}

function statusClass(outcome: string): string {
	return /^[1-5]\d\d$/.test(outcome) ? `${outcome[0]}xx` : "unreachable";
}
