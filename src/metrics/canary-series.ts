import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Canary } from "../api/canary.ts";
import { blankStatus, Outcome, type Phase } from "../api/canary-status.ts";
import { keyOf, type ObjectKey } from "../domain/kube-object.ts";

/** What Canaries look like to Prometheus. Each method may be called as often as one likes. */
export interface CanarySeries {
	/** The Canary as it is now. */
	seen(canary: Canary): void;
	/** A rollout has ended. */
	ended(canary: Canary, outcome: Outcome): void;
	/** One pass of the loop over the Canary. */
	reconciled(canary: Canary, seconds: number): void;
	/** Drops every series of a Canary that is gone. */
	gone(key: ObjectKey): void;
}

/** 0 in progress, 1 fine, 2 failed. */
export function statusValue(phase: Phase): 0 | 1 | 2 {
	if (phase === "Failed") return 2;
	return phase === "Initialized" || phase === "Succeeded" ? 1 : 0;
}

/** What has to be remembered of a Canary in order to take its series back. */
interface Remembered {
	readonly namespace: string;
	readonly name: string;
	readonly target: string;
	readonly phase: Phase;
	readonly metrics: ReadonlySet<string>;
	/** As it was last seen: what has not changed has its series already. */
	readonly canary: Canary;
}

/** Our names. `name` is the Canary's. */
export function haldaneSeries(registry: Registry): CanarySeries {
	const registers = [registry];
	const canary = ["name", "namespace"] as const;
	const total = new Gauge({
		name: "haldane_canary_total",
		help: "Canaries in a namespace.",
		labelNames: ["namespace"],
		registers,
	});
	const status = new Gauge({
		name: "haldane_canary_status",
		help: "How a Canary is: 0 in progress, 1 fine, 2 failed.",
		labelNames: canary,
		registers,
	});
	const phase = new Gauge({
		name: "haldane_canary_phase",
		help: "1 for the phase that a Canary is in.",
		labelNames: [...canary, "phase"],
		registers,
	});
	const weight = new Gauge({
		name: "haldane_canary_weight",
		help: "Share of requests that a workload answers, in percent, as last seen in force.",
		labelNames: ["workload", "namespace"],
		registers,
	});
	const analysis = new Gauge({
		name: "haldane_canary_metric_analysis",
		help: "Value of a check, as last read.",
		labelNames: [...canary, "metric"],
		registers,
	});
	const rollouts = new Counter({
		name: "haldane_rollouts_total",
		help: "Rollouts that have ended, by outcome.",
		labelNames: [...canary, "outcome"],
		registers,
	});
	const counts = countsByNamespace(total);

	return remembering({
		added({ namespace, name }) {
			counts.add(namespace);
			for (const outcome of Outcome.options) rollouts.inc({ name, namespace, outcome: outcome.toLowerCase() }, 0);
		},
		shown({ namespace, name, target, phase: current }, { canaryWeight, checks = [] }) {
			status.set({ name, namespace }, statusValue(current));
			phase.set({ name, namespace, phase: current || "New" }, 1);
			weight.set({ workload: target, namespace }, canaryWeight);
			weight.set({ workload: `${target}-primary`, namespace }, 100 - canaryWeight);
			for (const { name: metric, value } of checks) {
				if (value !== undefined) analysis.set({ name, namespace, metric }, value);
			}
		},
		withdrawn({ namespace, name, target, phase: former, metrics }) {
			phase.remove({ name, namespace, phase: former || "New" });
			weight.remove({ workload: target, namespace });
			weight.remove({ workload: `${target}-primary`, namespace });
			for (const metric of metrics) analysis.remove({ name, namespace, metric });
		},
		removed({ namespace, name }) {
			counts.remove(namespace);
			status.remove({ name, namespace });
			for (const outcome of Outcome.options) rollouts.remove({ name, namespace, outcome: outcome.toLowerCase() });
		},
		ended({ namespace, name }, outcome) {
			rollouts.inc({ name, namespace, outcome: outcome.toLowerCase() });
		},
		reconciled() {},
	});
}

/** Flagger's names with Flagger's meanings, for dashboards and alerts that exist. `name` is the target's. */
export function flaggerSeries(registry: Registry): CanarySeries {
	const registers = [registry];
	const target = ["name", "namespace"] as const;
	const total = new Gauge({
		name: "flagger_canary_total",
		help: "Total number of canary object",
		labelNames: ["namespace"],
		registers,
	});
	const status = new Gauge({
		name: "flagger_canary_status",
		help: "Last canary analysis result: 0 running, 1 successful, 2 failed",
		labelNames: target,
		registers,
	});
	const weight = new Gauge({
		name: "flagger_canary_weight",
		help: "The virtual service destination weight current value",
		labelNames: ["workload", "namespace"],
		registers,
	});
	const analysis = new Gauge({
		name: "flagger_canary_metric_analysis",
		help: "Last canary analysis result per metric",
		labelNames: [...target, "metric"],
		registers,
	});
	const duration = new Histogram({
		name: "flagger_canary_duration_seconds",
		help: "Seconds spent performing canary analysis.",
		labelNames: target,
		buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
		registers,
	});
	const ends = [...target, "deployment_strategy", "analysis_status"] as const;
	const successes = new Counter({
		name: "flagger_canary_successes_total",
		help: "Total number of canary successes",
		labelNames: ends,
		registers,
	});
	const failures = new Counter({
		name: "flagger_canary_failures_total",
		help: "Total number of canary failures",
		labelNames: ends,
		registers,
	});
	const counts = countsByNamespace(total);

	return remembering({
		added: ({ namespace }) => counts.add(namespace),
		shown({ namespace, target: name, phase }, { canaryWeight, checks = [] }) {
			status.set({ name, namespace }, phase === "Progressing" ? 0 : phase === "Failed" ? 2 : 1);
			weight.set({ workload: name, namespace }, canaryWeight);
			weight.set({ workload: `${name}-primary`, namespace }, 100 - canaryWeight);
			for (const { name: metric, value } of checks) {
				if (value !== undefined) analysis.set({ name, namespace, metric }, value);
			}
		},
		withdrawn({ namespace, target: name, metrics }) {
			status.remove({ name, namespace });
			weight.remove({ workload: name, namespace });
			weight.remove({ workload: `${name}-primary`, namespace });
			for (const metric of metrics) analysis.remove({ name, namespace, metric });
		},
		removed({ namespace, target: name }) {
			counts.remove(namespace);
			duration.remove({ name, namespace });
			for (const deployment_strategy of ["canary", "blue-green", "ab-testing"]) {
				for (const analysis_status of ["completed", "skipped"]) {
					successes.remove({ name, namespace, deployment_strategy, analysis_status });
					failures.remove({ name, namespace, deployment_strategy, analysis_status });
				}
			}
		},
		ended({ namespace, target: name }, outcome, { analysis: plan, skipAnalysis }) {
			const rounds = plan?.iterations ?? 0;
			const isMatched = (plan?.match?.length ?? 0) > 0;
			const labels = {
				name,
				namespace,
				deployment_strategy: rounds === 0 ? "canary" : isMatched ? "ab-testing" : "blue-green",
				analysis_status: skipAnalysis ? "skipped" : "completed",
			};
			if (outcome === "Succeeded") successes.inc(labels);
			if (outcome === "Failed") failures.inc(labels);
		},
		reconciled: ({ namespace, target: name }, seconds) => duration.observe({ name, namespace }, seconds),
	});
}

/** What a family of names does at each moment of a Canary's life; `withdrawn` undoes `shown`, `removed` undoes `added`. */
interface Family {
	added(now: Remembered): void;
	shown(now: Remembered, status: typeof blankStatus): void;
	withdrawn(before: Remembered): void;
	removed(before: Remembered): void;
	ended(now: Remembered, outcome: Outcome, spec: Canary["spec"]): void;
	reconciled(now: Remembered, seconds: number): void;
}

/** Keeps exactly the series of Canaries that are, as they are now: what is no longer true leaves no series behind. */
function remembering(family: Family): CanarySeries {
	const canaries = new Map<ObjectKey, Remembered>();

	function gone(key: ObjectKey): void {
		const before = canaries.get(key);
		if (before === undefined) return;
		canaries.delete(key);
		family.withdrawn(before);
		family.removed(before);
	}

	function seen(canary: Canary): Remembered {
		const status = canary.status ?? blankStatus;
		const { namespace = "default", name } = canary.metadata;
		const key = keyOf({ namespace, name });
		const before = canaries.get(key);
		if (before?.canary === canary) return before;
		const metrics = (status.checks ?? []).filter(({ value }) => value !== undefined);
		const now: Remembered = {
			namespace,
			name,
			target: canary.spec.targetRef.name,
			phase: status.phase,
			metrics: new Set(metrics.map((check) => check.name)),
			canary,
		};
		if (before !== undefined && before.target !== now.target) gone(key);
		const same = canaries.get(key);
		// Nobody scrapes between taking the old series back and showing the new ones.
		if (same === undefined) family.added(now);
		else family.withdrawn(same);
		canaries.set(key, now);
		family.shown(now, status);
		return now;
	}

	return {
		seen,
		ended: (canary, outcome) => family.ended(seen(canary), outcome, canary.spec),
		reconciled: (canary, seconds) => family.reconciled(seen(canary), seconds),
		gone,
	};
}

/** A namespace without Canaries has no series. */
function countsByNamespace(gauge: Gauge<"namespace">) {
	const counts = new Map<string, number>();
	const change = (namespace: string, by: 1 | -1) => {
		const count = (counts.get(namespace) ?? 0) + by;
		if (count > 0) {
			counts.set(namespace, count);
			gauge.set({ namespace }, count);
		} else {
			counts.delete(namespace);
			gauge.remove({ namespace });
		}
	};
	return { add: (namespace: string) => change(namespace, 1), remove: (namespace: string) => change(namespace, -1) };
}
