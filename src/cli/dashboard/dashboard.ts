import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Canary } from "../../api/canary.ts";
import { messageOf } from "../../domain/failure.ts";
import type { KubeObject, ObjectRef } from "../../domain/kube-object.ts";
import { ResourceCache } from "../../kube/cache.ts";
import { systemClock } from "../../kube/clock.ts";
import { ApiError } from "../../kube/errors.ts";
import { type Resource, resources } from "../../kube/resources.ts";
import { createLogger } from "../../log.ts";
import { providerFor } from "../../mesh-adapters/registry.ts";
import { createDashboard } from "../../server/dashboard/app.ts";
import { listen } from "../../server/dashboard/listen.ts";
import type { DashboardPorts, PageFile } from "../../server/dashboard/ports.ts";
import { command, refusalOf } from "../command.ts";
import { complaintOf } from "../complaint.ts";
import { openSession, type SessionFlags } from "../session.ts";
import { RefusedError, UsageError } from "../usage-error.ts";
import { planOf } from "./plan.ts";
import { prometheusAt } from "./query.ts";

/** What `haldane dashboard` is given. */
export interface DashboardFlags extends SessionFlags {
	readonly port: string;
	readonly metricsServer?: string;
}

/** A dashboard that listens. */
export interface RunningDashboard {
	/** With the token: whoever has it acts as the user of the kubeconfig. */
	readonly url: string;
	stop(): Promise<void>;
}

const pods: Resource = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };
/** A cluster that does not answer within this is said not to. */
const FIRST_LIST_MS = 15_000;
/** Of a namespace's pods or events, no more than this is read for one page. */
const LISTED_MAX = 5_000;

/** Serves the dashboard until it is told to stop. Answers the exit code. */
export async function dashboard(flags: DashboardFlags, signal: AbortSignal): Promise<number> {
	const running = await startDashboard(flags);
	console.log(`dashboard: ${running.url}`);
	console.log("# It acts as the user of your kubeconfig: give the address to nobody. Ctrl+C ends it.");
	if (!signal.aborted) {
		await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	}
	await running.stop();
	return 0;
}

/** Resolves once it listens and knows what Canaries there are; throws UsageError or RefusedError with the mend. */
export async function startDashboard(flags: DashboardFlags): Promise<RunningDashboard> {
	const port = Number(flags.port);
	if (!/^\d+$/.test(flags.port) || port > 65_535) {
		throw new UsageError("--port: write a port from 0 (any that is free) to 65535");
	}
	const query = flags.metricsServer === undefined ? undefined : prometheusAt(flags.metricsServer);
	const page = await builtPage();
	const { client } = openSession(flags);
	const log = createLogger({ level: "warn", format: "console" });
	const ending = new AbortController();
	// Lists once before it follows, so that a cluster that refuses is told of at once and by its reason.
	await client.list(resources.canaries, { namespace: flags.namespace, limit: 1 });
	const cache = new ResourceCache({
		client,
		resource: resources.canaries,
		namespace: flags.namespace,
		clock: systemClock,
		random: Math.random,
		log,
	});
	const listeners = new Set<(key: string, canary: KubeObject | undefined) => void>();
	cache.subscribe(({ key, after }) => {
		for (const listener of listeners) listener(key, after);
	});
	const following = cache.run(ending.signal);
	const token = randomBytes(24).toString("base64url");
	let listeningAt = () => 0;
	const ports: DashboardPorts = {
		page,
		token,
		port: () => listeningAt(),
		canaries: {
			list: () => cache.list(),
			get: (key) => cache.get(key),
			subscribe(listener) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		async get(ref) {
			try {
				return await client.get(ref);
			} catch (thrown) {
				if (thrown instanceof ApiError && thrown.status === 404) return undefined;
				throw thrown;
			}
		},
		async list(kind, namespace, fieldSelector) {
			const resource = kind === "pods" ? pods : resources.events;
			const found: KubeObject[] = [];
			let next: string | undefined;
			do {
				const page = await client.list(resource, { namespace, fieldSelector, continue: next });
				found.push(...page.items);
				next = page.continue;
			} while (next !== undefined && found.length < LISTED_MAX);
			return found;
		},
		routeOf,
		planOf,
		refusalOf,
		async act(verb, { namespace, name }) {
			try {
				return await command({ client, namespace, ...waits }, { verb, name, waitMs: undefined });
			} catch (thrown) {
				throw new Error(complaintOf(thrown).text.replace(/^haldane: /, ""), { cause: thrown });
			}
		},
		query,
		every(ms, call) {
			const timer = setInterval(call, ms);
			return () => clearInterval(timer);
		},
		log,
	};
	try {
		await Promise.race([cache.synced, sleep(FIRST_LIST_MS, undefined, { ref: false })]);
		const server = await listen((at) => {
			listeningAt = at;
			return createDashboard(ports);
		}, port);
		return {
			url: `http://127.0.0.1:${server.port}/#token=${token}`,
			async stop() {
				ending.abort();
				await server.close();
				await following;
			},
		};
	} catch (thrown) {
		ending.abort();
		await following;
		const { code } = thrown as NodeJS.ErrnoException;
		if (code !== "EADDRINUSE" && code !== "EACCES") throw thrown;
		throw new RefusedError(`port ${port} cannot be had (${messageOf(thrown)}); leave out --port, or take another`);
	}
}

const waits = {
	now: () => Date.now(),
	unique: () => crypto.randomUUID().slice(0, 8),
	sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
	deadline: (ms: number) => AbortSignal.timeout(ms),
};

async function builtPage(): Promise<Readonly<Record<string, PageFile>>> {
	try {
		return (await import("../../dashboard/built/page.js")).page;
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw thrown;
		throw new RefusedError("the page is not built yet in this checkout; run: node scripts/build-dashboard.ts");
	}
}

/** The object that the Canary's provider moves traffic by; without a provider the operator's own is unknown to us. */
function routeOf({ spec, metadata, status }: Canary): ObjectRef | undefined {
	const found = providerFor(spec.provider ?? "kubernetes");
	const resource = found?.adapter.resource;
	const version = found?.versions[0];
	if (resource === undefined || version === undefined) return undefined;
	const name = status?.binding?.service ?? spec.service?.name ?? spec.targetRef.name;
	return {
		apiVersion: `${resource.group}/${version}`,
		kind: resource.kind,
		namespace: metadata.namespace ?? "default",
		name,
	};
}
