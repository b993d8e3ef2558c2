import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditedRequest } from "../support/control-plane/audit-log.ts";
import { BedError } from "../support/control-plane/bed-error.ts";
import type { KubeApi } from "../support/control-plane/kube-api.ts";
import type { KubeObject } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { canaryRef, deployment, deploymentRef, imagePatch } from "../support/operator/manifests.ts";
import { type Figures, percentile } from "./figures.ts";
import { type MeasuredOperator, startMeasured } from "./operator-process.ts";
import type { BenchOptions } from "./options.ts";
import { followSightings, type Sightings } from "./sightings.ts";

const IDLE_MS = 20_000;
/** Requests of ours that are under way at once: enough to keep the API server busy, not so many that they queue there. */
const AT_ONCE = 4;

/** One life of so many Canaries: made, left alone, rolled out all at once. Says on the way where it is. */
export async function bench(options: BenchOptions, say: (line: string) => void): Promise<Figures> {
	if (!canStartBed)
		throw new BedError("no control plane", "run .ci/tools/build-control-plane.sh and fetch-crds.sh first");
	const bed = await startBed({ pods: options.pods });
	const logFile = join(bed.plane.folder, "operator.log");
	const { nodeFlags, profile } = options;
	const operator = startMeasured({ flags: flagsFor(bed, options), nodeFlags, logFile, profile });
	const sightings = await followSightings(bed.admin, routeOf(options.provider));
	const names = Array.from({ length: options.canaries }, (_, index) => `app-${String(index).padStart(5, "0")}`);
	const run = { bed, operator, sightings, names, options, say };
	try {
		const made = await initialise(run);
		const idle = await stayIdle(run);
		const rolledOut = await rollOut(run);
		return { ...made, ...idle, ...rolledOut, peakMemoryMiB: operator.peakMemoryMiB() };
	} catch (thrown) {
		copyFileSync(logFile, "/tmp/haldane-bench-operator.log");
		say(`phases: ${JSON.stringify(sightings.phases())}; the operator's log is in /tmp/haldane-bench-operator.log`);
		throw thrown;
	} finally {
		await operator.stop();
		await sightings.stop();
		await bed.stop();
	}
}

interface Run {
	readonly bed: Bed;
	readonly operator: MeasuredOperator;
	readonly sightings: Sightings;
	readonly names: readonly string[];
	readonly options: BenchOptions;
	readonly say: (line: string) => void;
}

/** From the first Canary applied, the Deployments being there and available, to the last one initialised. */
async function initialise({ bed, sightings, names, options, say }: Run) {
	await inTurn(names, (name) => bed.admin.apply(deployment(name)));
	await untilAvailable(bed.admin, names.length);
	await sleep(2_000);
	say(`${names.length} Deployments are available`);
	const before = requestsOf(bed).length;
	const began = performance.now();
	await inTurn(names, (name) => bed.admin.apply(canary(name, options)));
	await sightings.until("Initialized", names.length);
	const initialisedSeconds = (performance.now() - began) / 1_000;
	say(`all initialised after ${initialisedSeconds.toFixed(1)} s`);
	// What follows the status, Events and the target scaled down, belongs to it.
	await untilQuiet(bed);
	const requests = requestsOf(bed).slice(before);
	say(breakdown(requests, names.length));
	return { initialisedSeconds, requestsToInitialise: requests.length / names.length };
}

async function stayIdle({ bed, say }: Run) {
	const before = requestsOf(bed).length;
	await sleep(IDLE_MS);
	const requests = requestsOf(bed).slice(before);
	say(`${requests.length} requests in ${IDLE_MS / 1_000} s of nothing: ${breakdown(requests, 1)}`);
	return { requestsIdlePerSecond: (requests.length * 1_000) / IDLE_MS };
}

/** A new image for every Deployment, at once or spread. Times are from the moment each patch was sent. */
async function rollOut({ bed, operator, sightings, names, options, say }: Run) {
	sightings.forget();
	const before = requestsOf(bed).length;
	const cpuBefore = operator.cpuMs();
	const patchedAt = new Map<string, number>();
	const began = performance.now();
	await inTurn(names, async (name, index) => {
		const dueMs = (index * options.overSeconds * 1_000) / names.length;
		await sleep(Math.max(0, began + dueMs - performance.now()));
		patchedAt.set(name, performance.now());
		await bed.admin.patch(deploymentRef(name), imagePatch("web:2.0.0"), { as: "strategic-merge" });
	});
	await Promise.race([
		sightings.until("Succeeded", names.length),
		sightings.until("Failed", 1).then(() => Promise.reject(new Error("a rollout failed"))),
	]);
	await untilQuiet(bed);
	const requests = requestsOf(bed).slice(before);
	say(`all rolled out: ${breakdown(requests, names.length)}`);
	const after = (what: "Progressing" | "firstWeight" | "Succeeded") =>
		names.map((name) => ((sightings.at(what, name) ?? Number.NaN) - (patchedAt.get(name) ?? 0)) / 1_000);
	const middle = (["Progressing", "firstWeight", "Succeeded"] as const).map(
		(what) => `${what} ${percentile(after(what), 50).toFixed(2)} s`,
	);
	say(`medians: ${middle.join(", ")}`);
	const hasRoute = routeOf(options.provider) !== undefined;
	return {
		noticedP99Seconds: percentile(after("Progressing"), 99),
		firstWeightP99Seconds: hasRoute ? percentile(after("firstWeight"), 99) : Number.NaN,
		rolloutP99Seconds: percentile(after("Succeeded"), 99),
		requestsPerRollout: requests.length / names.length,
		writesPerRollout: requests.filter(isWrite).length / names.length,
		cpuPerRolloutMs: (operator.cpuMs() - cpuBefore) / names.length,
	};
}

function flagsFor(bed: Bed, { provider, operatorFlags }: BenchOptions): readonly string[] {
	return [
		`--kubeconfig=${bed.options.kubeconfig}`,
		`--metrics-server=${bed.options.metricsServer}`,
		`--mesh-provider=${provider}`,
		// As it runs in the field, its lease included; the bed lets it keep one in `default` only.
		"--leader-election-namespace=default",
		"--port=0",
		...operatorFlags,
	];
}

function canary(name: string, { interval, provider }: BenchOptions): KubeObject {
	const isBlueGreen = routeOf(provider) === undefined;
	return {
		...canaryRef(name),
		spec: {
			provider,
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
			service: { port: 80, targetPort: 8080, gatewayRefs: [{ name: "web" }], hosts: [`${name}.example`] },
			analysis: {
				interval,
				threshold: 5,
				...(isBlueGreen ? { iterations: 3 } : { stepWeights: [20, 40, 60] }),
				metrics: [{ name: "request-success-rate", interval: "1m", thresholdRange: { min: 99 } }],
			},
		},
	};
}

function routeOf(provider: string): { readonly apiVersion: string; readonly kind: string } | undefined {
	const [family, version] = provider.split(":");
	switch (family) {
		case "gatewayapi":
			return { apiVersion: `gateway.networking.k8s.io/${version ?? "v1"}`, kind: "HTTPRoute" };
		case "smi":
		case "linkerd":
		case "osm":
			return { apiVersion: `split.smi-spec.io/${version ?? "v1alpha2"}`, kind: "TrafficSplit" };
		default:
			return undefined;
	}
}

/** A watch is one request, however long it runs, so what is counted is what was asked. */
function requestsOf({ plane }: Bed): readonly AuditedRequest[] {
	return plane.auditRequests("haldane");
}

function isWrite({ verb }: AuditedRequest): boolean {
	return ["create", "update", "patch", "delete"].includes(verb);
}

/** How many of each kind there were, for one Canary. */
function breakdown(requests: readonly AuditedRequest[], canaries: number): string {
	const counts = new Map<string, number>();
	for (const { verb, resource, subresource, code = 0 } of requests) {
		const what = [verb, resource, subresource, code >= 400 ? code : undefined].filter(Boolean).join(" ");
		counts.set(what, (counts.get(what) ?? 0) + 1);
	}
	const sorted = [...counts].sort(([, one], [, other]) => other - one);
	return sorted.map(([what, count]) => `${what} ${Number((count / canaries).toFixed(2))}`).join(", ");
}

/** Until three seconds have passed in which nobody but the lease was asked for anything. */
async function untilQuiet(bed: Bed): Promise<void> {
	const count = () => requestsOf(bed).filter(({ resource }) => resource !== "leases").length;
	for (let last = -1, now = count(); ; last = now, now = count()) {
		if (last === now) return;
		await sleep(6_000);
	}
}

async function untilAvailable(api: KubeApi, count: number): Promise<void> {
	const selection = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default" };
	for (;;) {
		const { items } = await api.list<KubeObject<unknown, { availableReplicas?: number }>>(selection);
		if (items.filter(({ status }) => (status?.availableReplicas ?? 0) > 0).length >= count) return;
		await sleep(500);
	}
}

/** Does it for every name, some at once, in order. */
async function inTurn(
	names: readonly string[],
	work: (name: string, index: number) => Promise<unknown>,
): Promise<void> {
	const left = names.entries();
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			for (const [index, name] of left) await work(name, index);
		}),
	);
}
