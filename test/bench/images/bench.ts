import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditedRequest } from "../../support/control-plane/audit-log.ts";
import { BedError } from "../../support/control-plane/bed-error.ts";
import { follow } from "../../support/control-plane/follow.ts";
import type { Reference } from "../../support/control-plane/kube-object.ts";
import { freePorts } from "../../support/control-plane/processes.ts";
import { type Bed, canStartBed, startBed } from "../../support/operator/bed.ts";
import { type DeploymentSeen, deployment } from "../../support/operator/manifests.ts";
import { grantOperator } from "../../support/operator/role.ts";
import { percentile } from "../figures.ts";
import { type MeasuredOperator, startMeasured } from "../operator-process.ts";
import type { ImageFigures } from "./figures.ts";
import type { ImageBenchOptions } from "./options.ts";
import { type BenchRegistry, startBenchRegistry } from "./registry.ts";
import type { Counts } from "./registry-process.ts";

const POLL_MS = 60_000;
/** After an operator has started: lists are read, garbage is collected, timers are spread. */
const SETTLE_MS = 30_000;
const SAMPLE_MS = 1_000;
const AT_ONCE = 4;
const CHANGED_WITHIN_MS = 60_000;
const LOOKED_WITHIN_MS = 120_000;
const LOG_KEPT = "/tmp/haldane-bench-images.log";

interface Run {
	readonly bed: Bed;
	readonly registry: BenchRegistry;
	readonly options: ImageBenchOptions;
	readonly say: (line: string) => void;
}

/**
 * An operator without the updater and one with it, on the same Deployments: both left alone for some polls, then webhooks
 * tell the second of new tags, one after the other.
 */
export async function benchImages(options: ImageBenchOptions, say: (line: string) => void): Promise<ImageFigures> {
	if (!canStartBed)
		throw new BedError("no control plane", "run .ci/tools/build-control-plane.sh and fetch-crds.sh first");
	const repositories = Array.from({ length: options.repositories }, (_, index) => repositoryOf(index));
	const tags = Array.from({ length: options.tags }, (_, index) => `1.${Math.floor(index / 10)}.${index % 10}`);
	const [bed, registry] = await Promise.all([
		startBed({ pods: "at once" }),
		startBenchRegistry(repositories, { tags, etags: options.etags }),
	]);
	const run = { bed, registry, options, say };
	try {
		await grantOperator(bed.admin, ["updater"]);
		await applyDeployments(run, tags.at(-1) ?? "");
		const without = await runWithout(run);
		return await runWith(run, without);
	} finally {
		registry.stop();
		await bed.stop();
	}
}

/** What one operator costs while nothing happens. */
interface Idle {
	readonly cpuPercent: number;
	readonly memoryMiB: number;
	readonly peakMemoryMiB: number;
}

async function runWithout(run: Run): Promise<Idle> {
	const operator = started(run, []);
	try {
		await sleep(SETTLE_MS);
		const idle = await stayIdle(operator, POLL_MS);
		run.say(`without the updater: ${described(idle)}`);
		return idle;
	} finally {
		await operator.stop();
	}
}

async function runWith(run: Run, without: Idle): Promise<ImageFigures> {
	const { bed, registry, options, say } = run;
	const settings = join(bed.plane.folder, "registries.yaml");
	// JSON is YAML. How often it may be asked is as by default.
	writeFileSync(settings, JSON.stringify({ registries: [{ host: registry.host, plainHttp: true }] }));
	const [port = 0] = await freePorts(1);
	const operator = started(run, [
		"--updater",
		"--updater-schedule=@every 1m",
		`--registries=${settings}`,
		`--webhook-port=${port}`,
		"--webhook-insecure",
	]);
	try {
		const began = performance.now();
		while (Object.values(await registry.counts()).some(({ lists }) => lists === 0)) {
			if (performance.now() - began > LOOKED_WITHIN_MS) throw new Error("not every repository is looked at");
			await sleep(500);
		}
		say(`every repository was looked at after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
		await sleep(SETTLE_MS);
		const asked = await registry.counts();
		const requests = kubeRequests(bed).length;
		const idle = await stayIdle(operator, options.polls * POLL_MS);
		const kube = kubeRequests(bed).slice(requests);
		const askedFor = difference(await registry.counts(), asked);
		say(`with the updater: ${described(idle)}; ${countsSaid(askedFor)}; API requests: ${breakdown(kube)}`);
		const before = await registry.counts();
		const tookMs = await changeByWebhooks(run, port);
		say(`meanwhile ${countsSaid(difference(await registry.counts(), before))}`);
		const all = askedFor.map(({ lists, others }) => lists + others);
		return {
			requestsPerPoll: sum(all) / all.length / options.polls,
			requestsPerPollMost: Math.max(...all) / options.polls,
			kubeRequests: kube.filter(({ verb }) => verb !== "watch").length,
			cpuPercent: idle.cpuPercent,
			cpuPercentWithout: without.cpuPercent,
			memoryMoreMiB: idle.memoryMiB - without.memoryMiB,
			memoryMiB: idle.memoryMiB,
			peakMemoryMiB: operator.peakMemoryMiB(),
			webhookP50Ms: percentile(tookMs, 50),
			webhookP99Ms: percentile(tookMs, 99),
		};
	} catch (thrown) {
		copyFileSync(logOf(bed), LOG_KEPT);
		say(`the operator's log is in ${LOG_KEPT}`);
		throw thrown;
	} finally {
		await operator.stop();
	}
}

/** Each webhook names a tag that was pushed just before; every workload of its repository changes. From the request to each watch event. */
async function changeByWebhooks({ bed, registry, options, say }: Run, port: number): Promise<readonly number[]> {
	const sentAt = new Map<string, number>();
	const tookMs: number[] = [];
	const open = new Set<string>();
	const following = await follow<DeploymentSeen>(
		bed.admin,
		{ apiVersion: "apps/v1", kind: "Deployment", namespace: "default" },
		{
			seen({ metadata: { name }, spec }) {
				const image = spec?.template.spec.containers[0]?.image ?? "";
				const at = sentAt.get(image);
				if (at !== undefined && open.delete(`${name} ${image}`)) tookMs.push(performance.now() - at);
			},
			gone() {},
		},
	);
	try {
		for (let index = 0; index < options.webhooks; index += 1) {
			const repository = repositoryOf(index % options.repositories);
			const tag = `1.${10_000 + index}.0`;
			const image = `${registry.host}/${repository}:${tag}`;
			for (const name of workloadsOf(index % options.repositories, options)) open.add(`${name} ${image}`);
			await registry.push(repository, tag);
			const began = performance.now();
			sentAt.set(image, began);
			const body = JSON.stringify({ name: `${registry.host}/${repository}`, tag });
			const headers = { "content-type": "application/json" };
			const { status } = await fetch(`http://127.0.0.1:${port}/v1/webhooks/native`, { method: "POST", headers, body });
			if (status !== 200) throw new Error(`a webhook was answered with ${status}`);
			await sleep(Math.max(0, began + options.everyMs - performance.now()));
		}
		const until = performance.now() + CHANGED_WITHIN_MS;
		while (open.size > 0 && performance.now() < until) await sleep(100);
		if (open.size > 0) throw new Error(`${open.size} workloads were not changed: ${[...open].slice(0, 5).join(", ")}`);
		const worst = [...tookMs].sort((one, other) => other - one).slice(0, 20);
		say(`${tookMs.length} changes; the slowest took ${worst.map((ms) => ms.toFixed(0)).join(", ")} ms`);
		return tookMs;
	} finally {
		await following.stop();
	}
}

async function applyDeployments({ bed, registry, options, say }: Run, tag: string): Promise<void> {
	const left = Array.from({ length: options.workloads }, (_, index) => index).values();
	const annotations = { "keel.sh/policy": "minor", "keel.sh/trigger": "poll" };
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			for (const index of left) {
				const image = `${registry.host}/${repositoryOf(index % options.repositories)}:${tag}`;
				const { metadata, ...rest } = deployment(workloadName(index), { image });
				await bed.admin.apply({ ...rest, metadata: { ...metadata, annotations } } as Reference);
			}
		}),
	);
	const selection = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default" };
	for (;;) {
		const { items } = await bed.admin.list<DeploymentSeen>(selection);
		if (items.filter(({ status }) => (status?.availableReplicas ?? 0) > 0).length >= options.workloads) break;
		await sleep(500);
	}
	say(`${options.workloads} Deployments of ${options.repositories} repositories are available`);
}

function started({ bed, options }: Run, flags: readonly string[]): MeasuredOperator {
	const { nodeFlags, profile } = options;
	const common = [
		`--kubeconfig=${bed.options.kubeconfig}`,
		`--metrics-server=${bed.options.metricsServer}`,
		"--mesh-provider=gatewayapi:v1",
		// A lease is renewed whether there is an updater or not.
		"--enable-leader-election=false",
		"--port=0",
	];
	return startMeasured({ flags: [...common, ...flags], nodeFlags, logFile: logOf(bed), profile });
}

async function stayIdle(operator: MeasuredOperator, forMs: number): Promise<Idle> {
	const memory: number[] = [];
	const began = performance.now();
	const cpuBefore = operator.cpuMs();
	while (performance.now() - began < forMs) {
		memory.push(operator.memoryMiB());
		await sleep(SAMPLE_MS);
	}
	return {
		cpuPercent: (100 * (operator.cpuMs() - cpuBefore)) / (performance.now() - began),
		memoryMiB: percentile(memory, 50),
		peakMemoryMiB: operator.peakMemoryMiB(),
	};
}

/** A watch that goes on is opened anew after some minutes, with or without an updater: it is listed, and not counted. */
function kubeRequests({ plane }: Bed): readonly AuditedRequest[] {
	return plane.auditRequests("haldane");
}

function difference(
	after: Readonly<Record<string, Counts>>,
	before: Readonly<Record<string, Counts>>,
): readonly Counts[] {
	return Object.entries(after).map(([name, { lists, unchanged, others }]) => ({
		lists: lists - (before[name]?.lists ?? 0),
		unchanged: unchanged - (before[name]?.unchanged ?? 0),
		others: others - (before[name]?.others ?? 0),
	}));
}

function countsSaid(counts: readonly Counts[]): string {
	const [lists, unchanged, others] = (["lists", "unchanged", "others"] as const).map((name) =>
		sum(counts.map((one) => one[name])),
	);
	return `${lists} lists of tags asked for, ${unchanged} of them unchanged by ETag, ${others} other requests to the registry`;
}

function described({ cpuPercent, memoryMiB, peakMemoryMiB }: Idle): string {
	return `${cpuPercent.toFixed(2)} % of a core, ${memoryMiB.toFixed(0)} MiB, at most ${peakMemoryMiB.toFixed(0)} MiB so far`;
}

function breakdown(requests: readonly AuditedRequest[]): string {
	const counts = new Map<string, number>();
	for (const { verb, resource = "" } of requests) {
		const what = `${verb} ${resource}`;
		counts.set(what, (counts.get(what) ?? 0) + 1);
	}
	return [...counts].map(([what, count]) => `${what} ${count}`).join(", ") || "none";
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, one) => total + one, 0);
}

function repositoryOf(index: number): string {
	return `team-${index % 10}/app-${String(index).padStart(4, "0")}`;
}

function workloadName(index: number): string {
	return `app-${String(index).padStart(5, "0")}`;
}

function workloadsOf(repository: number, { workloads, repositories }: ImageBenchOptions): readonly string[] {
	const names: string[] = [];
	for (let index = repository; index < workloads; index += repositories) names.push(workloadName(index));
	return names;
}

function logOf({ plane }: Bed): string {
	return join(plane.folder, "operator.log");
}
