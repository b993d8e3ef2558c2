import { askMetrics } from "../analysis/ask-metric.ts";
import { parseAlertProvider } from "../api/alert-provider.ts";
import type { Canary } from "../api/canary.ts";
import { instantOf } from "../domain/instant.ts";
import { keyOf, type ObjectKey } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import { hooks } from "../hooks/call.ts";
import { hookOf } from "../hooks/hook.ts";
import { outbound } from "../http/outbound.ts";
import { systemTimers } from "../http/timers.ts";
import type { KubeClient } from "../kube/client.ts";
import { ApiError, orNone } from "../kube/errors.ts";
import type { Slots } from "../kube/slots.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { canarySubject } from "../notify/canary-subject.ts";
import { createOutbox, type Outbox } from "../notify/outbox.ts";
import { createSendMessage } from "../notify/send.ts";
import { ask } from "../reconciler/ask.ts";
import type { Caches } from "../reconciler/live-cluster.ts";
import { liveCluster } from "../reconciler/live-cluster.ts";
import { createReconciler, type ReconcilerOptions } from "../reconciler/reconcile.ts";
import { createRounds } from "../reconciler/rounds.ts";
import type { OperatorOptions } from "./options.ts";

/** What a composed operator offers to whoever runs it. */
export interface Composed {
	readonly reconcile: ReturnType<typeof createReconciler>["reconcile"];
	readonly outbox: Outbox;
}

export interface Parts {
	readonly client: KubeClient;
	readonly caches: Caches;
	readonly metrics: Metrics;
	readonly log: Log;
	/** The places of the controller: a pass that asks the world lends its own to others. */
	readonly slots: Pick<Slots, "lend">;
	/** Wakes a Canary's key. */
	readonly wake: (key: ObjectKey) => void;
}

/** Puts the rooms together: the loop on the real cluster, with the real ways out. */
export function compose({ client, caches, metrics, log, slots, wake }: Parts, options: OperatorOptions): Composed {
	const cluster = liveCluster(client, caches);
	const send = outbound();
	const readSecret = secretReader(client);
	const callHooks = hooks({ send, readSecret });
	const reconcilerOptions: ReconcilerOptions = {
		provider: options.meshProvider,
		drainMs: options.drainMs,
		selectorLabels: options.selectorLabels,
		includePrefixes: options.includeLabelPrefixes,
		crossNamespaceRefs: !options.noCrossNamespaceRefs,
		metricsServer:
			options.metricsServer === undefined
				? undefined
				: {
						provider: "prometheus",
						address: options.metricsServer,
						headers: {},
						secret: undefined,
						insecureSkipVerify: false,
					},
	};
	const now = () => systemTimers.now();
	const gatherPorts = {
		askMetric: askMetrics({ send, readSecret }),
		askHook: callHooks.ask,
		timers: systemTimers,
		report: (thrown: unknown) => log.error({ err: thrown }, "asking a question failed"),
	};
	const outbox = createOutbox(
		{
			timers: systemTimers,
			log,
			createEvent: async (event, signal) => {
				try {
					await client.create(event, { signal });
					return "created";
				} catch (thrown) {
					if (thrown instanceof ApiError && thrown.reason === "AlreadyExists") return "exists";
					throw thrown;
				}
			},
			alertProvider: (ref) => {
				const object = caches.alertProviders.get(keyOf(ref));
				const parsed = object && parseAlertProvider(object);
				return parsed?.ok ? parsed.provider.spec : undefined;
			},
			readSecret,
			send: createSendMessage(send, now),
			callEventHook: async ({ subject, hook, notice }, signal) => {
				const { namespace = "default", name } = subject.object.metadata;
				const described = hookOf(hook, namespace);
				const answer = await callHooks.tell(
					described,
					{
						call: {
							canary: { namespace, name },
							phase: subject.phase,
							checksum: subject.checksum,
						},
						event: { message: notice.message, type: notice.type, at: instantOf(notice.at) ?? now() },
					},
					signal,
				);
				if (answer.kind === "yes") return { kind: "sent" };
				return { kind: answer.kind === "no" ? "refused" : "retry", detail: answer.detail };
			},
			count: (channel, outcome) => metrics.notified(channel, outcome),
			onDelivered: (key) => wake(key),
		},
		{
			clusterName: options.clusterName,
			...(options.slackUrl === undefined
				? {}
				: {
						defaultAlert: {
							type: "slack" as const,
							settings: {
								address: options.slackUrl,
								token: options.slackToken,
								channel: options.slackChannel,
								username: options.slackUser,
								proxy: options.slackProxyUrl,
							},
						},
					}),
			...(options.eventWebhook === undefined ? {} : { defaultEventHook: eventWebhook(options.eventWebhook) }),
		},
	);
	const rounds = createRounds((key) => caches.canaries.get(key));
	caches.canaries.subscribe(({ key, after }) => rounds.changed(key, after));
	const outcomes = new Map<ObjectKey, string | undefined>();
	/** Canaries as they were last read; what the caches hold may be malformed. */
	const readable = new Map<ObjectKey, Canary>();
	const reconciler = createReconciler(
		{
			cluster,
			log,
			now,
			gather: (inquiry, canary, stopping) => {
				const asked = (signal: AbortSignal) =>
					ask(inquiry, canary, { cluster, gather: gatherPorts, options: reconcilerOptions, now, signal });
				return slots.lend(() => rounds.whileWanted(canary, keyOf(canary.metadata), asked, stopping));
			},
			announce: (key, notices, canary) => outbox.deliver(key, notices, canarySubject(canary)),
			report: (key, canary) => {
				if (canary === undefined) {
					metrics.canaries.gone(key);
					outbox.forget(key);
					outcomes.delete(key);
					readable.delete(key);
					return;
				}
				readable.set(key, canary);
				metrics.canaries.seen(canary);
				countEnd(key, canary);
			},
		},
		reconcilerOptions,
	);

	/** Counts a rollout when it is first seen to have ended; those of before this process are not counted again. */
	function countEnd(key: ObjectKey, canary: Canary): void {
		const last = canary.status?.history?.[0];
		const isKnown = outcomes.has(key);
		if (isKnown && last !== undefined && outcomes.get(key) !== last.endedAt)
			metrics.canaries.ended(canary, last.outcome);
		outcomes.set(key, last?.endedAt);
	}

	/** One pass, timed. */
	async function reconcile(key: ObjectKey, signal: AbortSignal) {
		const startedAt = now();
		const wake = await reconciler.reconcile(key, signal);
		const canary = readable.get(key);
		if (canary !== undefined) metrics.canaries.reconciled(canary, (now() - startedAt) / 1_000);
		return wake;
	}

	return { reconcile, outbox };
}

/** Reads a Secret's data when it is needed, and keeps nothing of it. */
export function secretReader(client: KubeClient) {
	return async (
		{ namespace, name }: { readonly namespace: string; readonly name: string },
		signal?: AbortSignal,
	): Promise<Readonly<Record<string, string>> | undefined> => {
		const secret = await orNone(client.get({ apiVersion: "v1", kind: "Secret", namespace, name }, { signal }));
		if (secret === undefined) return undefined;
		const data = (secret.data ?? {}) as Record<string, string>;
		return Object.fromEntries(
			Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
		);
	};
}

function eventWebhook(url: string) {
	return { name: "event-webhook", type: "event" as const, url, timeout: "10s", retries: 0 };
}
