import { createHmac } from "node:crypto";
import { createWebhookApp, type WebhookPorts } from "../../../../src/server/webhooks/app.ts";
import { triggers } from "../../../../src/updater/triggers/registry.ts";
import type { ImageHint } from "../../../../src/updater/triggers/trigger.ts";

export const SECRET = "0ld-but-g00d-secret";
export const NEXT = "the-next-0ne-is-better";
/** 2026-01-01T00:00:00Z in seconds. */
export const NOW = 1_767_225_600;

export const hex = (text: string, secret = SECRET) => createHmac("sha256", secret).update(text).digest("hex");
export const notice = (tag: string, digest?: string) =>
	JSON.stringify({ name: "acme/app", tag, ...(digest === undefined ? {} : { digest }) });

/** An app with a clock that stands still, and everything that it said. */
export function bench(changes: Partial<WebhookPorts> = {}) {
	const clock = { seconds: NOW };
	const hints: { readonly from: string; readonly hints: readonly ImageHint[] }[] = [];
	const counts: string[] = [];
	const lines: string[] = [];
	const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
	const ports: WebhookPorts = {
		triggers,
		settings: {},
		secrets: () => ({ kind: "secrets", secrets: [SECRET, NEXT] }),
		isLeading: () => true,
		handOn: async () => undefined,
		hint: (given, from) => {
			hints.push({ from, hints: given });
			return undefined;
		},
		now: () => clock.seconds * 1_000,
		count: (trigger, outcome) => void counts.push(`${trigger} ${outcome}`),
		log: { debug: write, info: write, warn: write, error: write },
		...changes,
	};
	const app = createWebhookApp(ports);
	const post = (
		path: string,
		body: BodyInit,
		headers: Readonly<Record<string, string>> = {},
		from = "192.0.2.1",
	): Promise<Response> =>
		Promise.resolve(
			app.request(`/v1/webhooks/${path}`, { method: "POST", body, headers }, {
				incoming: { socket: { remoteAddress: from } },
			} as never),
		);
	/** Signed as GitHub does. */
	const signed = (body: string, headers: Readonly<Record<string, string>> = {}, from?: string) =>
		post("native", body, { "X-Hub-Signature-256": `sha256=${hex(body)}`, ...headers }, from);
	return { app, post, signed, clock, hints, counts, lines, ports };
}
