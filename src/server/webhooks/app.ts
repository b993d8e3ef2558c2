import { createHash } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Log } from "../../domain/log.ts";
import { HINTS_MAX, type ImageHint, type Trigger, type TriggerSettings } from "../../updater/triggers/trigger.ts";
import { BODY_BYTES_MAX, createBodyReader } from "./body.ts";
import { createMemory, createRateLimit } from "./bounded.ts";
import { type HandedOn, handedOn, type LeadersAnswer, wasHandedOn } from "./hand-on.ts";
import { CLOCK_SKEW_MS, prove } from "./proof.ts";
import type { WebhookSecrets } from "./secrets.ts";

/** What can become of a request; with the name of the trigger a closed set of labels. */
export const webhookOutcomes = [
	"taken",
	"irrelevant",
	"repeated",
	"malformed",
	"tooLarge",
	"broken",
	"unproven",
	"throttled",
	"full",
	"handedOn",
	"notLeading",
	"unknown",
] as const;
export type WebhookOutcome = (typeof webhookOutcomes)[number];

export interface WebhookPorts {
	/** By the last word of their paths. */
	readonly triggers: Readonly<Record<string, Trigger>>;
	readonly settings: TriggerSettings;
	secrets(): WebhookSecrets;
	/** Only the leader changes anything, so only the leader listens. */
	isLeading(): boolean;
	/** Gives what is proven to the replica that leads; undefined when that is not known or does not answer. Never rejects. */
	handOn(webhook: HandedOn): Promise<LeadersAnswer | undefined>;
	/** Takes all of them or none; returns at once. Hints at images that nobody uses are its to forget. */
	hint(hints: readonly ImageHint[], from: string): "full" | undefined;
	/** Milliseconds since 1970. */
	now(): number;
	/** `trigger` is the name of one, or `unknown`. */
	count(trigger: string, outcome: WebhookOutcome): void;
	readonly log: Log;
}

const LIMITS = {
	/** Asked before anything is read; those behind one proxy share an address. */
	perPeer: { perSecond: 10, burst: 100 },
	/** Asked of those only that have proven themselves, so that nobody else can use it up. */
	overall: { perSecond: 50, burst: 500 },
	/** Lines of the log by trigger about what proves nothing. */
	complaints: { perSecond: 0.1, burst: 5 },
	peersMax: 4_096,
	rememberedMax: 4_096,
} as const;

/** For how long the same body is a repetition, where nothing in it tells two pushes of one tag apart. */
const REPEATED_WITHIN_MS = 10_000;
/** For how long it is where something does: until the time that it was signed with is over, the clock's skew to both sides. */
const REMEMBERED_MS = 2 * CLOCK_SKEW_MS + 1_000;
const RETRY_AFTER_MS = 5_000;
type Refusal = 400 | 401 | 404 | 405 | 413 | 429 | 503;
const UNPROVEN =
	"The request is not signed, or not with a secret that is known here, or longer than five minutes ago; docs/webhooks.md shows how";

/** Webhooks as a function from Request to Response; `listen.ts` gives it a socket. Answers and logs quote nothing that was sent. */
export function createWebhookApp(ports: WebhookPorts): Hono<{ Bindings: HttpBindings }> {
	const { triggers, count, log } = ports;
	const readBody = createBodyReader();
	const ofPeer = createRateLimit(LIMITS.perPeer, LIMITS.peersMax);
	const ofAll = createRateLimit(LIMITS.overall, 1);
	const complaints = createRateLimit(LIMITS.complaints, Object.keys(triggers).length);
	const remembered = createMemory(LIMITS.rememberedMax);
	const known = Object.keys(triggers).join(", ");

	const app = new Hono<{ Bindings: HttpBindings }>();
	app.use(async (context, next) => {
		await next();
		context.header("Cache-Control", "no-store");
		context.header("X-Content-Type-Options", "nosniff");
	});

	const receive = async (context: Context<{ Bindings: HttpBindings }>) => {
		const name = context.req.param("trigger") ?? "";
		const trigger = Object.hasOwn(triggers, name) ? triggers[name] : undefined;
		const refuse = (status: Refusal, outcome: WebhookOutcome, error: string, retryAfterMs?: number) => {
			count(trigger === undefined ? "unknown" : name, outcome);
			if (retryAfterMs !== undefined)
				context.header("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
			return context.json({ error }, status);
		};
		if (trigger === undefined) return refuse(404, "unknown", `There is no such trigger; take one of ${known}`);
		if (context.req.method !== "POST") {
			context.header("Allow", "POST");
			return refuse(405, "malformed", "Webhooks are sent by POST");
		}
		const isLeading = ports.isLeading();
		const notLeading = () =>
			refuse(503, "notLeading", "This replica does not lead; the next try may reach the one that does", RETRY_AFTER_MS);
		const headers = context.req.header();
		if (!isLeading && wasHandedOn(headers)) return notLeading();
		const peerWait = ofPeer(context.env?.incoming?.socket.remoteAddress ?? "unknown", ports.now());
		if (peerWait > 0) {
			return refuse(429, "throttled", "Too many requests from this address", peerWait);
		}

		const read = await readBody(context.req.raw);
		switch (read.kind) {
			case "tooLarge":
				return refuse(413, "tooLarge", `The body is longer than ${BODY_BYTES_MAX} bytes`);
			case "broken":
				return refuse(400, "broken", "The body ended too early");
			case "busy":
				return refuse(429, "throttled", "Too many bodies are being read", 1_000);
			case "body":
		}

		const now = ports.now();
		const proof = proofOf({ trigger: name, token: context.req.param("token"), headers, body: read.bytes }, now);
		if (proof.kind === "unproven") {
			const isLogged = complaints(name, now) === 0;
			if (isLogged) log.warn({ trigger: name }, "a webhook was refused: nothing proves who sent it");
			return refuse(401, "unproven", UNPROVEN);
		}
		const overallWait = ofAll("all", now);
		if (overallWait > 0) {
			return refuse(429, "throttled", "Too many webhooks", overallWait);
		}

		const noJson = () => refuse(400, "malformed", "The body is not JSON; choose application/json at its sender");
		if (!isLeading) {
			const webhook = handedOn(new URL(context.req.url).pathname, headers, read.bytes);
			if (webhook === undefined) return noJson();
			const answer = await ports.handOn(webhook);
			if (answer === undefined) return notLeading();
			count(name, "handedOn");
			return answerOf(answer);
		}

		const json = parsed(read.bytes);
		if (json === undefined) return noJson();
		const said = trigger.read(json.value, headers, ports.settings);
		if (said.kind === "malformed") {
			log.warn({ trigger: name, problem: said.problem }, "a webhook was refused: its body is not as expected");
			return refuse(400, "malformed", said.problem);
		}
		if (said.kind === "irrelevant") {
			count(name, "irrelevant");
			log.debug({ trigger: name, why: said.why }, "a webhook was forgotten");
			return taken();
		}

		const keys = repetitionKeys(name, headers, read.bytes);
		if (keys.some((key) => remembered.has(key, now))) {
			count(name, "repeated");
			log.debug({ trigger: name }, "a webhook was forgotten: it came before");
			return taken();
		}
		if (ports.hint(said.hints, name) === "full") {
			return refuse(429, "full", "Too many images are waiting to be looked at", RETRY_AFTER_MS);
		}
		// The same content twice is nothing new; the same tag without its content may be.
		const isOne = proof.fresh || said.hints.every(({ digest }) => digest !== undefined);
		const [body = "", ...deliveries] = keys;
		remembered.add(body, now + (isOne ? REMEMBERED_MS : REPEATED_WITHIN_MS));
		for (const delivery of deliveries) remembered.add(delivery, now + REMEMBERED_MS);
		count(name, "taken");
		log.info({ trigger: name, images: said.hints.length }, "a webhook was taken");
		if (said.leftOut > 0) {
			log.warn(
				{ trigger: name, leftOut: said.leftOut, most: HINTS_MAX },
				"a webhook names too many images; scans find the rest",
			);
		}
		return taken();
	};

	function proofOf(claim: Parameters<typeof prove>[0], now: number) {
		const secrets = ports.secrets();
		if (secrets.kind === "allowUnsigned") return { kind: "proven", fresh: false } as const;
		return prove(claim, secrets.secrets, now);
	}

	app.all("/v1/webhooks/:trigger", receive);
	app.all("/v1/webhooks/:trigger/:token", receive);
	app.notFound(({ json }) =>
		json({ error: `There is nothing here; webhooks are at /v1/webhooks/ and one of ${known}` }, 404),
	);
	app.onError((error, { json }) => {
		// The path may hold a token.
		log.error({ err: error.stack }, "a webhook could not be answered");
		return json({ error: "This is a bug in Haldane; its log says more" }, 500);
	});
	return app;
}

/** As keel answers: nothing to read. */
function taken(): Response {
	return new Response(null, { status: 200 });
}

function answerOf({ status, body, retryAfter }: LeadersAnswer): Response {
	const headers = {
		...(body === "" ? {} : { "Content-Type": "application/json" }),
		...(retryAfter === undefined ? {} : { "Retry-After": retryAfter }),
	};
	return new Response(body === "" ? null : body, { status, headers });
}

function parsed(bytes: Uint8Array): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
	} catch {
		return undefined;
	}
}

/** What two requests have in common that are one: the body with its time, and what the sender calls the delivery. */
function repetitionKeys(
	trigger: string,
	headers: Readonly<Record<string, string>>,
	body: Uint8Array,
): readonly string[] {
	const time = headers["x-haldane-timestamp"] ?? headers["webhook-timestamp"] ?? "";
	const named = ["x-github-delivery", "x-gitea-delivery", "webhook-id"].flatMap((name) => headers[name] ?? []);
	const hash = (text: string) => createHash("sha256").update(`${trigger}\n${text}\n`);
	return [
		hash(time).update(body).digest("base64"),
		...named.map((delivery) => hash("delivery").update(delivery).digest("base64")),
	];
}
