import { describe, expect, test } from "vitest";
import type { TagFacts } from "../../../src/updater/image-registry/image-registry.ts";
import type { UpdateRule } from "../../../src/updater/rule.ts";
import { FACTS_MAX, type Selection, type SelectionInput, select, UNKNOWN_MAX } from "../../../src/updater/select.ts";
import { digestOf, ruleOf } from "./rule-of.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

/** An image that was built so many hours ago. */
const built = (hours: number | undefined, tag: string, ...platforms: string[]): [string, TagFacts] => [
	tag,
	{
		digest: digestOf(tag),
		createdAt: hours === undefined ? undefined : NOW - hours * HOUR,
		platforms: platforms.length === 0 ? ["linux/amd64"] : platforms,
	},
];

const minor = ruleOf({ policy: "minor" });
const input = (over: Partial<SelectionInput>): SelectionInput => ({
	rule: minor,
	current: { tag: "1.2.0", digest: digestOf("1.2.0") },
	tags: ["1.2.0", "1.3.0", "1.4.0", "2.0.0"],
	facts: new Map([built(100, "1.2.0"), built(50, "1.3.0"), built(3, "1.4.0")]),
	barred: [],
	nodePlatforms: [],
	now: NOW,
	...over,
});

const to = (tag: string) => ({ kind: "update", tag, digest: digestOf(tag) });
const keep = (why: string) => ({ kind: "keep", why });
const why = (selection: Selection, tag: string) =>
	selection.kind === "ask" ? undefined : selection.passedOver.find((one) => one.tag === tag)?.why;

describe("a selection", () => {
	test("is the best tag with its digest, and says what was passed over", () => {
		expect(select(input({}))).toEqual({
			kind: "update",
			tag: "1.4.0",
			digest: digestOf("1.4.0"),
			why: "minor chooses 1.4.0 after 1.2.0",
			passedOver: [{ tag: "2.0.0", why: "is another major version" }],
			lookAgainAt: undefined,
		});
	});

	test.each<[string, Partial<SelectionInput>, object]>([
		["asks about the best tag alone", { facts: new Map() }, { kind: "ask", tags: ["1.4.0"] }],
		["keeps what nothing follows", { tags: ["1.2.0", "1.1.0"] }, keep("minor finds nothing after 1.2.0")],
		["keeps when there are no tags", { tags: [] }, keep("minor finds nothing after 1.2.0")],
		["passes over tags that no registry may have", { tags: ["1.9.0+build", "", "1.3.0"] }, to("1.3.0")],
		["is never, when the policy is", { rule: ruleOf({ policy: "never" }) }, keep("the policy is never")],
		[
			"says what is wrong with a policy",
			{ rule: ruleOf({ policy: "semver", settings: { range: "about 2" } }) },
			keep("the range cannot be read; write it like '>=1.4 <2' or '^1.4'"),
		],
		[
			"says what is wrong with a filter",
			{ rule: ruleOf({ policy: "minor", filter: { pattern: "(" } }) },
			keep("the filter's pattern has a ( without its )"),
		],
		[
			"says which group a filter lacks",
			{ rule: ruleOf({ policy: "minor", filter: { pattern: "(?P<a>.)", extract: "$b" } }) },
			keep("the filter extracts $b, and its pattern has no such group"),
		],
	])("%s", (_what, over, expected) => {
		expect(select(input(over))).toMatchObject(expected);
	});
});

describe("a barred tag", () => {
	const failed = { tag: "1.4.0", why: "failed in a canary" };

	test("is passed over for the next one", () => {
		const selection = select(input({ barred: [{ ...failed, digest: undefined }] }));
		expect(selection).toMatchObject(to("1.3.0"));
		expect(why(selection, "1.4.0")).toBe("failed in a canary");
	});

	test("is not even asked about", () => {
		const selection = select(input({ barred: [{ ...failed, digest: undefined }], facts: new Map() }));
		expect(selection).toEqual({ kind: "ask", tags: ["1.3.0"] });
	});

	test("with a digest is barred while it points at that, and no longer", () => {
		const barred = (digest: string) => select(input({ barred: [{ ...failed, digest }] }));
		expect(barred(digestOf("1.4.0"))).toMatchObject(to("1.3.0"));
		expect(barred(digestOf("another"))).toMatchObject(to("1.4.0"));
	});

	test("that serves is left, where going back is allowed", () => {
		const rule = ruleOf({ policy: "minor", settings: { allowDowngrade: true } });
		const current = { tag: "1.4.0", digest: digestOf("1.4.0") };
		expect(select(input({ rule, current }))).toMatchObject({ kind: "keep" });
		expect(select(input({ rule, current, barred: [{ ...failed, digest: undefined }] }))).toMatchObject(to("1.3.0"));
	});
});

describe("a minimum age", () => {
	const rule = ruleOf({ policy: "minor", minimumAgeMs: 24 * HOUR });

	test("passes over what is younger, and says when to look again", () => {
		const selection = select(input({ rule }));
		expect(selection).toMatchObject({ ...to("1.3.0"), lookAgainAt: NOW + 21 * HOUR });
		expect(why(selection, "1.4.0")).toBe("was built at 1970-02-11T13:00Z, and must be 24h old");
	});

	test("is reached on the dot", () => {
		expect(select(input({ rule, now: NOW + 21 * HOUR }))).toMatchObject({ ...to("1.4.0"), lookAgainAt: undefined });
		expect(select(input({ rule, now: NOW + 21 * HOUR - 1 }))).toMatchObject(to("1.3.0"));
	});

	test("keeps what serves when everything is too young, until the first is old enough", () => {
		const facts = new Map([built(5, "1.3.0"), built(3, "1.4.0")]);
		expect(select(input({ rule, facts }))).toMatchObject({
			...keep("1.4.0 was built at 1970-02-11T13:00Z, and must be 24h old"),
			lookAgainAt: NOW + 19 * HOUR,
		});
	});

	test.each<[string, number | undefined, string, number | undefined]>([
		["no date", undefined, "does not say when it was built, and must be 24h old", undefined],
		["a date to come", -2, "was built at 1970-02-11T18:00Z, and must be 24h old", NOW + 26 * HOUR],
	])("is not reached by an image with %s", (_what, hours, expected, lookAgainAt) => {
		const selection = select(input({ rule, facts: new Map([built(50, "1.3.0"), built(hours, "1.4.0")]) }));
		expect(selection).toMatchObject({ ...to("1.3.0"), lookAgainAt });
		expect(why(selection, "1.4.0")).toBe(expected);
	});

	test("asks about more at a time, the more were too young", () => {
		const tags = Array.from({ length: 100 }, (_, patch) => `1.2.${patch}`);
		const young = (count: number) => new Map(tags.slice(100 - count).map((tag) => built(1, tag)));
		const asked = (count: number) => {
			const selection = select(input({ rule, tags, facts: young(count) }));
			return selection.kind === "ask" ? selection.tags.length : 0;
		};
		expect([0, 1, 3, 7, 99].map(asked)).toEqual([1, 2, 4, 8, 0]);
		expect(asked(50)).toBe(FACTS_MAX);
	});

	test("asks neither about barred tags nor about what comes after the current one", () => {
		const over = {
			rule: ruleOf({ policy: "minor", minimumAgeMs: HOUR, settings: { allowDowngrade: true } }),
			tags: ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"],
			facts: new Map([built(0, "1.6.0"), built(0, "1.5.0")]),
			barred: [{ tag: "1.3.0", digest: undefined, why: "failed" }],
		};
		expect(select(input(over))).toEqual({ kind: "ask", tags: ["1.4.0"] });
	});
});

describe("platforms", () => {
	const both = ["linux/amd64", "linux/arm64"];

	test.each<[string, readonly string[], readonly string[], "nodes" | readonly string[], string | undefined]>([
		["of all nodes are there", ["linux/amd64", "linux/arm64/v8"], both, "nodes", undefined],
		["of some nodes are missing", ["linux/amd64"], both, "nodes", "is not for linux/arm64"],
		["of unknown nodes are not asked for", ["linux/s390x"], [], "nodes", undefined],
		["that are named are missing", ["linux/amd64"], [], ["linux/riscv64"], "is not for linux/riscv64"],
		["of an older arm will do", ["linux/arm/v6"], [], ["linux/arm/v7"], undefined],
		["of a newer arm will not", ["linux/arm/v7"], [], ["linux/arm/v6"], "is not for linux/arm/v6"],
		["of another system do not count", ["windows/amd64"], [], ["linux/amd64"], "is not for linux/amd64"],
	])("%s", (_what, has, nodePlatforms, platforms, expected) => {
		const facts = new Map([built(50, "1.3.0", ...both, "linux/riscv64", "linux/arm/v6"), built(3, "1.4.0", ...has)]);
		const selection = select(input({ rule: ruleOf({ policy: "minor", platforms }), facts, nodePlatforms }));
		expect(selection).toMatchObject(to(expected === undefined ? "1.4.0" : "1.3.0"));
		expect(why(selection, "1.4.0")).toBe(expected);
	});

	test("of what a webhook alone told of are asked for where they are listed, and not for the nodes' sake", () => {
		const told = { digest: digestOf("1.4.0"), createdAt: undefined, platforms: [], isHearsay: true } as const;
		const facts = new Map([built(100, "1.2.0"), ["1.4.0", told]]);
		const tags = ["1.2.0", "1.4.0"];
		const chosen = (over: Partial<UpdateRule>) =>
			select(input({ rule: ruleOf({ policy: "minor", ...over }), tags, facts, nodePlatforms: ["linux/amd64"] }));
		expect(chosen({})).toMatchObject(to("1.4.0"));
		expect(why(chosen({ platforms: ["linux/amd64"] }), "1.4.0")).toBe("does not say for which platforms it is");
		expect(why(chosen({ minimumAgeMs: HOUR }), "1.4.0")).toContain("does not say when it was built");
	});

	test("that an image does not tell are missing", () => {
		const facts = new Map([["1.4.0", { digest: digestOf("x"), createdAt: 0, platforms: [] }] as const]);
		const selection = select(input({ facts, tags: ["1.4.0"], nodePlatforms: both }));
		expect(selection).toMatchObject(keep("1.4.0 does not say for which platforms it is"));
	});
});

describe("a question without an answer", () => {
	test("passes its tag over with the reason", () => {
		const facts = new Map([built(50, "1.3.0")]);
		const selection = select(input({ facts, unanswered: new Map([["1.4.0", "has a manifest that is malformed"]]) }));
		expect(selection).toMatchObject(to("1.3.0"));
		expect(why(selection, "1.4.0")).toBe("has a manifest that is malformed");
	});

	test("about the date of what serves keeps it", () => {
		const selection = select(
			input({
				rule: ruleOf({ policy: "newest" }),
				tags: ["1.2.0", "1.3.0"],
				facts: new Map([built(50, "1.3.0")]),
				unanswered: new Map([["1.2.0", "was not answered for: 500"]]),
			}),
		);
		expect(selection).toMatchObject(keep("the current tag 1.2.0 was not answered for: 500"));
	});

	test("never keeps the asking from ending", () => {
		const tags = Array.from({ length: 60 }, (_, build) => `b${build}`);
		const unanswered = new Map<string, string>();
		let selection = select(input({ rule: ruleOf({ policy: "newest" }), tags, unanswered }));
		let rounds = 0;
		for (; selection.kind === "ask" && rounds < 10; rounds++) {
			expect(selection.tags.length).toBeLessThanOrEqual(FACTS_MAX);
			for (const tag of selection.tags) unanswered.set(tag, "is missing");
			selection = select(input({ rule: ruleOf({ policy: "newest" }), tags, unanswered }));
		}
		expect([rounds, selection.kind]).toEqual([3, "keep"]);
	});
});

describe("policies that need more than names", () => {
	const newest = ruleOf({ policy: "newest" });

	test("ask about what passes the filter, and about nothing else", () => {
		const rule = ruleOf({ policy: "newest", filter: { pattern: "^1\\.[23]" } });
		expect(select(input({ rule, facts: new Map() }))).toEqual({ kind: "ask", tags: ["1.3.0", "1.2.0"] });
	});

	test("refuse to ask about a whole registry", () => {
		const tags = Array.from({ length: UNKNOWN_MAX + 1 }, (_, build) => `b${build}`);
		const selection = select(input({ rule: newest, tags, facts: new Map() }));
		expect(selection).toMatchObject({ kind: "keep", why: expect.stringContaining("narrow them with a filter") });
		expect(select(input({ rule: newest, tags: tags.slice(1), facts: new Map() }))).toMatchObject({ kind: "ask" });
	});

	test("go by the date of what serves, if that is told", () => {
		const current = { tag: "gone", digest: undefined, createdAt: NOW - 10 * HOUR };
		const tags = ["a", "b"];
		const of = (hours: number) =>
			select(input({ rule: newest, current, tags, facts: new Map([built(hours, "a"), built(20, "b")]) }));
		expect(of(11)).toMatchObject({ kind: "keep" });
		expect(of(9)).toMatchObject(to("a"));
	});
});

describe("an image that is written by its digest alone", () => {
	const current = { tag: undefined, digest: digestOf("1.2.0") };
	const alone = "the image is written by its digest alone, which says no version; write a tag before it";

	test.each(["all", "major", "minor", "patch"] as const)("is left by %s, for what is newest may be older", (policy) => {
		expect(select(input({ rule: ruleOf({ policy }), current }))).toEqual({ ...keep(alone), passedOver: [] });
		const untagged = { tag: undefined, digest: undefined };
		expect(select(input({ rule: ruleOf({ policy }), current: untagged })).kind).not.toBe("keep");
	});

	test("is replaced where a range says what is wanted", () => {
		const rule = ruleOf({ policy: "semver", settings: { range: "<2" } });
		expect(select(input({ rule, current }))).toMatchObject(to("1.4.0"));
	});
});

describe("the current tag's content", () => {
	const digest = ruleOf({ policy: "digest" });
	const serving = (of: string) => ({ tag: "latest", digest: digestOf(of) });
	const facts = new Map([built(1, "latest")]);

	test.each<[string, Partial<SelectionInput>, object]>([
		["is asked about first", { facts: new Map() }, { kind: "ask", tags: ["latest"] }],
		["is the update when it changed", { current: serving("old") }, { ...to("latest"), why: "latest has new content" }],
		["is kept when it did not", { current: serving("latest") }, keep("latest points at what runs")],
		["is kept when what runs is not known", { current: { tag: "latest", digest: undefined } }, { kind: "keep" }],
		[
			"is not chosen where it failed",
			{ current: serving("old"), barred: [{ tag: "latest", digest: digestOf("latest"), why: "failed" }] },
			keep("latest failed"),
		],
		[
			"counts for force with sameTag",
			{ rule: ruleOf({ policy: "force", settings: { sameTag: true } }), current: serving("old") },
			to("latest"),
		],
		["counts for no other policy", { rule: minor, current: serving("old"), tags: ["latest"] }, { kind: "keep" }],
	])("%s", (_what, over, expected) => {
		const current = serving("old");
		expect(select(input({ rule: digest, tags: ["latest", "1.2.0"], facts, current, ...over }))).toMatchObject(expected);
	});
});

describe("what was passed over", () => {
	test("is at most ten, those by barring and age first, then the highest", () => {
		const tags = ["1.3.0", ...Array.from({ length: 50 }, (_, major) => `${major + 2}.0.0`), "junk"];
		const selection = select(input({ tags, barred: [{ tag: "1.3.0", digest: undefined, why: "was rejected" }] }));
		const passedOver = selection.kind === "keep" ? selection.passedOver.map(({ tag }) => tag) : [];
		expect(passedOver).toHaveLength(10);
		expect(passedOver.slice(0, 3)).toEqual(["1.3.0", "51.0.0", "50.0.0"]);
	});

	test("names what the filter and the list of ignored tags kept away, last", () => {
		const rule = ruleOf({ policy: "minor", filter: { pattern: "^[0-9.]+$" }, ignoreTags: ["1.4.*"] });
		const selection = select(input({ rule, tags: ["1.2.0", "1.3.0", "1.4.0", "2.0.0", "v3.0.0"] }));
		expect(selection).toMatchObject({
			...to("1.3.0"),
			passedOver: [
				{ tag: "2.0.0", why: "is another major version" },
				{ tag: "v3.0.0", why: "does not match the filter" },
				{ tag: "1.4.0", why: "is ignored by 1.4.*" },
			],
		});
	});
});
