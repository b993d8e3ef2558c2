import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../domain/log.ts";
import { createGit, gitEnvironment } from "../../git/git.ts";
import type { Send } from "../../http/request.ts";
import { systemTimers } from "../../http/timers.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { runController } from "../../kube/controller.ts";
import { Slots } from "../../kube/slots.ts";
import { WorkQueue } from "../../kube/work-queue.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { parseImageReference, repositoryKey } from "../../updater/image-reference.ts";
import { createRegistryClient } from "../../updater/image-registry/client.ts";
import type { RegistrySettings } from "../../updater/image-registry/settings.ts";
import { workloadKey } from "../../updater/loop/cluster.ts";
import { type LiveUpdaterPorts, liveUpdaterCluster } from "../../updater/loop/live-cluster.ts";
import { createUpdater, type UpdaterPorts } from "../../updater/loop/reconcile.ts";
import { type ScopeOptions, scopeOf } from "../../updater/loop/scope.ts";
import { createScanner } from "../../updater/scanner/scanner.ts";
import type { ImageHint } from "../../updater/triggers/trigger.ts";
import type { Repositories } from "../../updater/write-back/git-port.ts";
import { createWriteBack } from "../../updater/write-back/write-back.ts";
import type { LiveCaches } from "../live-caches.ts";
import { startUpdaterCaches } from "./caches.ts";

export interface UpdaterSettings extends ScopeOptions {
	readonly schedule: string;
	readonly registries: RegistrySettings;
	/** The only namespace that the operator reads; all when undefined. */
	readonly namespace: string | undefined;
	readonly concurrency: number;
}

interface Parts {
	readonly client: KubeClient;
	readonly shared: Pick<LiveCaches, "deployments" | "canaries" | "secrets">;
	readonly send: Send;
	readonly readSecret: LiveUpdaterPorts["readSecret"];
	readonly tell: UpdaterPorts["tell"];
	readonly metrics: Metrics;
	readonly log: Log;
}

/** The updater of one term as leader. */
export interface RunningUpdater {
	/** Somebody pushed a tag. The number of repositories that are looked after and concerned. */
	hint(hint: ImageHint): number;
	/** Resolves when the signal has aborted and the work in hand is done. */
	readonly done: Promise<void>;
}

/** Starts the updater beside the loop of Canaries, sharing its caches, until the signal aborts. */
export function startUpdater(
	{ client, shared, send, readSecret, tell, metrics, log }: Parts,
	settings: UpdaterSettings,
	signal: AbortSignal,
): RunningUpdater {
	const queue = new WorkQueue(systemClock, metrics.queue("image"));
	let isOpen = false;
	const wake = (key: string) => {
		if (isOpen) queue.add(key);
	};
	const caches = startUpdaterCaches({ client, namespace: settings.namespace, log, shared }, wake, signal);
	const now = () => systemTimers.now();
	const scanner = createScanner({
		client: createRegistryClient({ send, now, timers: systemTimers, random: Math.random }, settings.registries),
		timers: systemTimers,
		random: Math.random,
		log,
		changed: (subscribers) => {
			for (const key of subscribers) wake(key);
		},
		scanned: () => {},
	});
	const cluster = liveUpdaterCluster({ client, caches, scope: scopeOf(settings), readSecret, now });
	const git = createGit(
		{ timers: systemTimers, random: Math.random, log },
		{ folder: join(tmpdir(), `haldane-git-${process.pid}`), environment: gitEnvironment(process.env) },
	);
	const slots = new Slots(settings.concurrency);
	const repositories: Repositories = {
		// A server that does not answer must not keep other workloads waiting.
		change: (change, term) => slots.lend(() => git.change(change, term)),
	};
	const writeBack = createWriteBack({ repositories, readSecret, now });
	const updater = createUpdater({ cluster, scanner, writeBack, log, now, tell }, { schedule: settings.schedule });

	async function work(): Promise<void> {
		const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
		await Promise.race([caches.synced, aborted]);
		if (!signal.aborted) {
			isOpen = true;
			for (const cache of Object.values(caches.workloads))
				for (const workload of cache.list()) queue.add(workloadKey(workload));
			await runController(
				{
					queue,
					reconcile: (key, term) => updater.reconcile(key, term),
					slots,
					clock: systemClock,
					random: Math.random,
					log,
					reconciled: (result, seconds) => metrics.reconciled("image", result, seconds),
				},
				signal,
			);
		}
		scanner.stop();
		await git.close();
	}

	return {
		hint: ({ image, tag, digest }) => {
			const parsed = parseImageReference(image);
			if (!parsed.ok) return 0;
			return scanner.hint({ repository: repositoryKey(parsed.reference), tag, digest });
		},
		done: work(),
	};
}
