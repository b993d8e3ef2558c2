import { messageOf } from "../../domain/failure.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import type { Send } from "../../http/request.ts";
import { ResourceCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { resources } from "../../kube/resources.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import type { RunningServer } from "../../server/listening.ts";
import { createWebhookServer } from "../../server/webhooks/listen.ts";
import { SECRET_LENGTH_MIN, secretsIn, type WebhookSecrets } from "../../server/webhooks/secrets.ts";
import { triggers } from "../../updater/triggers/registry.ts";
import type { ImageHint } from "../../updater/triggers/trigger.ts";
import { RefusedError } from "../usage-error.ts";
import { type LeadersWebhooks, leadersWebhooks } from "./leaders-webhooks.ts";
import type { WebhookOptions } from "./options.ts";

/** What webhooks need of the operator. */
export interface WebhookParts {
	readonly client: Pick<KubeClient, "list" | "watch">;
	readonly options: WebhookOptions;
	/** Of the Secret that webhooks are signed with: the operator's own. */
	readonly namespace: string;
	/** Tells the updater; the number of repositories that are looked after and concerned. */
	hint(hint: ImageHint): number;
	isLeading(): boolean;
	/** Reaches the replica that leads. */
	readonly send: Send;
	readonly metrics: Pick<Metrics, "images">;
	readonly log: Log;
}

/** Webhooks that are served. */
export interface RunningWebhooks extends RunningServer {
	readonly leaders: Pick<LeadersWebhooks, "annotations" | "told">;
}

/**
 * Serves webhooks, whether this replica leads or not; undefined when they are off for want of a Secret to check them by.
 * That the Secret is missing, or what is in it, stops nobody: webhooks are refused until it is mended, and the log says
 * how. Throws RefusedError when the port cannot be had.
 */
export async function startWebhooks(
	{ client, options, namespace, hint, isLeading, send, metrics, log }: WebhookParts,
	signal: AbortSignal,
): Promise<RunningWebhooks | undefined> {
	const { port, secret, takesUnsigned, privateRegistry, gitlabRegistry } = options;
	if (secret === undefined && !takesUnsigned) {
		log.info(
			{ flag: "--webhook-secret" },
			"webhooks are off, registries are polled; the flag names the Secret that webhooks are signed with",
		);
		return undefined;
	}
	if (takesUnsigned) log.warn({ flag: "--webhook-insecure" }, "whoever reaches the port of the webhooks is believed");
	const secrets: () => WebhookSecrets =
		takesUnsigned || secret === undefined
			? () => ({ kind: "allowUnsigned" })
			: followSecret({ client, namespace, name: secret, log }, signal);
	const leaders = leadersWebhooks(send, options, signal);
	try {
		const server = await createWebhookServer({
			port,
			triggers,
			settings: { privateRegistry, gitlabRegistry },
			secrets,
			isLeading,
			handOn: leaders.handOn,
			hint(hints) {
				for (const one of hints) hint(one);
				return undefined;
			},
			now: () => systemClock.now(),
			count: (trigger, outcome) => metrics.images.webhook(trigger, outcome),
			log,
		});
		log.info({ port: server.port }, "webhooks are served");
		return { ...server, leaders };
	} catch (thrown) {
		const { code } = thrown as NodeJS.ErrnoException;
		if (code !== "EADDRINUSE" && code !== "EACCES") throw thrown;
		throw new RefusedError(`--webhook-port: port ${port} cannot be had (${messageOf(thrown)}); take another`);
	}
}

interface FollowedSecret extends Pick<WebhookParts, "client" | "namespace" | "log"> {
	readonly name: string;
}

/** What the Secret holds now, by a watch of it alone. What is wrong with it is logged once a change. */
function followSecret({ client, namespace, name, log }: FollowedSecret, signal: AbortSignal): () => WebhookSecrets {
	const key = keyOf({ namespace, name });
	const said = { object: `Secret ${key}` };
	let current: WebhookSecrets = { kind: "secrets", secrets: [] };
	const cache = new ResourceCache({
		client,
		resource: resources.secrets,
		namespace,
		fieldSelector: `metadata.name=${name}`,
		clock: systemClock,
		random: Math.random,
		log,
		onAccess: (mayRead, detail) => {
			if (mayRead) log.info(said, "the Secret of webhooks can be read again");
			else
				log.warn(
					{ ...said, detail },
					"the Secret of webhooks cannot be read, so they are refused; let the operator's role list and watch secrets there",
				);
		},
	});
	const read = (object: KubeObject | undefined) => {
		if (object === undefined) {
			current = { kind: "secrets", secrets: [] };
			const mend = `kubectl -n ${namespace} create secret generic ${name} --from-literal=first="$(openssl rand -hex 32)"`;
			log.warn({ ...said, mend }, "there is no Secret of webhooks, so they are refused until it is made");
			return;
		}
		const { secrets, refused } = secretsIn(decoded(object));
		current = { kind: "secrets", secrets };
		if (refused.length > 0) log.warn({ ...said, refused }, "some of the Secret of webhooks is not used");
		if (secrets.length === 0)
			log.warn(
				{ ...said, leastCharacters: SECRET_LENGTH_MIN },
				"the Secret of webhooks holds nothing long enough, so they are refused",
			);
		else log.info({ ...said, accepted: secrets.length }, "webhooks are checked by this Secret");
	};
	cache.subscribe(({ after }) => read(after));
	void cache.synced.then(() => {
		if (cache.mayRead && cache.get(key) === undefined && !signal.aborted) read(undefined);
	});
	void cache.run(signal);
	return () => current;
}

function decoded({ data }: KubeObject): Readonly<Record<string, string>> {
	const entries = Object.entries((data ?? {}) as Readonly<Record<string, unknown>>);
	return Object.fromEntries(
		entries.flatMap(([key, value]) =>
			typeof value === "string" ? [[key, Buffer.from(value, "base64").toString("utf8")] as const] : [],
		),
	);
}
