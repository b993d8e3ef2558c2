import { describe, expect, test } from "vitest";
import type { AlertProviderSpec } from "../../../src/api/alert-provider.ts";
import { Failure, type Remedy } from "../../../src/domain/failure.ts";
import { canarySubject } from "../../../src/notify/canary-subject.ts";
import { wants } from "../../../src/notify/deliveries.ts";
import type { SendResult } from "../../../src/notify/notifiers/notifier.ts";
import { createOutbox, type OutboxOptions } from "../../../src/notify/outbox.ts";
import type { Subject } from "../../../src/notify/subject.ts";
import { cart, handTimers, notice, settled } from "./cart.ts";

const KEY = "shop/cart";
const SECRET = "https://hooks.slack.com/services/T0/B0/s3cret";
const down: SendResult = { kind: "retry", detail: "answered 503" };

class KubeError extends Failure {
	override readonly name = "KubeError";
	readonly remedy: Remedy;
	constructor(remedy: Remedy) {
		super("Event shop/cart.1: the API server said no");
		this.remedy = remedy;
	}
}

interface World {
	readonly createEvent?: (name: string) => "created" | "exists";
	readonly send?: (address: string) => SendResult | undefined;
	readonly hook?: () => SendResult;
	readonly providers?: Record<string, AlertProviderSpec>;
	readonly secrets?: Record<string, Record<string, string>>;
}

/** An outbox, and all that it said to the world. */
function bench(world: World = {}, options: OutboxOptions = {}) {
	const timers = handTimers();
	const told: string[] = [];
	const logs: string[] = [];
	const counts: string[] = [];
	const delivered: string[] = [];
	const note = (level: string) => (fields: object, message: string) =>
		void logs.push(`${level} ${message} ${JSON.stringify(fields)}`);
	const providers: Record<string, AlertProviderSpec> = world.providers ?? {
		"shop/chat": { type: "slack", secretRef: { name: "chat" } },
		"shop/bus": { type: "webhook", address: "https://bus.example" },
	};
	const secrets: Record<string, Record<string, string>> = {
		"shop/chat": { address: SECRET, token: "xoxb-s3cret" },
		...world.secrets,
	};
	const outbox = createOutbox(
		{
			timers,
			log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
			createEvent: async ({ metadata: { name } }) => {
				told.push(`event ${name}`);
				return world.createEvent?.(name) ?? "created";
			},
			alertProvider: ({ namespace, name }) => providers[`${namespace}/${name}`],
			readSecret: async ({ namespace, name }) => secrets[`${namespace}/${name}`],
			send: async (type, { url, headers, body }, { proxy }) => {
				const text = type === "slack" ? body.text : body.id;
				const by = headers.Authorization === undefined ? "" : " with a token";
				const into = body.channel === undefined ? "" : ` in ${body.channel}`;
				told.push(`${type} ${url}${into}${by}${proxy === undefined ? "" : ` by ${proxy}`}: ${text}`);
				return world.send?.(url) ?? { kind: "sent" };
			},
			callEventHook: async ({ hook, notice: { id } }) => {
				told.push(`hook ${hook.name}: ${id}`);
				return world.hook?.() ?? { kind: "sent" };
			},
			count: (channel, outcome) => void counts.push(`${channel} ${outcome}`),
			onDelivered: (key, ids) => void delivered.push(`${key} ${ids.join(" ")}`),
		},
		options,
	);
	return { outbox, timers, told, logs, counts, delivered };
}

const alert = (name: string, severity = "info", namespace?: string) => ({
	name: `to ${name}`,
	severity,
	providerRef: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const hook = { name: "audit", type: "event", url: "https://audit.example" };
const about = (...of: Parameters<typeof cart>) => canarySubject(cart(...of));
const chatty = about({ analysis: { alerts: [alert("chat"), alert("bus")], webhooks: [hook] } });
const quiet = about({});

describe("an outbox", () => {
	test("tells the Event first, then every alert and event hook, and then that it is done", async () => {
		const { outbox, told, counts, delivered } = bench();
		expect(outbox.deliver(KEY, [notice("1")], chatty)).toEqual([]);
		expect(delivered).toEqual([]);
		await settled();
		expect(told[0]).toBe("event cart.1");
		expect(told.slice(1).sort()).toEqual([
			"hook audit: 1",
			`slack ${SECRET} with a token: Promoted: shop/cart: it went well`,
			"webhook https://bus.example: u-1.1",
		]);
		expect(counts.sort()).toEqual(["event delivered", "hook delivered", "slack delivered", "webhook delivered"]);
		expect(delivered).toEqual(["shop/cart 1"]);
		expect(outbox.pending()).toBe(0);
	});

	test("tells once what it is offered many times, and says that it is done", async () => {
		const { outbox, told, delivered } = bench();
		outbox.deliver(KEY, [notice("1")], quiet);
		outbox.deliver(KEY, [notice("1")], quiet);
		await settled();
		expect(outbox.deliver(KEY, [notice("1"), notice("2")], quiet)).toEqual(["1"]);
		await settled();
		expect(outbox.deliver(KEY, [notice("2")], quiet)).toEqual(["2"]);
		expect(outbox.deliver(KEY, [], quiet)).toEqual([]);
		// A stale cache may offer again what has left the status.
		expect(outbox.deliver(KEY, [notice("1")], quiet)).toEqual(["1"]);
		await settled();
		expect(told).toEqual(["event cart.1", "event cart.2"]);
		expect(delivered).toEqual(["shop/cart 1", "shop/cart 2"]);
	});

	test("takes an Event that exists for told", async () => {
		const { outbox, counts, delivered } = bench({ createEvent: () => "exists" });
		outbox.deliver(KEY, [notice("1")], quiet);
		await settled();
		expect(counts).toEqual(["event delivered"]);
		expect(delivered).toEqual(["shop/cart 1"]);
	});

	test("tells everything again after a restart that came before the status was cleared", async () => {
		const first = bench();
		first.outbox.deliver(KEY, [notice("1")], chatty);
		await settled();
		const second = bench({ createEvent: () => "exists" });
		second.outbox.deliver(KEY, [notice("1")], chatty);
		await settled();
		expect([...second.told].sort()).toEqual([...first.told].sort());
	});

	test("tells a Canary of the same name, made anew, everything anew", async () => {
		const { outbox, told } = bench();
		outbox.deliver(KEY, [notice("1")], quiet);
		await settled();
		outbox.deliver(KEY, [notice("1")], about({ uid: "u-2" }));
		await settled();
		expect(told).toEqual(["event cart.1", "event cart.1"]);
	});

	test("still tells what is under way of a Canary that is gone", async () => {
		const { outbox, told, delivered } = bench();
		outbox.deliver(KEY, [notice("1")], chatty);
		outbox.forget(KEY);
		await settled();
		expect(told).toHaveLength(4);
		expect(delivered).toEqual(["shop/cart 1"]);
	});

	test("is delayed in nothing by a chat that is down, and gives it up in the end", async () => {
		const { outbox, timers, told, delivered, counts, logs } = bench({
			send: (address) => (address === SECRET ? down : undefined),
		});
		outbox.deliver(KEY, [notice("1"), notice("2")], chatty);
		outbox.deliver("shop/pay", [notice("1")], quiet);
		await settled();
		expect(told.filter((line) => !line.startsWith("slack")).sort()).toEqual([
			"event cart.1",
			"event cart.1",
			"event cart.2",
			"hook audit: 1",
			"hook audit: 2",
			"webhook https://bus.example: u-1.1",
			"webhook https://bus.example: u-1.2",
		]);
		expect(delivered).toEqual(["shop/pay 1"]);
		await timers.pass(600_000);
		expect(delivered).toEqual(["shop/pay 1", "shop/cart 1", "shop/cart 2"]);
		expect(counts.filter((count) => count === "slack undeliverable")).toHaveLength(2);
		expect(counts.filter((count) => count === "slack retried")).toHaveLength(16);
		expect(logs.filter((line) => line.startsWith("warn"))).toEqual([
			`warn a notice could not be delivered {"object":"shop/cart","notice":"1","reason":"Promoted","channel":"slack","to":"AlertProvider shop/chat","detail":"answered 503","attempts":8}`,
			expect.stringContaining('"notice":"2"'),
		]);
		expect(timers.alarms()).toBe(0);
	});

	test("keeps the order of a Canary's messages while a chat comes back", async () => {
		let failures = 3;
		const { outbox, timers, told } = bench({ send: () => (failures-- > 0 ? down : undefined) });
		const canary = about({ analysis: { alerts: [alert("chat")] } });
		outbox.deliver(KEY, [notice("1", { message: "one" }), notice("2", { message: "two" })], canary);
		await timers.pass(60_000);
		const words = told.filter((line) => line.startsWith("slack")).map((line) => line.split(" ").at(-1));
		expect(words).toEqual(["one", "one", "one", "one", "two"]);
	});

	test.each<[string, Remedy, number, string]>([
		["tries an Event again when that may help", "retry", 8, "event undeliverable"],
		["does not try an Event again when only a person can help", "edit", 1, "event undeliverable"],
	])("%s, and tells the chat all the same", async (_name, remedy, attempts, count) => {
		const createEvent = () => {
			throw new KubeError(remedy);
		};
		const { outbox, timers, told, counts, delivered, logs } = bench({ createEvent });
		outbox.deliver(KEY, [notice("1")], about({ analysis: { alerts: [alert("chat")] } }));
		await settled();
		expect(told.map((line) => line.split(" ")[0])).toEqual(["event", "slack"]);
		await timers.pass(600_000);
		expect(told.filter((line) => line.startsWith("event"))).toHaveLength(attempts);
		expect(counts).toContain(count);
		expect(delivered).toEqual(["shop/cart 1"]);
		expect(logs.at(-1)).toContain("the API server said no");
	});

	test.each<[string, object, World, RegExp]>([
		["no such AlertProvider", alert("nobody"), {}, /the AlertProvider does not exist.*/],
		[
			"an unsupported type",
			alert("old"),
			{ providers: { "shop/old": { type: "gchat", address: "https://x.example" } } },
			/'gchat' is none of slack, webhook/,
		],
		[
			"no such Secret",
			alert("chat"),
			{ providers: { "shop/chat": { type: "slack", secretRef: { name: "gone" } } } },
			/Secret shop\/gone does not exist/,
		],
		[
			"a Secret without an address",
			alert("chat"),
			{ secrets: { "shop/chat": { token: "xoxb-s3cret" } } },
			/has an address/,
		],
	])("counts as delivered, with a log, what has %s", async (_name, to, world, why) => {
		const { outbox, timers, delivered, logs, told } = bench(world);
		outbox.deliver(KEY, [notice("1")], about({ analysis: { alerts: [to] } }));
		await timers.pass(600_000);
		expect(told).toEqual(["event cart.1"]);
		expect(delivered).toEqual(["shop/cart 1"]);
		expect(logs.filter((line) => line.startsWith("warn"))).toEqual([expect.stringMatching(why)]);
	});

	test("sends one message where several alerts name one provider", async () => {
		const { outbox, told } = bench();
		outbox.deliver(
			KEY,
			[notice("1")],
			about({ analysis: { alerts: [alert("chat", "error"), alert("chat"), alert("chat", "info", "shop")] } }),
		);
		await settled();
		expect(told.filter((line) => line.startsWith("slack"))).toHaveLength(1);
	});

	test("finds the provider and its Secret in the namespace that the alert names", async () => {
		const { outbox, told } = bench({
			providers: { "ops/chat": { type: "slack", secretRef: { name: "chat" }, proxy: "http://proxy:3128" } },
			secrets: { "ops/chat": { address: "https://ops.example\n" } },
		});
		outbox.deliver(KEY, [notice("1")], about({ analysis: { alerts: [alert("chat", "info", "ops")] } }));
		await settled();
		expect(told.at(-1)).toBe("slack https://ops.example by http://proxy:3128: Promoted: shop/cart: it went well");
	});

	test("sends what has no severity to no chat, but to event hooks", async () => {
		const { outbox, told } = bench({}, { defaultAlert: { type: "slack", settings: { address: SECRET } } });
		const { severity: _none, ...unimportant } = notice("1");
		outbox.deliver(KEY, [unimportant], chatty);
		outbox.deliver("shop/pay", [unimportant], quiet);
		await settled();
		expect(told.sort()).toEqual(["event cart.1", "event cart.1", "hook audit: 1"]);
	});

	test.each<[string, Subject, readonly string[]]>([
		["speaks for a Canary that has none", quiet, ["event", "hook", "slack"]],
		[
			"are silent for a Canary with its own",
			about({ analysis: { alerts: [alert("bus")], webhooks: [hook] } }),
			["event", "hook", "webhook"],
		],
	])("the operator's own alert and hook: %s", async (_name, subject, channels) => {
		const { outbox, told } = bench(
			{},
			{
				defaultAlert: { type: "slack", settings: { address: SECRET } },
				defaultEventHook: { name: "default", type: "event", url: "https://all.example", timeout: "10s", retries: 0 },
			},
		);
		outbox.deliver(KEY, [notice("1")], subject);
		await settled();
		expect(told.map((line) => line.split(" ")[0]).sort()).toEqual(channels);
	});

	test("posts the operator's own alert to the channels that the subject names, once each", async () => {
		const settings = { address: SECRET, token: "xoxb-s3cret", channel: "everyone" };
		const { outbox, told } = bench({}, { defaultAlert: { type: "slack", settings } });
		outbox.deliver(KEY, [notice("1")], { ...quiet, channels: ["#shop", "#ops"] });
		outbox.deliver("shop/pay", [notice("1")], about({ uid: "u-2" }));
		await settled();
		const channels = told.flatMap((line) => / in (\S+)/.exec(line)?.[1] ?? []);
		expect(channels.sort()).toEqual(["#ops", "#shop", "everyone"]);
	});

	test("remembers no more of what was told than a status can offer again", async () => {
		const { outbox, told } = bench();
		for (let id = 1; id <= 40; id += 1) {
			outbox.deliver(KEY, [notice(String(id))], quiet);
			await settled();
		}
		expect(outbox.deliver(KEY, [notice("40"), notice("9")], quiet)).toEqual(["40", "9"]);
		outbox.deliver(KEY, [notice("8")], quiet);
		await settled();
		expect(told).toHaveLength(41);
	});

	test("never logs an address or a token", async () => {
		const { outbox, timers, logs } = bench({
			send: () => ({ kind: "refused", detail: "answered 403" }),
			hook: () => down,
		});
		outbox.deliver(KEY, [notice("1")], chatty);
		await timers.pass(600_000);
		expect(logs.length).toBeGreaterThan(8);
		expect(logs.join("\n")).not.toMatch(/s3cret|hooks\.slack/);
	});

	test("is silent once it is stopped", async () => {
		const { outbox, timers, told, delivered } = bench({ send: () => down });
		outbox.deliver(KEY, [notice("1")], chatty);
		await settled();
		const before = told.length;
		outbox.stop();
		outbox.deliver(KEY, [notice("2")], chatty);
		await timers.pass(600_000);
		expect(told).toHaveLength(before);
		expect(delivered).toEqual([]);
	});
});

describe.each(["", undefined, "info", "warn", "error"] as const)("an alert of severity %j", (least) => {
	const from = { "": 0, info: 0, warn: 1, error: 2 }[least ?? ""];
	test.each([
		["info", 0],
		["warn", 1],
		["error", 2],
	] as const)("is asked about %s", (severity, rank) => {
		expect(wants(least, severity)).toBe(rank >= from);
	});
});
