import { readFileSync } from "node:fs";
import { messageOf } from "../../domain/failure.ts";
import type { Log } from "../../domain/log.ts";
import { outbound } from "../../http/outbound.ts";
import { systemTimers } from "../../http/timers.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { runController } from "../../kube/controller.ts";
import { Slots } from "../../kube/slots.ts";
import { WorkQueue } from "../../kube/work-queue.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import type { Outbox } from "../../notify/outbox.ts";
import { parseImageReference, repositoryKey } from "../../updater/image-reference.ts";
import { createRegistryClient } from "../../updater/image-registry/client.ts";
import { parseRegistrySettings, type RegistrySettings } from "../../updater/image-registry/settings.ts";
import { workloadKey } from "../../updater/loop/cluster.ts";
import { liveUpdaterCluster, type UpdaterCaches } from "../../updater/loop/live-cluster.ts";
import { createUpdater, type Updater } from "../../updater/loop/reconcile.ts";
import { scopeOf } from "../../updater/loop/scope.ts";
import { createScanner } from "../../updater/scanner/scanner.ts";
import type { ImageHint } from "../../updater/triggers/trigger.ts";
import { secretReader } from "../compose.ts";
import type { LiveCaches } from "../live-caches.ts";
import { UsageError } from "../usage-error.ts";
import { startUpdaterCaches } from "./caches.ts";
import type { UpdaterOptions } from "./options.ts";
import { imageTeller } from "./tell.ts";

interface UpdaterSettings extends UpdaterOptions {
	/** The only namespace that the operator reads; all when undefined. */
	readonly namespace: string | undefined;
	readonly concurrency: number;
}

interface Parts {
	readonly client: KubeClient;
	readonly shared: Pick<LiveCaches, "deployments" | "canaries" | "secrets">;
	readonly outbox: Outbox;
	readonly metrics: Metrics;
	readonly log: Log;
}

/** The updater of one term as leader. */
export interface RunningUpdater {
	/** Somebody pushed a tag. The number of repositories that are looked after and concerned. */
	hint(hint: ImageHint): number;
	/** What it reads, and what it knows of a workload's images beside what is written down. */
	readonly caches: UpdaterCaches;
	readonly seen: Updater["seen"];
	/** Resolves when the signal has aborted and the work in hand is done. */
	readonly done: Promise<void>;
}

/** Starts the updater beside the loop of Canaries, sharing its caches, until the signal aborts. */
export function startUpdater(
	{ client, shared, outbox, metrics, log }: Parts,
	settings: UpdaterSettings,
	signal: AbortSignal,
): RunningUpdater {
	const queue = new WorkQueue(systemClock, metrics.queue("image"));
	let isOpen = false;
	const wake = (key: string) => {
		if (isOpen) queue.add(key);
	};
	const registries = registrySettings(settings.registriesFile);
	const caches = startUpdaterCaches({ client, namespace: settings.namespace, log, shared }, wake, signal);
	const now = () => systemTimers.now();
	const scanner = createScanner({
		client: createRegistryClient({ send: outbound(), now, timers: systemTimers, random: Math.random }, registries),
		timers: systemTimers,
		random: Math.random,
		log,
		changed: (subscribers) => {
			for (const key of subscribers) wake(key);
		},
		scanned: () => {},
	});
	const cluster = liveUpdaterCluster({
		client,
		caches,
		scope: scopeOf(settings),
		readSecret: secretReader(client),
		now,
	});
	const tell = imageTeller({ outbox, log, now });
	const updater = createUpdater({ cluster, scanner, log, now, tell }, { schedule: settings.schedule });

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
					slots: new Slots(settings.concurrency),
					clock: systemClock,
					random: Math.random,
					log,
					reconciled: (result, seconds) => metrics.reconciled("image", result, seconds),
				},
				signal,
			);
		}
		scanner.stop();
	}

	return {
		hint: ({ image, tag, digest }) => {
			const parsed = parseImageReference(image);
			if (!parsed.ok) return 0;
			return scanner.hint({ repository: repositoryKey(parsed.reference), tag, digest });
		},
		caches,
		seen: updater.seen,
		done: work(),
	};
}

/** The settings of that file; throws with what is wrong with it. */
function registrySettings(file: string | undefined): RegistrySettings {
	if (file === undefined) return { registries: [] };
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (thrown) {
		throw new UsageError(`--registries: ${file} cannot be read: ${messageOf(thrown)}`);
	}
	const parsed = parseRegistrySettings(text);
	if (!parsed.ok) throw new UsageError(`--registries: ${file}: ${parsed.problems.join("; ")}`);
	return parsed.settings;
}
