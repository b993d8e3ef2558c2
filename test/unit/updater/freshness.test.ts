import { describe, expect, test } from "vitest";
import type { ChosenState, ImageRecord } from "../../../src/api/image-record.ts";
import { silentLog } from "../../../src/domain/log.ts";
import type { Decision, Knowledge } from "../../../src/updater/decide/situation.ts";
import type { RegistryAnswer, RegistryClient } from "../../../src/updater/image-registry/image-registry.ts";
import { createUpdater } from "../../../src/updater/loop/reconcile.ts";
import {
	createFreshness,
	isSlow,
	LOOKS_KEPT_MAX,
	type Look,
	lookId,
	looksIn,
} from "../../../src/updater/scanner/freshness.ts";
import { createScanner, type Scanner } from "../../../src/updater/scanner/scanner.ts";
import { parseSchedule } from "../../../src/updater/schedule.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { deployment, ModelCluster } from "../../support/updater/model/world.ts";
import { digestOf, SmallWorld, START } from "../../support/updater/small-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const APP = "Deployment/shop/app";

test.each<[string, boolean]>([
	["@every 10m", true],
	["@every 9m", false],
	["*/10 * * * *", true],
	["*/5 * * * *", false],
	["0 3 * * *", true],
	["@hourly", true],
	["0 0 30 2 *", false],
])("%s is slow: %s", (text, expected) => {
	const parsed = parseSchedule(text, "standard");
	expect(parsed.ok && isSlow(parsed.schedule, "Europe/Vienna", START)).toBe(expected);
});

test("what was seen is known again by whatever a choice is made by, and not by when it was looked", () => {
	const { images } = new SmallWorld().situation();
	const [{ image, rule, record } = {} as never] = images;
	const looked = { workload: APP, container: image, rule, record };
	const at = "2027-01-04T10:00:00.000Z";
	const bad = { tag: "1.1.0", digest: digestOf("a"), at };
	const others = [
		{ ...looked, workload: "Deployment/shop/other" },
		{ ...looked, container: { ...image, image: "ghcr.io/acme/app:0.9.0" } },
		{ ...looked, rule: { ...rule, timeZone: "Europe/Vienna" } },
		{ ...looked, record: { ...record, failed: [{ ...bad, why: "too slow" }] } },
		{ ...looked, record: { ...record, rejected: [bad] } },
	];
	expect(new Set([looked, ...others].map(lookId)).size).toBe(6);
	expect(lookId({ ...looked, record: { ...record, failed: [], lastScan: at, why: "newer" } })).toBe(lookId(looked));
	expect(lookId(looked)).toMatch(/^[0-9a-f]{16}$/);
});

describe("a look", () => {
	const rest: Decision = { do: "rest", lookAgainAt: undefined };
	const outcome = (decision: Decision, record: Partial<ImageRecord> = {}, knowledge: Partial<Knowledge> = {}) => {
		const situation = new SmallWorld().situation();
		const images = situation.images.map((image) => ({
			...image,
			record: { ...image.record, ...record },
			knowledge: { ...image.knowledge, ...knowledge } as Knowledge,
		}));
		return looksIn({ ...situation, images }, decision, [{ id: "id", isSlow: true }])[0]?.outcome;
	};

	test.each<[ChosenState, string]>([
		["AwaitingApproval", "open"],
		["AwaitingWindow", "open"],
		["AwaitingRollout", "open"],
		["Writing", "open"],
		["Pushed", "open"],
		["RollingOut", "open"],
		["RolledOut", "settled"],
		["RolledBack", "settled"],
		["Rejected", "settled"],
		["Expired", "settled"],
	])("that chose what is %s is %s", (state, expected) => {
		const chosen = { tag: "1.1.0", digest: digestOf("a"), why: "newer", at: "2027-01-04T10:00:00.000Z", state };
		expect(outcome(rest, { chosen })).toBe(expected);
	});

	test.each<[string, ReturnType<typeof outcome>, string]>([
		["that finds nothing", outcome(rest), "settled"],
		["after which something is asked", outcome({ do: "ask", questions: [] }), "open"],
		["after which something is written down", outcome({ do: "record", records: [], told: [] }), "open"],
		["after which time brings something", outcome({ do: "rest", lookAgainAt: START }), "open"],
		["that failed", outcome(rest, {}, { kind: "problem", detail: "down" }), "open"],
		["that failed after one that did not", outcome(rest, {}, { problem: "down" }), "open"],
		["that lacks a tag's facts", outcome(rest, {}, { unanswered: new Map([["1.1.0", "down"]]) }), "open"],
		["that is yet to come", outcome(rest, {}, { kind: "unknown" }), "unseen"],
	])("%s is so", (_what, found, expected) => expect(found).toBe(expected));

	test("at what has no schedule is none", () => {
		expect(looksIn(new SmallWorld().situation(), rest, [undefined])).toEqual([]);
	});
});

describe("what is kept", () => {
	const settled = (id: string, watch = id): Look => ({ id, watch, isSlow: true, outcome: "settled" });
	const bench = (scans: Record<string, number> = {}) => {
		const clock = new FakeClock(START);
		return {
			clock,
			freshness: createFreshness({ lastScans: () => new Map(Object.entries(scans)), now: () => clock.now() }),
		};
	};

	test("is when was looked, where nothing is left to do", () => {
		const { freshness } = bench({ w: START + 7 });
		freshness.pass("a", [settled("1", "w"), { ...settled("2", "w"), outcome: "open" }, settled("3", "gone")]);
		expect([...freshness.snapshot()]).toEqual([["1", START + 7]]);
	});

	test("is nothing while something new waits for a pass", () => {
		const { freshness } = bench({ w: START });
		freshness.pass("a", [settled("1", "w")]);
		freshness.changed(["a", "b"]);
		expect(freshness.snapshot().size).toBe(0);
	});

	test("is what another saw, until we have looked ourselves", () => {
		const { freshness } = bench({ w: START });
		freshness.load(new Map([["1", START - 5]]));
		freshness.pass("a", [{ ...settled("1", "w"), outcome: "unseen" }]);
		expect([freshness.lastScanAt("1"), freshness.snapshot().get("1")]).toEqual([START - 5, START - 5]);
		freshness.pass("a", [settled("1", "w")]);
		expect([freshness.lastScanAt("1"), freshness.snapshot().get("1")]).toEqual([undefined, START]);
	});

	test("is nothing of another's look after a newer one that no pass has seen", () => {
		const { freshness } = bench();
		freshness.load(new Map([["1", START - 5]]));
		freshness.pass("a", [{ ...settled("1", "w"), outcome: "unseen" }]);
		freshness.changed(["a"]);
		expect(freshness.snapshot().size).toBe(0);
	});

	test("is what nobody had a pass for yet, and not for ever", async () => {
		const { clock, freshness } = bench();
		freshness.load(new Map([["1", START - 5]]));
		expect([...freshness.snapshot().keys()]).toEqual(["1"]);
		await clock.advance(10 * MINUTE);
		expect(freshness.snapshot().size).toBe(0);
	});

	test("is nothing of the future", () => {
		const { freshness } = bench();
		freshness.load(new Map([["1", START + 1]]));
		expect([freshness.lastScanAt("1"), freshness.snapshot().size]).toEqual([undefined, 0]);
	});

	test("is the latest of too many", () => {
		const { freshness } = bench();
		const all = Array.from({ length: LOOKS_KEPT_MAX + 1 }, (_, index) => [`${index}`, START - index] as const);
		freshness.load(new Map(all));
		const kept = freshness.snapshot();
		expect([kept.size, kept.has("0"), kept.has(`${LOOKS_KEPT_MAX}`)]).toEqual([LOOKS_KEPT_MAX, true, false]);
	});

	test("is not needed before the end once nothing slow is looked after", () => {
		const { freshness } = bench();
		freshness.pass("a", [settled("1")]);
		freshness.pass("b", [{ ...settled("2"), isSlow: false }]);
		expect(freshness.isNeeded()).toBe(true);
		freshness.pass("a", []);
		expect(freshness.isNeeded()).toBe(false);
	});
});

/** Processes that follow one another, over the same cluster and the same registry. */
function lives(tags: readonly string[] = ["1.0.0"]) {
	const clock = new FakeClock(START);
	const cluster = new ModelCluster(clock);
	const registry = { tags, answer: undefined as RegistryAnswer<never> | undefined };
	const asked: string[] = [];
	const client: RegistryClient = {
		tags: async ({ repository }) => {
			asked.push(repository);
			return registry.answer ?? { kind: "found", value: registry.tags, etag: undefined };
		},
		digest: async () => ({ kind: "found", value: digestOf("a"), etag: undefined }),
		facts: async () => ({
			kind: "found",
			value: { digest: digestOf("a"), createdAt: START - MINUTE, platforms: [] },
			etag: undefined,
		}),
	};
	const put = (name: string, schedule: string, more: object = {}) =>
		cluster.put(
			`Deployment/${name}`,
			deployment(
				name,
				{ app: `ghcr.io/acme/${name}:1.0.0` },
				{ "haldane.dev/policy": "minor", "haldane.dev/pollSchedule": schedule, ...more },
			),
		);

	let kept: ReadonlyMap<string, number> = new Map();
	let scanner: Scanner | undefined;
	const start = () => {
		let woken = new Set<string>();
		const own = createScanner({
			client,
			timers: clock,
			random: () => 0,
			log: silentLog,
			changed: (keys) => {
				freshness.changed(keys);
				for (const key of keys) woken.add(key);
			},
			scanned: () => {},
		});
		scanner = own;
		const freshness = createFreshness({ lastScans: own.lastScans, now: () => clock.now() });
		freshness.load(kept);
		const updater = createUpdater(
			{
				cluster: cluster.port({ isAlive: true }, () => {}),
				writeBack: { write: () => Promise.reject(new Error("nobody asked for a push")) },
				scanner: own,
				freshness,
				log: silentLog,
				now: () => clock.now(),
				tell: () => {},
			},
			{ schedule: "@every 1m" },
		);
		const settle = async (key: string) => {
			cluster.readAnew();
			for (let passes = 0; passes < 20; passes += 1) {
				const { wakeAfterMs } = await updater.reconcile(key, new AbortController().signal);
				cluster.readAnew();
				if (wakeAfterMs !== 0) return;
			}
			throw new Error("no rest");
		};
		const during = async (ms: number) => {
			await clock.advance(ms);
			while (woken.size > 0) {
				const keys = woken;
				woken = new Set();
				for (const key of keys) await settle(key);
				await clock.advance(0);
			}
		};
		return {
			async pass(key = APP) {
				await settle(key);
				await during(0);
			},
			during,
			/** Without its passes: what was woken is not looked at. */
			clockOnly: (ms: number) => clock.advance(ms),
			stop() {
				kept = freshness.snapshot();
				own.stop();
			},
			isNeeded: () => freshness.isNeeded(),
		};
	};
	return { clock, cluster, registry, asked, put, start, stop: () => scanner?.stop(), keptCount: () => kept.size };
}

describe("after a restart", () => {
	/** One life of a workload, an hour's pause, and what the next life asks at once. */
	async function nextLife(schedule: string, change: (world: ReturnType<typeof lives>) => void = () => {}) {
		const world = lives();
		world.put("app", schedule);
		const first = world.start();
		await first.pass();
		first.stop();
		expect(world.asked).toEqual(["acme/app"]);
		world.asked.length = 0;
		await world.clock.advance(HOUR);
		change(world);
		const second = world.start();
		await second.pass();
		return { ...world, second };
	}

	test("nothing is asked before it is due, and then it is", async () => {
		const { asked, second } = await nextLife("@every 6h");
		await second.during(5 * HOUR - 1);
		expect(asked).toEqual([]);
		await second.during(1);
		expect(asked).toEqual(["acme/app"]);
	});

	test("nor after a second one, by what the first life saw", async () => {
		const { asked, second, start } = await nextLife("@every 6h");
		second.stop();
		const third = start();
		await third.pass();
		await third.during(5 * HOUR - 1);
		expect(asked).toEqual([]);
		await third.during(1);
		expect(asked).toEqual(["acme/app"]);
	});

	test("what was due meanwhile is asked at once", async () => {
		expect((await nextLife("30 * * * *")).asked).toEqual(["acme/app"]);
	});

	test("what is polled often and due by then is asked at once, and is no reason to keep anything before the end", async () => {
		const { asked, second } = await nextLife("@every 9m");
		expect([asked, second.isNeeded()]).toEqual([["acme/app"], false]);
	});

	test("what is polled often is not asked before it is due either", async () => {
		const world = lives();
		world.put("app", "@every 1m");
		const first = world.start();
		await first.pass();
		first.stop();
		world.asked.length = 0;
		await world.clock.advance(20_000);
		const second = world.start();
		await second.pass();
		await second.during(40_000 - 1);
		expect(world.asked).toEqual([]);
		await second.during(1);
		expect(world.asked).toEqual(["acme/app"]);
	});

	test.each<[string, (world: ReturnType<typeof lives>) => void]>([
		["a changed rule", ({ put }) => put("app", "@every 6h", { "haldane.dev/policy": "major" })],
		["a changed schedule", ({ put }) => put("app", "@every 7h")],
		[
			"an image that somebody set",
			({ cluster }) => {
				const annotations = { "haldane.dev/policy": "minor", "haldane.dev/pollSchedule": "@every 6h" };
				cluster.put("Deployment/app", deployment("app", { app: "ghcr.io/acme/app:0.9.0" }, annotations));
			},
		],
	])("%s is looked at at once", async (_what, change) => {
		expect((await nextLife("@every 6h", change)).asked).toEqual(["acme/app"]);
	});

	test("a rule that is changed before anything was due is looked at at once", async () => {
		const { asked, put, second } = await nextLife("@every 6h");
		put("app", "@every 6h", { "haldane.dev/policy": "major" });
		await second.pass();
		expect(asked).toEqual(["acme/app"]);
	});

	test("what nobody wants updated any more is not kept", async () => {
		const { cluster, second } = await nextLife("@every 6h");
		expect(second.isNeeded()).toBe(true);
		cluster.put("Deployment/app", deployment("app", { app: "ghcr.io/acme/app:1.0.0" }));
		await second.pass();
		expect(second.isNeeded()).toBe(false);
	});

	test("a new workload is looked at at once, and the other is not", async () => {
		const { asked, put, second } = await nextLife("@every 6h");
		put("new", "@every 6h");
		await second.pass("Deployment/shop/new");
		expect(asked).toEqual(["acme/new"]);
	});

	test("what was found and not yet acted on is not waited for", async () => {
		const world = lives();
		world.put("app", "@every 6h");
		const first = world.start();
		await first.pass();
		world.registry.tags = ["1.0.0", "1.1.0"];
		await first.clockOnly(6 * HOUR);
		first.stop();
		world.asked.length = 0;
		await world.start().pass();
		expect(world.asked).toEqual(["acme/app"]);
	});

	test.each([
		["what waits for approval", { approvals: { required: 1 } }, {}],
		["what is too young", {}, { minimumAge: "1h" }],
	])("%s is looked at at once", async (_what, spec, image) => {
		const world = lives(["1.0.0", "1.1.0"]);
		world.cluster.put("Deployment/app", deployment("app", { app: "ghcr.io/acme/app:1.0.0" }));
		world.cluster.put("ImagePolicy/app", {
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImagePolicy",
			metadata: { name: "app", namespace: "shop" },
			spec: {
				targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
				schedule: "@every 6h",
				images: [{ containers: ["app"], policy: { type: "minor" }, ...image }],
				...spec,
			},
		});
		const first = world.start();
		await first.pass();
		first.stop();
		expect([world.asked, world.keptCount(), first.isNeeded()]).toEqual([["acme/app"], 0, true]);
		await world.start().pass();
		expect(world.asked).toEqual(["acme/app", "acme/app"]);
	});

	test("a registry that could not be asked is asked at once", async () => {
		const world = lives();
		world.registry.answer = { kind: "unreachable", detail: "down" };
		world.put("app", "@every 6h");
		const first = world.start();
		await first.pass();
		first.stop();
		world.asked.length = 0;
		await world.start().pass();
		expect(world.asked).toEqual(["acme/app"]);
	});
});
