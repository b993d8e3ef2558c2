import type { AlertProviderSpec } from "../api/alert-provider.ts";
import { type CanaryWebhook, HOOK_TIMEOUT_MS_MAX } from "../api/canary-analysis.ts";
import type { Notice } from "../api/canary-status.ts";
import { durationMs } from "../domain/duration.ts";
import { Failure } from "../domain/failure.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { type Announcement, announcementFor } from "./announcement.ts";
import { eventFor } from "./event.ts";
import { safeWord } from "./lanes.ts";
import type { NotifierSettings, SendResult } from "./notifiers/notifier.ts";
import { type NotifierType, notifierOf, notifiers } from "./notifiers/registry.ts";
import type { Severity } from "./reasons.ts";
import { SEND_TIMEOUT_MS, type SendMessage } from "./send.ts";
import type { Subject } from "./subject.ts";

/** For one attempt at an Event, or at a chat with its Secret; event hooks have a timeout of their own. */
const DEADLINE_MS = SEND_TIMEOUT_MS;

/** Where a notice goes, as metrics and logs name it; `unknown` is an AlertProvider that cannot be read. */
export type Channel = "event" | "hook" | NotifierType | "unknown";

/** An object by name. */
export interface NamespacedName {
	readonly namespace: string;
	readonly name: string;
}

/** What deliveries reach the world by. */
export interface DeliveryPorts {
	/** `exists`: the API server has an Event of that name. */
	createEvent(event: KubeObject, signal: AbortSignal): Promise<"created" | "exists">;
	/** From the cache; undefined when there is none. */
	alertProvider(ref: NamespacedName): AlertProviderSpec | undefined;
	/** The Secret's data, decoded; undefined when there is none. Called at each sending, kept by nobody. */
	readSecret(ref: NamespacedName, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
	readonly send: SendMessage;
	/** One call of one event hook. */
	callEventHook(
		call: { readonly subject: Subject; readonly hook: CanaryWebhook; readonly notice: Notice },
		signal: AbortSignal,
	): Promise<SendResult>;
}

/** What an operator may be told about all Canaries at once. */
export interface DeliveryOptions {
	readonly clusterName?: string | undefined;
	/** Name of this process in Events. */
	readonly instance?: string | undefined;
	/** Told about everything that has no alerts of its own. */
	readonly defaultAlert?: { readonly type: NotifierType; readonly settings: NotifierSettings } | undefined;
	/** Called for everything that has no event hooks of its own. */
	readonly defaultEventHook?: CanaryWebhook | undefined;
}

/** One notice's way to one destination. */
export interface Delivery {
	readonly destination: string;
	/** Where it goes, in words for the log; holds no address. */
	readonly label: string;
	readonly deadlineMs: number;
	channel(): Channel;
	attempt(signal: AbortSignal): Promise<SendResult>;
}

/** The Kubernetes Event of a notice. */
export function eventDelivery(
	notice: Notice,
	subject: Subject,
	ports: DeliveryPorts,
	{ instance }: DeliveryOptions,
): Delivery {
	return {
		destination: "events",
		label: "Events",
		deadlineMs: DEADLINE_MS,
		channel: () => "event",
		attempt: async (signal) => {
			try {
				await ports.createEvent(eventFor(subject, notice, instance === undefined ? {} : { instance }), signal);
				return { kind: "sent" };
			} catch (thrown) {
				return failed(thrown);
			}
		},
	};
}

/** Everything but the Event. A provider that several alerts name is sent one message. */
export function deliveriesOf(
	notice: Notice,
	subject: Subject,
	ports: DeliveryPorts,
	options: DeliveryOptions,
): readonly Delivery[] {
	const { alerts, eventHooks } = subject;
	const { defaultAlert, defaultEventHook } = options;
	const deliveries: Delivery[] = [];
	if (notice.severity !== undefined) {
		const announcement = announcementFor(subject, notice, options);
		const refs = new Map<string, NamespacedName>();
		for (const { severity, providerRef } of alerts) {
			if (!wants(severity, notice.severity)) continue;
			const ref = { namespace: providerRef.namespace ?? announcement.about.namespace, name: providerRef.name };
			refs.set(`${ref.namespace}/${ref.name}`, ref);
		}
		for (const [name, ref] of refs) deliveries.push(providerDelivery(name, ref, announcement, ports));
		if (alerts.length === 0 && defaultAlert !== undefined) {
			for (const channel of subject.channels.length > 0 ? subject.channels : [undefined])
				deliveries.push(defaultDelivery(defaultAlert, channel, announcement, ports));
		}
	}
	const isUnheard = eventHooks.length === 0 && defaultEventHook !== undefined;
	const hooks = isUnheard ? [defaultEventHook] : eventHooks;
	for (const hook of hooks) deliveries.push(hookDelivery({ subject, hook, notice }, ports));
	return deliveries;
}

const rank = { info: 0, warn: 1, error: 2 } as const satisfies Record<Severity, number>;

/** Whether an alert that takes messages from one severity up wants one of another. */
export function wants(least: Severity | "" | undefined, severity: Severity): boolean {
	return rank[severity] >= rank[least || "info"];
}

function providerDelivery(
	label: string,
	ref: NamespacedName,
	announcement: Announcement,
	ports: DeliveryPorts,
): Delivery {
	return {
		destination: `alert ${label}`,
		label: `AlertProvider ${label}`,
		deadlineMs: DEADLINE_MS,
		channel: () => {
			const type = ports.alertProvider(ref)?.type;
			return type !== undefined && Object.hasOwn(notifiers, type) ? (type as NotifierType) : "unknown";
		},
		attempt: async (signal) => {
			const provider = ports.alertProvider(ref);
			if (provider === undefined) return { kind: "retry", detail: "the AlertProvider does not exist" };
			const { type } = provider;
			const notifier = notifierOf(type);
			if (notifier === undefined) {
				return { kind: "refused", detail: `type '${type}' is none of ${Object.keys(notifiers).join(", ")}` };
			}
			const settings = await settingsOf(provider, ref.namespace, ports, signal);
			if (typeof settings === "string") return { kind: "retry", detail: settings };
			const message = notifier.render(announcement, settings);
			return await ports.send(type as NotifierType, message, { signal, proxy: settings.proxy });
		},
	};
}

/** The provider with its Secret opened, or what is missing. */
async function settingsOf(
	provider: AlertProviderSpec,
	namespace: string,
	ports: DeliveryPorts,
	signal: AbortSignal,
): Promise<NotifierSettings | string> {
	const { secretRef, channel, username, proxy } = provider;
	let secret: Readonly<Record<string, string>> = {};
	if (secretRef !== undefined) {
		try {
			const found = await ports.readSecret({ namespace, name: secretRef.name }, signal);
			if (found === undefined) return `Secret ${namespace}/${secretRef.name} does not exist`;
			secret = found;
		} catch (thrown) {
			return `Secret ${namespace}/${secretRef.name} could not be read: ${safeWord(thrown)}`;
		}
	}
	const address = (secret.address ?? provider.address)?.trim();
	if (!address) return "neither the AlertProvider nor its Secret has an address";
	const token = secret.token?.trim();
	return { address, channel, username, proxy, ...(token ? { token } : {}) };
}

function defaultDelivery(
	{ type, settings: own }: NonNullable<DeliveryOptions["defaultAlert"]>,
	channel: string | undefined,
	announcement: Announcement,
	ports: DeliveryPorts,
): Delivery {
	const settings = channel === undefined ? own : { ...own, channel };
	return {
		destination: channel === undefined ? "default alert" : `default alert in ${channel}`,
		label: "the default alert",
		deadlineMs: DEADLINE_MS,
		channel: () => type,
		attempt: (signal) =>
			ports.send(type, notifiers[type].render(announcement, settings), { signal, proxy: settings.proxy }),
	};
}

function hookDelivery(call: Parameters<DeliveryPorts["callEventHook"]>[0], ports: DeliveryPorts): Delivery {
	const { name, url, timeout } = call.hook;
	return {
		destination: `hook ${url}`,
		label: `event hook ${name}`,
		deadlineMs: Math.min(durationMs(timeout) ?? DEADLINE_MS, HOOK_TIMEOUT_MS_MAX),
		channel: () => "hook",
		attempt: (signal) => ports.callEventHook(call, signal),
	};
}

/** A Failure's message is ours and safe; anything else is told by its kind alone. */
function failed(thrown: unknown): SendResult {
	if (!(thrown instanceof Failure)) return { kind: "retry", detail: safeWord(thrown) };
	return { kind: thrown.remedy === "edit" ? "refused" : "retry", detail: thrown.message };
}
