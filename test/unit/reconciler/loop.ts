import type { Reading } from "../../../src/analysis/question.ts";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { type KubeObject, keyOf, type ObjectKey, type ObjectRef } from "../../../src/domain/kube-object.ts";
import { silentLog } from "../../../src/domain/log.ts";
import type { HookAnswer } from "../../../src/hooks/hook.ts";
import { ask } from "../../../src/reconciler/ask.ts";
import { createReconciler, type ReconcilerOptions } from "../../../src/reconciler/reconcile.ts";
import { createMemoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../support/memory-cluster.ts";

/** The process died: nothing of it is left, and another takes over. */
export class Crash extends Error {}

const options: ReconcilerOptions = {
	provider: "gatewayapi:v1",
	drainMs: 5_000,
	selectorLabels: ["app", "name", "app.kubernetes.io/name"],
	includePrefixes: ["*"],
	crossNamespaceRefs: false,
	metricsServer: {
		provider: "prometheus",
		address: "http://prometheus:9090",
		headers: {},
		secret: undefined,
		insecureSkipVerify: false,
	},
};

const RESTART_MS = 50;
const TELL_MS = 5;
const RETRY_MS = { retry: 300, refetch: 10, edit: 5_000 } as const;
const PASSES_MAX = 300;

export interface LoopOptions extends MemoryClusterOptions {
	readonly settings?: Partial<ReconcilerOptions>;
	/** What a check reads; 100, which passes, unless it is said. */
	readonly reading?: (query: string) => Reading;
	readonly hook?: (name: string) => HookAnswer;
}

/**
 * The real loop on a cluster in memory, under virtual time: it comes when something changes or when it said so, after a
 * failure by its remedy, and after a crash as another process. A bug that it throws ends the test.
 */
export class Loop {
	readonly cluster: MemoryCluster;
	/** Reasons of what people were told, in order, each notice once. */
	readonly told: { readonly key: ObjectKey; readonly reason: string; readonly message: string }[] = [];
	/** Moments at which nobody would have answered a request. */
	readonly gaps: string[] = [];
	/** Rounds in which the world was asked. */
	asked = 0;
	passes = 0;
	/** The most status writes that one pass has made. */
	statusWritesMost = 0;
	reading: NonNullable<LoopOptions["reading"]>;
	hook: NonNullable<LoopOptions["hook"]>;
	readonly #settings: ReconcilerOptions;
	readonly #due = new Map<ObjectKey, number>();
	readonly #toldIds = new Set<string>();
	readonly #served = new Set<string>();
	readonly #signal = new AbortController().signal;
	#reconciler: ReturnType<typeof createReconciler>;
	/** Failures in a row, which the controller answers with ever longer waits. */
	#failures = 0;

	constructor({ settings = {}, reading, hook, ...world }: LoopOptions = {}) {
		this.cluster = createMemoryCluster(world);
		this.#settings = { ...options, ...settings };
		this.reading = reading ?? (() => ({ kind: "value", value: 100 }));
		this.hook = hook ?? (() => ({ kind: "yes" }));
		this.#reconciler = this.#start();
		this.cluster.onChange = () => {
			this.#look();
			this.wake();
		};
	}

	/** Another process takes over, with nothing but what the cluster holds. */
	restart(): void {
		this.#reconciler = this.#start();
		this.wake(RESTART_MS);
	}

	wake(afterMs = 0): void {
		for (const { kind, metadata } of this.cluster.all()) if (kind === "Canary") this.#wakeAt(keyOf(metadata), afterMs);
	}

	/** Lives until nothing is left to happen, or for so long. Answers how much time passed. */
	async run(forMs = 3_600_000): Promise<number> {
		const startedAt = this.cluster.now();
		const end = startedAt + forMs;
		for (let passes = 0; ; ) {
			const key = this.#dueNow();
			if (key !== undefined) {
				passes += 1;
				if (passes > PASSES_MAX)
					throw new Error(`no rest after ${PASSES_MAX} passes, at ${JSON.stringify(this.status())}`);
				await this.#pass(key);
				continue;
			}
			const next = Math.min(this.cluster.nextAt() ?? Number.POSITIVE_INFINITY, ...this.#due.values());
			if (next > end) {
				if (next !== Number.POSITIVE_INFINITY) this.cluster.advanceTo(end);
				return this.cluster.now() - startedAt;
			}
			this.cluster.advanceTo(next);
		}
	}

	/** Lives until the Canary is so. */
	async runUntil(holds: (status: CanaryStatus) => boolean, name = "cart"): Promise<void> {
		for (let slices = 0; slices < 50_000; slices += 1) {
			if (holds(this.status(name))) return;
			await this.run(20);
		}
		throw new Error(`never came to be so: ${JSON.stringify(this.status(name))}`);
	}

	status(name = "cart"): CanaryStatus {
		return (this.cluster.canary(`shop/${name}`)?.status ?? { phase: "" }) as CanaryStatus;
	}

	condition(type: string, name = "cart") {
		return this.status(name).conditions?.find((condition) => condition.type === type);
	}

	object<T = Record<string, unknown>>(kind: string, name: string): (KubeObject & { readonly spec: T }) | undefined {
		return this.cluster.get(refTo(kind, name)) as (KubeObject & { readonly spec: T }) | undefined;
	}

	reasons(name = "cart"): readonly string[] {
		return this.told.filter(({ key }) => key === `shop/${name}`).map(({ reason }) => reason);
	}

	async #pass(key: ObjectKey): Promise<void> {
		this.#due.delete(key);
		this.passes += 1;
		const before = this.cluster.writes.length;
		try {
			const { wakeAfterMs } = await this.#reconciler.reconcile(key, this.#signal);
			const written = this.cluster.writes.slice(before).filter(({ verb }) => verb === "status").length;
			this.statusWritesMost = Math.max(this.statusWritesMost, written);
			this.#failures = 0;
			if (wakeAfterMs !== undefined) this.#wakeAt(key, wakeAfterMs);
		} catch (thrown) {
			if (thrown instanceof Crash) return this.restart();
			if (!(thrown instanceof Failure)) throw thrown;
			this.#failures += 1;
			this.#wakeAt(key, RETRY_MS[thrown.remedy] * 2 ** Math.min(this.#failures, 5));
		}
	}

	#dueNow(): ObjectKey | undefined {
		return [...this.#due].find(([, at]) => at <= this.cluster.now())?.[0];
	}

	#wakeAt(key: ObjectKey, afterMs: number): void {
		const at = this.cluster.now() + afterMs;
		this.#due.set(key, Math.min(at, this.#due.get(key) ?? at));
	}

	#start(): ReturnType<typeof createReconciler> {
		const { cluster } = this;
		const told = new Set<string>();
		const timers = { now: () => cluster.now(), after: () => () => {} };
		const gather = {
			askMetric: async ({ query }: { readonly query: string }) => this.reading(query),
			askHook: async ({ name }: { readonly name: string }) => this.hook(name),
			timers,
			report: (thrown: unknown) => {
				throw thrown;
			},
		};
		const now = () => cluster.now();
		const ports = { cluster, gather, options: this.#settings, now };
		return createReconciler(
			{
				cluster,
				log: silentLog,
				now,
				gather: (inquiry, canary, signal) => {
					this.asked += 1;
					return ask(inquiry, canary, { ...ports, signal });
				},
				announce: (key, notices) => {
					for (const { id, reason, message } of notices) {
						const whole = `${key}/${id}`;
						if (!this.#toldIds.has(whole)) this.told.push({ key, reason, message });
						this.#toldIds.add(whole);
						if (told.has(whole)) continue;
						cluster.after(TELL_MS, () => {
							told.add(whole);
							this.#wakeAt(key, 0);
						});
					}
					return notices.map(({ id }) => id).filter((id) => told.has(`${key}/${id}`));
				},
				report: () => {},
			},
			this.#settings,
		);
	}

	/** Whoever once answered requests goes on answering them. */
	#look(): void {
		for (const { kind, metadata, spec } of this.cluster.all()) {
			const name = `${kind} ${metadata.name}`;
			const isAnswered =
				kind === "Service"
					? this.#answers(metadata.name)
					: kind === "HTTPRoute" && liveBackends(spec).every((backend) => this.#answers(backend));
			if (isAnswered) this.#served.add(name);
			else if (this.#served.has(name) && !/^Service .*-(primary|canary)$/.test(name)) {
				this.gaps.push(`${name} has nobody to answer, in ${this.status(metadata.name).phase}`);
			}
		}
	}

	/** Some pod that is ready is selected by the Service. */
	#answers(service: string): boolean {
		const selector = Object.entries(this.object<{ selector?: object }>("Service", service)?.spec.selector ?? {});
		return this.cluster.all().some((object) => {
			if (object.kind !== "Deployment") return false;
			const { template } = object.spec as { template: { metadata: { labels: Record<string, string> } } };
			const { availableReplicas = 0 } = (object.status ?? {}) as { availableReplicas?: number };
			const isSelected = selector.every(([key, value]) => template.metadata.labels[key] === value);
			return selector.length > 0 && isSelected && availableReplicas > 0;
		});
	}
}

interface RouteSpec {
	readonly rules?: readonly { readonly backendRefs?: readonly { readonly name: string; readonly weight: number }[] }[];
}

function liveBackends(spec: unknown): readonly string[] {
	const refs = ((spec as RouteSpec).rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
	return refs.filter(({ weight }) => weight > 0).map(({ name }) => name);
}

/** The weights that the HTTPRoute of that name asks for, by Service. */
export function weightsOf(loop: Loop, name = "cart"): Readonly<Record<string, number>> {
	const rules = loop.object<RouteSpec>("HTTPRoute", name)?.spec.rules ?? [];
	return Object.fromEntries(rules.flatMap(({ backendRefs = [] }) => backendRefs.map((ref) => [ref.name, ref.weight])));
}

const API = {
	Canary: "haldane.dev/v1beta1",
	Deployment: "apps/v1",
	Service: "v1",
	HTTPRoute: "gateway.networking.k8s.io/v1",
} as const;

export function refTo(kind: string, name: string): ObjectRef {
	return { apiVersion: API[kind as keyof typeof API], kind, namespace: "shop", name };
}

function metadataOf(name: string): KubeObject["metadata"] {
	return { name, namespace: "shop" };
}

/** A Deployment that a user has. */
export function deployment(
	name = "cart",
	{ image = "cart:1", replicas = 2, labels = { app: name } as object } = {},
): KubeObject {
	const containers = [{ name: "web", image, ports: [{ containerPort: 8080 }] }];
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: metadataOf(name),
		spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
	};
}

/** A Service that a user has. */
export function service(name = "cart", selector: object = { app: name }): KubeObject {
	const spec = { selector, ports: [{ name: "web", port: 80, targetPort: 8080 }] };
	return { apiVersion: "v1", kind: "Service", metadata: metadataOf(name), spec };
}

/** A Canary for the Deployment of its name: 20 and 40 percent, ten seconds each, behind a Gateway. */
export function canary(
	name = "cart",
	{
		analysis = {},
		service: shape = {},
		...spec
	}: { analysis?: object; service?: object; [field: string]: unknown } = {},
): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: metadataOf(name),
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
			service: { port: 80, targetPort: 8080, gatewayRefs: [{ name: "web" }], ...shape },
			analysis: {
				interval: "10s",
				threshold: 2,
				...("iterations" in analysis || "steps" in analysis ? {} : { stepWeights: [20, 40] }),
				metrics: [{ name: "score", query: `score{app="${name}"}`, thresholdRange: { min: 99 } }],
				...analysis,
			},
			...spec,
		},
	};
}

/** As `canary`, blue/green by plain Services. */
export function blueGreen(
	name = "cart",
	{ analysis = {}, ...spec }: { analysis?: object; [field: string]: unknown } = {},
): KubeObject {
	return canary(name, {
		provider: "kubernetes",
		service: { gatewayRefs: [] },
		analysis: { iterations: 2, ...analysis },
		...spec,
	});
}

/** A loop whose Canary has taken a running Deployment and Service over. */
export async function initialised(object: KubeObject = canary(), loopOptions: LoopOptions = {}): Promise<Loop> {
	const loop = new Loop(loopOptions);
	const { name } = object.metadata;
	loop.cluster.put(deployment(name));
	loop.cluster.put(service((object.spec as { service: { name?: string } }).service.name ?? name, { app: name }));
	loop.cluster.advanceTo(loop.cluster.now() + 5_000);
	loop.cluster.put(object);
	await loop.run();
	return loop;
}

/** What `kubectl set image` does. */
export function setImage(loop: Loop, image: string, name = "cart"): void {
	const containers = [{ name: "web", image, ports: [{ containerPort: 8080 }] }];
	loop.cluster.edit(refTo("Deployment", name), { spec: { template: { spec: { containers } } } });
}

/** The annotation that commands a Canary. */
export function command(loop: Loop, id: string, name = "cart"): void {
	loop.cluster.edit(refTo("Canary", name), { metadata: { annotations: { "haldane.dev/command": id } } });
}

export function imageOf(loop: Loop, name: string): string | undefined {
	const spec = loop.object<{ template: { spec: { containers: readonly { image: string }[] } } }>(
		"Deployment",
		name,
	)?.spec;
	return spec?.template.spec.containers[0]?.image;
}

export function replicasOf(loop: Loop, name: string): number | undefined {
	return loop.object<{ replicas: number }>("Deployment", name)?.spec.replicas;
}

/** Lets the process die once: before the request of that number is sent, or after it is done; counted from 1. */
export function crashAt(loop: Loop, number: number, moment: "before" | "after"): void {
	let seen = 0;
	loop.cluster.fault = (_write, when) => {
		if (when !== moment) return;
		seen += 1;
		if (seen !== number) return;
		loop.cluster.fault = undefined;
		throw new Crash(`${moment} write ${number}`);
	};
}
