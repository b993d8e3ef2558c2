import type { Announcement } from "../announcement.ts";
import type { Notifier } from "./notifier.ts";
import { clip, jsonBytes } from "./text.ts";

/** Every intermediary has to forward a CloudEvent of up to this size. */
export const CLOUD_EVENT_BYTES_MAX = 64 * 1024;

const FACTS_MAX = 40;
const TEXT_BYTES_MAX = 400;
const MESSAGE_BYTES_MAX = 16 * 1024;

/** Any receiver of CloudEvents 1.0 in structured JSON; a token becomes a bearer token. */
export const webhook = {
	render: (announcement, { address, token }) => ({
		url: address,
		headers: {
			"Content-Type": "application/cloudevents+json; charset=utf-8",
			...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
		},
		body: cloudEvent(announcement),
	}),
} satisfies Notifier;

function cloudEvent(announcement: Announcement): OutboundEvent {
	const { id, about, target, reason, type, severity, message, at, revision, facts, clusterName } = announcement;
	const cluster = clusterName === undefined ? [] : ["clusters", short(clusterName)];
	const namespace = short(about.namespace);
	const name = short(about.name);
	const { plural, word } = said[about.kind] ?? { plural: "objects", word: "object" };
	const path = [...cluster, "namespaces", namespace, plural, name];
	return {
		specversion: "1.0",
		id: short(id),
		type: `dev.haldane.${about.kind === "Canary" ? "rollout" : "image"}.${short(reason)
			.toLowerCase()
			.replaceAll(/[^a-z0-9]/g, "")}.v1`,
		source: path.map((segment) => `/${encodeURIComponent(segment)}`).join(""),
		...(revision === undefined || revision === "" ? {} : { subject: short(revision) }),
		time: short(at),
		datacontenttype: "application/json",
		data: {
			[word]: { namespace, name },
			target: { kind: short(target.kind), name: short(target.name) },
			reason: short(reason),
			type,
			severity,
			message: clip(message, MESSAGE_BYTES_MAX, jsonBytes),
			...(revision === undefined ? {} : { revision: short(revision) }),
			...(clusterName === undefined ? {} : { clusterName: short(clusterName) }),
			facts: facts.slice(0, FACTS_MAX).map(([title, value]) => ({ title: short(title), value: short(value) })),
		},
	};
}

/** How an event's source and data name the object, by its kind. */
const said: Readonly<Record<string, { readonly plural: string; readonly word: string }>> = {
	Canary: { plural: "canaries", word: "canary" },
	ImagePolicy: { plural: "imagepolicies", word: "imagePolicy" },
	Deployment: { plural: "deployments", word: "deployment" },
	DaemonSet: { plural: "daemonsets", word: "daemonSet" },
	StatefulSet: { plural: "statefulsets", word: "statefulSet" },
	CronJob: { plural: "cronjobs", word: "cronJob" },
};

interface OutboundEvent {
	readonly specversion: "1.0";
	readonly id: string;
	readonly type: string;
	readonly source: string;
	readonly subject?: string;
	readonly time: string;
	readonly datacontenttype: "application/json";
	readonly data: object;
	readonly [attribute: string]: unknown;
}

function short(text: string): string {
	return clip(text, TEXT_BYTES_MAX, jsonBytes);
}
