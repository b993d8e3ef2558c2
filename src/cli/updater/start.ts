import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImagePolicyStatus } from "../../api/image-policy.ts";
import { RECORD_ANNOTATION, recordsOn } from "../../api/image-record.ts";
import { keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { createGit, gitEnvironment } from "../../git/git.ts";
import { outbound } from "../../http/outbound.ts";
import { systemTimers } from "../../http/timers.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { runController } from "../../kube/controller.ts";
import { Slots } from "../../kube/slots.ts";
import { WorkQueue } from "../../kube/work-queue.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { imageReasons } from "../../notify/image-reasons.ts";
import type { Outbox } from "../../notify/outbox.ts";
import { parseImageReference, repositoryKey } from "../../updater/image-reference.ts";
import { createRegistryClient } from "../../updater/image-registry/client.ts";
import { workloadKey, workloadsNamedBy } from "../../updater/loop/cluster.ts";
import { liveUpdaterCluster, type UpdaterCaches } from "../../updater/loop/live-cluster.ts";
import { createUpdater, type Updater } from "../../updater/loop/reconcile.ts";
import { scopeOf } from "../../updater/loop/scope.ts";
import { createFreshness } from "../../updater/scanner/freshness.ts";
import { createScanner } from "../../updater/scanner/scanner.ts";
import type { ImageHint } from "../../updater/triggers/trigger.ts";
import type { Repositories } from "../../updater/write-back/git-port.ts";
import { createWriteBack } from "../../updater/write-back/write-back.ts";
import { secretReader } from "../compose.ts";
import type { LiveCaches } from "../live-caches.ts";
import { startUpdaterCaches } from "./caches.ts";
import { configuredCredentials } from "./docker-config.ts";
import type { UpdaterOptions } from "./options.ts";
import { registrySettings } from "./registries.ts";
import { createScanStore } from "./scan-store.ts";
import { imageTeller } from "./tell.ts";

interface UpdaterSettings extends UpdaterOptions {
	/** The only namespace that the operator reads; all when undefined. */
	readonly namespace: string | undefined;
	/** Where the operator's own Secrets are. */
	readonly ownNamespace: string;
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

/** Whoever hears of pushes: the updater of the term as leader, while it lasts. */
export interface HintedUpdater extends Pick<RunningUpdater, "hint"> {
	isLeading(): boolean;
	/** Until the signal aborts. */
	follow(updater: Pick<RunningUpdater, "hint">, signal: AbortSignal): void;
}

export function hintedUpdater(): HintedUpdater {
	let current: Pick<RunningUpdater, "hint"> | undefined;
	return {
		hint: (hint) => current?.hint(hint) ?? 0,
		isLeading: () => current !== undefined,
		follow(updater, signal) {
			current = signal.aborted ? undefined : updater;
			signal.addEventListener("abort", () => {
				if (current === updater) current = undefined;
			});
		},
	};
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
	const everybodysSecrets = new Set(
		registries.registries.flatMap(({ credentialsSecret: name }) =>
			name === undefined ? [] : [keyOf({ namespace: settings.ownNamespace, name })],
		),
	);
	const caches = startUpdaterCaches(
		{ client, namespace: settings.namespace, log, everybodysSecrets, shared },
		wake,
		signal,
	);
	const now = () => systemTimers.now();
	const scanner = createScanner({
		client: createRegistryClient(
			{ send: outbound(), now, timers: systemTimers, random: Math.random, observer: metrics.images },
			registries,
		),
		timers: systemTimers,
		random: Math.random,
		log,
		changed: (subscribers) => {
			freshness.changed(subscribers);
			for (const key of subscribers) wake(key);
		},
		scanned: (outcome) => {
			metrics.images.scanned(outcome);
			scans.looked();
		},
	});
	const freshness = createFreshness({ lastScans: scanner.lastScans, now });
	const scans = createScanStore({ client, freshness, timers: systemTimers, log }, settings.ownNamespace);
	const scope = scopeOf(settings);
	const readSecret = secretReader(client);
	const cluster = liveUpdaterCluster({
		client,
		caches,
		scope,
		readSecret,
		registries,
		ownNamespace: settings.ownNamespace,
		configured: configuredCredentials(settings.dockerConfig, now),
		now,
	});
	const tellPeople = imageTeller({ outbox, log });
	const tell: typeof tellPeople = (about, notices) => {
		for (const { reason } of notices) metrics.images.told(reason);
		tellPeople(about, notices);
	};
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
	const updater = createUpdater(
		{ cluster, scanner, freshness, writeBack, log, now, tell },
		{ schedule: settings.schedule },
	);
	metrics.images.expect(Object.keys(imageReasons));
	metrics.images.watching(() => ({ tagsSeen: scanner.tagsSeen(), approvalsPending: approvalsPending(caches) }));

	async function work(): Promise<void> {
		const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
		await Promise.race([Promise.all([caches.synced, scans.load(signal)]), aborted]);
		if (!signal.aborted) {
			isOpen = true;
			for (const cache of Object.values(caches.workloads))
				for (const workload of cache.list()) queue.add(workloadKey(workload));
			// Those without a workload are told so, though there is nothing else to be done for them.
			for (const policy of caches.imagePolicies.list()) for (const key of workloadsNamedBy(policy)) queue.add(key);
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
		await scans.close();
		scanner.stop();
		metrics.images.watching(undefined);
		await git.close();
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

/** Images that wait for approval, as recorded by ImagePolicies and workloads. */
function approvalsPending({ imagePolicies, workloads }: UpdaterCaches): number {
	const ofPolicies = imagePolicies
		.list()
		.flatMap(({ status }) => (status as ImagePolicyStatus | undefined)?.images ?? []);
	const ofWorkloads = Object.values(workloads)
		.flatMap((cache) => cache.list())
		// Few have such a record, and fewer one that is worth reading.
		.filter(({ metadata }) => metadata.annotations?.[RECORD_ANNOTATION]?.includes("AwaitingApproval"))
		.flatMap((workload) => {
			const read = recordsOn(workload);
			return read.ok ? read.records : [];
		});
	return [...ofPolicies, ...ofWorkloads].filter(({ chosen }) => chosen?.state === "AwaitingApproval").length;
}
