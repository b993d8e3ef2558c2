import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { messageOf } from "../domain/failure.ts";
import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import { outbound } from "../http/outbound.ts";
import { asBearer } from "../kube/as-bearer.ts";
import { createKubeClient, type KubeClient } from "../kube/client.ts";
import { systemClock } from "../kube/clock.ts";
import { connect } from "../kube/config.ts";
import { runController } from "../kube/controller.ts";
import { whileLeading } from "../kube/lease.ts";
import { Slots } from "../kube/slots.ts";
import { createTransport } from "../kube/transport.ts";
import { WorkQueue } from "../kube/work-queue.ts";
import { createLogger } from "../log.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import { notifiers } from "../notify/notifiers/registry.ts";
import { createServer } from "../server/server.ts";
import { compose } from "./compose.ts";
import type { InClusterDashboard } from "./dashboard/in-cluster.ts";
import { type LiveCaches, startCaches } from "./live-caches.ts";
import type { OperatorOptions } from "./options.ts";
import { type HintedUpdater, hintedUpdater, type RunningUpdater, startUpdater } from "./updater/start.ts";

/** What a page asks the API server for is answered within this, or not at all. */
const VISITORS_WAIT_MS = 10_000;

/** The operator: serves health and metrics, waits for its lease, works until told to stop. Answers the exit code. */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<number> {
	const log = createLogger({ level: options.logLevel, format: options.logFormat });
	const metrics = createMetrics({
		version: options.version,
		meshProvider: options.meshProvider,
		channels: ["event", "hook", "unknown", ...Object.keys(notifiers)],
	});
	const connection = connect({ kubeconfig: options.kubeconfig, master: options.master });
	const connected = (timeoutMs?: number, as = connection) =>
		createKubeClient(
			createTransport(as, {
				userAgent: `haldane/${options.version}`,
				count: (method, code) => metrics.kubeRequest(method, code),
				...(timeoutMs === undefined ? {} : { timeoutMs }),
			}),
			() => systemClock.now(),
		);
	const client = connected();
	let isReady = false;
	const hinted = hintedUpdater();
	const webhooks =
		options.updater?.webhooks &&
		(await (
			await import("./updater/webhooks.ts")
		).startWebhooks(
			{
				client,
				options: options.updater.webhooks,
				namespace: options.leaderElectionNamespace,
				...hinted,
				// Pods reach each other without a proxy.
				send: outbound({ proxyFor: () => undefined }),
				metrics,
				log,
			},
			signal,
		));
	const server = await createServer({
		port: options.port,
		metrics,
		isReady: () => isReady,
		isHealthy: () => true,
		log,
	});
	log.info({ version: options.version, port: server.port, server: connection.server.host }, "haldane is up");
	let dashboard: InClusterDashboard | undefined;
	try {
		if (options.dashboard !== undefined) {
			const { serveInCluster } = await import("./dashboard/in-cluster.ts");
			const asVisitor = (token: string) => connected(VISITORS_WAIT_MS, asBearer(connection, token));
			const asOperator = connected(VISITORS_WAIT_MS);
			const parts = { client: asOperator, asVisitor, log, dashboard: options.dashboard, operator: options };
			dashboard = await serveInCluster(parts);
			log.info({ port: dashboard.port }, "the dashboard is up");
		}
		const work = (term: AbortSignal) =>
			lead({ client, metrics, log, options, hinted }, term, (caches, updater) => {
				isReady = true;
				dashboard?.lead(caches, updater);
			});
		if (!options.leaderElection) {
			await work(signal);
			return 0;
		}
		// Whoever waits for the lease could take over at any moment, so it is ready too.
		isReady = true;
		const end = await whileLeading(
			{
				client,
				namespace: options.leaderElectionNamespace,
				name: options.leaderElectionId,
				identity: `${hostname()}_${randomUUID()}`,
				clock: systemClock,
				log,
				...webhooks?.leaders,
			},
			work,
			signal,
		);
		return end === "lost" ? 1 : 0;
	} catch (thrown) {
		log.error({ err: thrown instanceof Error ? thrown.stack : messageOf(thrown) }, "the operator stopped");
		return 1;
	} finally {
		await dashboard?.stop();
		await server.close();
		await webhooks?.close();
	}
}

interface Leading {
	readonly client: KubeClient;
	readonly metrics: Metrics;
	readonly log: Log;
	readonly options: OperatorOptions;
	readonly hinted: HintedUpdater;
}

/** One term as leader: caches, then the controller, until the signal aborts. Work in hand is brought to an end. */
async function lead(
	{ client, metrics, log, options, hinted }: Leading,
	signal: AbortSignal,
	synced: (caches: LiveCaches, updater: RunningUpdater | undefined) => void,
): Promise<void> {
	const queue = new WorkQueue(systemClock, metrics.queue("canary"));
	let isOpen = false;
	// What wakes a Canary without a rollout may be a new revision, and to notice one is quick.
	const wake = (key: ObjectKey) => {
		if (isOpen) queue.add(key, { first: !hasRun(caches.canaries.get(key)) });
	};
	metrics.leading(true);
	const caches: LiveCaches = startCaches({ client, namespace: options.namespace, log }, wake, signal);
	const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	void aborted.then(() => metrics.leading(false));
	await Promise.race([caches.synced, aborted]);
	if (signal.aborted) return;
	const slots = new Slots(options.concurrency);
	const { reconcile, outbox } = compose({ client, caches, metrics, log, wake, slots }, options);
	isOpen = true;
	for (const canary of caches.canaries.list()) queue.add(keyOf(canary.metadata));
	log.info({ canaries: caches.canaries.list().length }, "caches are filled, working");
	const updater =
		options.updater &&
		startUpdater(
			{ client, shared: caches, outbox, metrics, log },
			{
				...options.updater,
				namespace: options.namespace,
				ownNamespace: options.leaderElectionNamespace,
				concurrency: options.concurrency,
			},
			signal,
		);
	if (updater !== undefined) hinted.follow(updater, signal);
	synced(caches, updater);
	const canariesDone = runController(
		{
			queue,
			reconcile,
			slots,
			clock: systemClock,
			random: Math.random,
			log,
			reconciled: (result, seconds) => metrics.reconciled("canary", result, seconds),
		},
		signal,
	);
	await Promise.all([canariesDone, updater?.done]);
	outbox.stop();
}

function hasRun(canary: KubeObject | undefined): boolean {
	return (canary?.status as { readonly run?: unknown } | undefined)?.run !== undefined;
}
