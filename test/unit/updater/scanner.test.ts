import { describe, expect, test } from "vitest";
import { silentLog } from "../../../src/domain/log.ts";
import type { RegistryAnswer, RegistryClient, TagFacts } from "../../../src/updater/image-registry/image-registry.ts";
import { createScanner, type Wanted } from "../../../src/updater/scanner/scanner.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { digestOf } from "../../support/updater/small-world.ts";

const MINUTE = 60_000;
const every = (everyMs: number) => ({ kind: "every", everyMs }) as const;

/** A registry of one repository, that counts what it is asked. */
function registryOf(tags: Record<string, string>) {
	const asked: string[] = [];
	const answers = new Map<string, RegistryAnswer<never>>();
	const say = <T>(what: string, value: () => T, etag?: string): Promise<RegistryAnswer<T>> => {
		asked.push(what);
		const told = answers.get(what);
		return Promise.resolve(told ?? { kind: "found", value: value(), etag });
	};
	const client: RegistryClient = {
		tags: (_repository, etag) => {
			const now = JSON.stringify(tags);
			if (etag === now) {
				asked.push("tags");
				return Promise.resolve({ kind: "unchanged" });
			}
			return say("tags", () => Object.keys(tags), now);
		},
		digest: (_repository, tag) => say(`digest ${tag}`, () => digestOf(tags[tag] ?? "0")),
		facts: (_repository, tag) =>
			say(
				`facts ${tag}`,
				(): TagFacts => ({ digest: digestOf(tags[tag] ?? "0"), createdAt: undefined, platforms: [] }),
			),
	};
	return { client, asked, tags, answers };
}

function bench(tags: Record<string, string> = { "1.0.0": "a" }, chance = 0) {
	const clock = new FakeClock();
	const registry = registryOf(tags);
	const changed: string[] = [];
	const scanner = createScanner({
		client: registry.client,
		timers: clock,
		random: () => chance,
		log: silentLog,
		changed: (subscribers) => void changed.push(subscribers.join("+")),
		scanned: () => {},
	});
	const wanted = (more: Partial<Wanted> = {}): Wanted => ({
		key: "ghcr.io/acme/app",
		repository: { registry: "ghcr.io", repository: "acme/app", credentials: [] },
		schedule: every(MINUTE),
		timeZone: undefined,
		onlyTag: undefined,
		lastScanAt: undefined,
		...more,
	});
	return { clock, ...registry, changed, scanner, wanted };
}

describe("a repository that is wanted", () => {
	test("is looked at once at first, and then when its schedule says so, with one request", async () => {
		const { clock, scanner, wanted, asked, changed } = bench();
		expect(scanner.knowledge("ghcr.io/acme/app")).toEqual({ kind: "unknown" });
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ kind: "known", tags: ["1.0.0"] });
		expect({ asked, changed }).toEqual({ asked: ["tags"], changed: ["a"] });
		await clock.advance(10 * MINUTE);
		expect({ asked: asked.length, changed }).toEqual({ asked: 11, changed: ["a"] });
		scanner.stop();
		expect(clock.pending).toBe(0);
	});

	test("is looked at once for all who want it, at the earliest of their times", async () => {
		const { clock, scanner, wanted, asked, changed } = bench();
		for (let index = 0; index < 100; index++)
			scanner.want(`w${index}`, [wanted({ schedule: every((index + 1) * MINUTE) })]);
		await clock.advance(5 * MINUTE);
		expect(asked).toEqual(Array(6).fill("tags"));
		expect(changed).toHaveLength(1);
	});

	test.each<[string, number, number]>([
		["a tenth of the time between", MINUTE, 6_000],
		["and a minute at the most", 24 * 60 * MINUTE, MINUTE],
	])("is looked at later by chance: %s", async (_what, everyMs, spreadMs) => {
		const { clock, scanner, wanted, asked } = bench({ "1.0.0": "a" }, 1);
		scanner.want("a", [wanted({ schedule: every(everyMs) })]);
		await clock.advance(0);
		await clock.advance(everyMs + spreadMs - 1);
		expect(asked).toEqual(["tags"]);
		await clock.advance(1);
		expect(asked).toEqual(["tags", "tags"]);
	});

	test("wakes its subscribers when there is a new tag", async () => {
		const { clock, scanner, wanted, tags, changed } = bench();
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		tags["1.1.0"] = "b";
		await clock.advance(MINUTE);
		expect(changed).toEqual(["a", "a"]);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0", "1.1.0"] });
	});

	test("is not looked at again before it is due by whoever worked before us", async () => {
		const { clock, scanner, wanted, asked } = bench();
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE), lastScanAt: clock.now() - 20 * MINUTE })]);
		await clock.advance(39 * MINUTE);
		expect(asked).toEqual([]);
		await clock.advance(MINUTE);
		expect(asked).toEqual(["tags"]);
	});

	test("is said to have been looked at once it is known what came of that", async () => {
		const { clock, scanner, wanted, client } = bench();
		const key = "ghcr.io/acme/app";
		expect(scanner.lastScans().size).toBe(0);
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		expect([...scanner.lastScans()]).toEqual([[key, clock.now()]]);
		const { promise: list, resolve: listed } = Promise.withResolvers<RegistryAnswer<readonly string[]>>();
		client.tags = () => list;
		await clock.advance(MINUTE);
		expect(scanner.lastScans().size).toBe(0);
		listed({ kind: "unchanged" });
		await clock.advance(0);
		expect([...scanner.lastScans()]).toEqual([[key, clock.now()]]);
	});

	test("is looked at once when it is not known any more when that was done", async () => {
		const { clock, scanner, wanted, asked } = bench();
		const schedule = every(60 * MINUTE);
		scanner.want("a", [wanted({ schedule, lastScanAt: clock.now() })]);
		await clock.advance(MINUTE);
		scanner.want("a", [wanted({ schedule })]);
		await clock.advance(0);
		expect(asked).toEqual(["tags"]);
		scanner.want("a", [wanted({ schedule, lastScanAt: clock.now() })]);
		scanner.want("a", [wanted({ schedule })]);
		await clock.advance(MINUTE);
		expect(asked).toEqual(["tags"]);
	});

	test("is forgotten with the last who wants it", async () => {
		const { clock, scanner, wanted, asked } = bench();
		scanner.want("a", [wanted()]);
		scanner.want("b", [wanted()]);
		await clock.advance(0);
		scanner.want("a", []);
		await clock.advance(MINUTE);
		expect(asked).toHaveLength(2);
		scanner.want("b", []);
		await clock.advance(10 * MINUTE);
		expect({ asked: asked.length, pending: clock.pending }).toEqual({ asked: 2, pending: 0 });
		expect(scanner.knowledge("ghcr.io/acme/app")).toEqual({ kind: "unknown" });
	});

	test("tells nobody of a look that ends after the scanner was stopped", async () => {
		const { clock, scanner, wanted, client, changed } = bench();
		const { promise: list, resolve: listed } = Promise.withResolvers<RegistryAnswer<readonly string[]>>();
		client.tags = () => list;
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		scanner.stop();
		listed({ kind: "found", value: ["1.1.0"], etag: undefined });
		await clock.advance(MINUTE);
		expect({ changed, pending: clock.pending }).toEqual({ changed: [], pending: 0 });
	});

	test("is looked at by a new schedule from then on", async () => {
		const { clock, scanner, wanted, asked } = bench();
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE) })]);
		await clock.advance(MINUTE);
		scanner.want("a", [wanted({ schedule: every(2 * MINUTE) })]);
		await clock.advance(4 * MINUTE);
		expect(asked).toHaveLength(3);
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE) })]);
		await clock.advance(50 * MINUTE);
		expect(asked).toHaveLength(3);
	});

	test("without a schedule is looked at once, and then only on a hint", async () => {
		const { clock, scanner, wanted, asked } = bench();
		scanner.want("a", [wanted({ schedule: undefined })]);
		await clock.advance(60 * MINUTE);
		expect(asked).toEqual(["tags"]);
		expect(scanner.hint({ repository: "ghcr.io/acme/app", tag: "1.0.0" })).toBe(1);
		await clock.advance(0);
		expect(asked).toEqual(["tags", "facts 1.0.0"]);
	});

	test("of one tag alone is asked with one HEAD a look", async () => {
		const { clock, scanner, wanted, asked, tags, changed } = bench({ latest: "a" });
		scanner.want("a", [wanted({ onlyTag: "latest" })]);
		await clock.advance(0);
		scanner.ask("ghcr.io/acme/app", ["latest"]);
		await clock.advance(MINUTE);
		expect(asked).toEqual(["digest latest", "facts latest", "digest latest"]);
		tags.latest = "b";
		changed.length = 0;
		await clock.advance(MINUTE);
		expect(changed).toEqual(["a"]);
	});
});

describe("a list and a tag of one repository", () => {
	const key = "ghcr.io/acme/app";

	test("are both looked at by the schedule, wherever they are wanted", async () => {
		const { clock, scanner, wanted, tags, asked, changed } = bench({ latest: "a", "1.0.0": "b" });
		scanner.want("a", [wanted()]);
		scanner.want("b", [wanted({ onlyTag: "latest" })]);
		await clock.advance(0);
		scanner.ask(key, ["latest"]);
		await clock.advance(MINUTE);
		expect(scanner.knowledge(key)).toMatchObject({ tags: ["latest", "1.0.0"] });
		const before = { asked: asked.length, changed: changed.length };
		await clock.advance(MINUTE);
		expect({ asked: asked.slice(before.asked), changed: changed.length }).toEqual({
			asked: ["tags", "digest latest"],
			changed: before.changed,
		});
		tags.latest = "c";
		await clock.advance(MINUTE);
		expect(changed.length).toBe(before.changed + 1);
		const known = scanner.knowledge(key);
		expect(known.kind === "known" && known.facts.has("latest")).toBe(false);
	});

	test("are a problem, told once, when the tag can't be asked about", async () => {
		const { clock, scanner, wanted, answers, changed } = bench({ latest: "a" });
		scanner.want("a", [wanted(), wanted({ onlyTag: "latest" })]);
		await clock.advance(0);
		scanner.ask(key, ["latest"]);
		await clock.advance(0);
		answers.set("digest latest", { kind: "unreachable", detail: "ghcr.io: timed out" });
		const before = changed.length;
		await clock.advance(3 * MINUTE);
		expect(changed.length).toBe(before + 1);
		expect(scanner.knowledge(key)).toMatchObject({ kind: "known", problem: "ghcr.io: timed out" });
		answers.clear();
		await clock.advance(MINUTE);
		expect(scanner.knowledge(key)).toMatchObject({ kind: "known", problem: undefined });
	});

	test("of one workload are wanted together, however often it says so", async () => {
		const { clock, scanner, wanted, asked } = bench({ latest: "a", "1.0.0": "b" });
		const both = [wanted({ onlyTag: "latest" }), wanted({ schedule: every(5 * MINUTE) })];
		scanner.want("a", both);
		await clock.advance(0);
		expect(asked).toEqual(["tags"]);
		scanner.ask(key, ["latest"]);
		await clock.advance(0);
		const before = asked.length;
		for (let pass = 0; pass < 5; pass++) {
			scanner.want("a", both);
			await clock.advance(1_000);
		}
		expect(asked.slice(before)).toEqual([]);
		await clock.advance(MINUTE);
		expect(asked.slice(before)).toEqual(["tags", "digest latest"]);
	});
});

describe("a hint", () => {
	test("makes a tag known at once, before the next look at the list", async () => {
		const { clock, scanner, wanted, tags, changed } = bench();
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE) })]);
		await clock.advance(0);
		tags["2.0.0"] = "c";
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "2.0.0" });
		await clock.advance(0);
		const known = scanner.knowledge("ghcr.io/acme/app");
		expect(known).toMatchObject({ tags: ["1.0.0", "2.0.0"] });
		expect(known.kind === "known" && known.facts.get("2.0.0")?.digest).toBe(digestOf("c"));
		expect(changed).toEqual(["a", "a"]);
	});

	test("waits for no scan, of its own repository or another, and outlives a list that was made before", async () => {
		const { clock, scanner, wanted, asked, client } = bench();
		const { promise: list, resolve: listed } = Promise.withResolvers<RegistryAnswer<readonly string[]>>();
		const repositories = Array.from({ length: 40 }, (_, index) => `acme/app${index}`);
		for (const repository of repositories)
			scanner.want(repository, [
				wanted({ key: repository, repository: { registry: "ghcr.io", repository, credentials: [] } }),
			]);
		await clock.advance(0);
		client.tags = () => list;
		await clock.advance(MINUTE);
		asked.length = 0;
		// The first is being scanned, and the last waits for its turn.
		scanner.hint({ repository: "ghcr.io/acme/app0", tag: "1.1.0" });
		scanner.hint({ repository: "ghcr.io/acme/app39", tag: "1.2.0" });
		await clock.advance(0);
		expect(asked).toEqual(["facts 1.1.0", "facts 1.2.0"]);
		listed({ kind: "found", value: ["1.0.0"] });
		await clock.advance(0);
		expect(scanner.knowledge("acme/app0")).toMatchObject({ tags: ["1.0.0", "1.1.0"] });
		scanner.stop();
	});

	test("is answered at most so many at once", async () => {
		const { clock, scanner, wanted, client } = bench();
		const { promise: never } = Promise.withResolvers<never>();
		const tags: string[] = [];
		client.facts = (_repository, tag) => {
			tags.push(tag);
			return never;
		};
		const repositories = Array.from({ length: 40 }, (_, index) => `acme/app${index}`);
		for (const repository of repositories)
			scanner.want(repository, [
				wanted({ key: repository, repository: { registry: "ghcr.io", repository, credentials: [] } }),
			]);
		await clock.advance(0);
		for (const repository of repositories) scanner.hint({ repository: `ghcr.io/${repository}`, tag: "1.0.0" });
		await clock.advance(0);
		expect(tags).toHaveLength(16);
		scanner.stop();
	});

	test("that is earlier than the registry's own word is asked about again, three times and no more", async () => {
		const { clock, scanner, wanted, asked, answers, changed } = bench();
		scanner.want("a", [wanted({ schedule: undefined })]);
		await clock.advance(0);
		answers.set("facts 2.0.0", { kind: "missing", detail: "there is no 2.0.0" });
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "2.0.0" });
		const askedAfter = async (ms: number) => {
			await clock.advance(ms);
			return asked.filter((what) => what === "facts 2.0.0").length;
		};
		expect([await askedAfter(999), await askedAfter(1), await askedAfter(3_000)]).toEqual([1, 2, 3]);
		expect([await askedAfter(10_000), await askedAfter(MINUTE), clock.pending]).toEqual([4, 4, 0]);
		answers.clear();
		changed.length = 0;
		scanner.ask("ghcr.io/acme/app", ["2.0.0"]);
		await clock.advance(0);
		expect(changed).toEqual(["a"]);
	});

	test("waits for a tag that shows a moment later, and not when nobody wants it any more", async () => {
		const { clock, scanner, wanted, asked, answers } = bench();
		scanner.want("a", [wanted({ schedule: undefined })]);
		await clock.advance(0);
		answers.set("facts 2.0.0", { kind: "missing", detail: "there is no 2.0.0" });
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "2.0.0" });
		await clock.advance(0);
		answers.clear();
		await clock.advance(1_000);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0", "2.0.0"] });
		answers.set("facts 3.0.0", { kind: "missing", detail: "there is no 3.0.0" });
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "3.0.0" });
		await clock.advance(0);
		scanner.want("a", []);
		await clock.advance(MINUTE);
		expect({
			last: asked.at(-1),
			times: asked.filter((what) => what === "facts 3.0.0").length,
			pending: clock.pending,
		}).toEqual({ last: "facts 3.0.0", times: 1, pending: 0 });
	});

	test("and questions wait in a queue that has an end", async () => {
		const tags = Object.fromEntries([...Array(200).keys()].map((patch) => [`1.0.${patch}`, `${patch}`]));
		const { clock, scanner, wanted, asked } = bench(tags);
		scanner.want("a", [wanted()]);
		for (const tag of Object.keys(tags)) scanner.hint({ repository: "ghcr.io/acme/app", tag });
		scanner.ask("ghcr.io/acme/app", Object.keys(tags));
		await clock.advance(0);
		// The first begins at once, and the others wait behind it.
		expect(asked.filter((what) => what.startsWith("facts"))).toHaveLength(65);
	});

	test("about what nobody wants is forgotten", () => {
		const { scanner } = bench();
		expect(scanner.hint({ repository: "ghcr.io/acme/other", tag: "1" })).toBe(0);
	});

	test("is not believed against the registry's word, and believed with a digest where there is none", async () => {
		const { clock, scanner, wanted, answers } = bench();
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		answers.set("facts 9.9.9", { kind: "missing", detail: "no such tag" });
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "9.9.9", digest: digestOf("d") });
		await clock.advance(0);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0"] });
		answers.set("facts 9.9.9", { kind: "unreachable", detail: "down" });
		scanner.hint({ repository: "ghcr.io/acme/app", tag: "9.9.9", digest: digestOf("d") });
		await clock.advance(0);
		const known = scanner.knowledge("ghcr.io/acme/app");
		expect(known).toMatchObject({ tags: ["1.0.0", "9.9.9"] });
		expect(known.kind === "known" && known.facts.get("9.9.9")).toMatchObject({
			digest: digestOf("d"),
			isHearsay: true,
		});
	});
});

describe("a registry in trouble", () => {
	test("is asked by its schedule, not in a loop, and what was known stands", async () => {
		const { clock, scanner, wanted, asked, answers, tags, changed } = bench();
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		tags["1.1.0"] = "b";
		answers.set("tags", { kind: "unreachable", detail: "ghcr.io: no answer" });
		await clock.advance(10 * MINUTE);
		expect(asked).toHaveLength(11);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0"], problem: "ghcr.io: no answer" });
		expect(changed).toEqual(["a", "a"]);
		answers.clear();
		await clock.advance(MINUTE);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0", "1.1.0"], problem: undefined });
	});

	test.each([
		["by a slow schedule", every(24 * 60 * MINUTE)],
		["by none", undefined],
	])("that is asked %s is asked again within ten minutes, and no more once it is well", async (_what, schedule) => {
		const { clock, scanner, wanted, asked, answers } = bench({ "1.0.0": "a" }, 1);
		answers.set("tags", { kind: "unreachable", detail: "ghcr.io: no answer" });
		scanner.want("a", [wanted({ schedule })]);
		await clock.advance(0);
		await clock.advance(20 * MINUTE);
		expect(asked).toHaveLength(3);
		answers.clear();
		await clock.advance(10 * MINUTE);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["1.0.0"], problem: undefined });
		await clock.advance(5 * 60 * MINUTE);
		expect(asked).toHaveLength(4);
		answers.set("facts 1.0.0", { kind: "throttled", retryAt: 0, detail: "ghcr.io: slow down" });
		scanner.ask("ghcr.io/acme/app", ["1.0.0"]);
		await clock.advance(10 * MINUTE);
		expect(asked).toEqual(["tags", "tags", "tags", "tags", "facts 1.0.0", "tags"]);
	});

	test("is asked again in a minute when it is we who fail", async () => {
		const { clock, scanner, wanted, client, asked } = bench();
		const { tags } = client;
		client.tags = () => {
			asked.push("tags");
			return Promise.reject(new Error("a bug"));
		};
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		expect(asked).toEqual(["tags"]);
		client.tags = tags;
		await clock.advance(MINUTE);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ kind: "known", tags: ["1.0.0"] });
	});

	test("is a problem where nothing was known before", async () => {
		const { clock, scanner, wanted, answers } = bench();
		answers.set("tags", { kind: "refused", detail: "ghcr.io: answered 401" });
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		expect(scanner.knowledge("ghcr.io/acme/app")).toEqual({ kind: "problem", detail: "ghcr.io: answered 401" });
	});

	test("is asked about a tag again once it is well, and about what it has not in ten minutes", async () => {
		const { clock, scanner, wanted, asked, answers, changed } = bench();
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		answers.set("facts 1.0.0", { kind: "unreachable", detail: "no answer" });
		scanner.ask("ghcr.io/acme/app", ["1.0.0"]);
		await clock.advance(0);
		changed.length = 0;
		await clock.advance(MINUTE);
		const open = scanner.knowledge("ghcr.io/acme/app");
		expect({ changed, open: open.kind === "known" && open.unanswered.size }).toEqual({ changed: ["a"], open: 0 });
		answers.set("facts 1.0.0", { kind: "malformed", detail: "the manifest is no JSON" });
		scanner.ask("ghcr.io/acme/app", ["1.0.0"]);
		await clock.advance(0);
		changed.length = 0;
		await clock.advance(10 * MINUTE);
		expect(changed).toEqual([]);
		await clock.advance(MINUTE);
		expect({ changed, asked: asked.filter((what) => what === "facts 1.0.0").length }).toEqual({
			changed: ["a"],
			asked: 2,
		});
	});

	test("that was asked about one tag lists them all as soon as that is wanted", async () => {
		const { clock, scanner, wanted, asked } = bench({ latest: "a", "1.0.0": "b" });
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE) })]);
		await clock.advance(0);
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE), onlyTag: "latest" })]);
		await clock.advance(60 * MINUTE);
		scanner.want("a", [wanted({ schedule: every(60 * MINUTE) })]);
		await clock.advance(0);
		expect(asked).toEqual(["tags", "digest latest", "tags"]);
		expect(scanner.knowledge("ghcr.io/acme/app")).toMatchObject({ tags: ["latest", "1.0.0"] });
	});

	test("that lacks a tag's facts says so for that tag", async () => {
		const { clock, scanner, wanted, answers } = bench();
		scanner.want("a", [wanted()]);
		await clock.advance(0);
		answers.set("facts 1.0.0", { kind: "malformed", detail: "the manifest is no JSON" });
		scanner.ask("ghcr.io/acme/app", ["1.0.0"]);
		await clock.advance(0);
		const known = scanner.knowledge("ghcr.io/acme/app");
		expect(known.kind === "known" && [...known.unanswered]).toEqual([["1.0.0", "the manifest is no JSON"]]);
	});
});
