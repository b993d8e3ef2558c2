import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { policyOf, tagPolicies } from "../../../src/updater/policies/registry.ts";
import type { Candidate, PolicySettings } from "../../../src/updater/policies/tag-policy.ts";
import type { PolicyType } from "../../../src/updater/rule.ts";
import { rankTags } from "../../../src/updater/selection/rank-tags.ts";

const types = Object.keys(tagPolicies) as PolicyType[];

/** Settings under which every policy has something to choose. */
const settingsOf: Readonly<Record<PolicyType, readonly PolicySettings[]>> = {
	all: [{}],
	major: [{}, { prereleases: "any" }, { prereleases: "rc" }, { prereleases: "none" }],
	minor: [{}, { prereleases: "any" }],
	patch: [{}, { prereleases: "any" }],
	semver: [{ range: ">=1" }, { range: ">=0.2 <3", prereleases: "any" }, { range: ">=1.0.0-0" }],
	force: [{}, { sameTag: true }],
	glob: [{ pattern: "*" }, { pattern: "v*" }, { pattern: "build-*" }],
	regexp: [{ pattern: "." }, { pattern: "^[a-z]*-?(?P<compare>[0-9].*)$" }],
	newest: [{}],
	numeric: [{}],
	calver: [{ format: "YYYY.0M.0D" }, { format: "YY.MM.MICRO" }],
	digest: [{}],
	never: [{}],
};

/** As people name tags, few enough to collide, and now and then anything at all. */
const small = fc.integer({ min: 0, max: 12 }).map(String);
const number = fc.oneof(small, small, fc.constantFrom("00", "01", "2024", "99999999999999999999"));
const suffix = fc.oneof(
	{ weight: 4, arbitrary: fc.constant("") },
	fc.constantFrom("-alpine", "-rc", "-rc1", "-rc.1", "-rc.10", "-rc2-alpine", "-beta.1", "-r1", "-r12", "-1", "-2"),
	fc.constantFrom("-20240105", "-1a2b3c4", "-5-g1a2b3c4", "-debian-12-r5", "-ALPHA", "--", "-a", "-01", "+b1"),
);
const dotted = fc
	.tuple(fc.constantFrom("", "v", "build-", "V"), fc.array(number, { minLength: 1, maxLength: 4 }), suffix)
	.map(([prefix, numbers, end]) => `${prefix}${numbers.join(".")}${end}`);
const name = fc.oneof(
	{ weight: 8, arbitrary: dotted },
	fc.constantFrom("latest", "dev", "2024.01.05", "2024.02.30", "24.1.7", "1a2b3c4", "build-9", "build-10", "v1-old"),
	fc.string({ maxLength: 12 }),
	fc.string({ unit: "binary", maxLength: 6 }),
);
const moment = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined });
const digest = fc.option(fc.constantFrom("sha256:a", "sha256:b"), { nil: undefined });
const candidate: fc.Arbitrary<Candidate> = fc
	.record({ tag: name, createdAt: moment, digest })
	.map((known) => ({ ...known, text: known.tag }));
/** A tag has one set of facts. */
const candidates = fc.uniqueArray(candidate, { maxLength: 12, selector: ({ tag }) => tag });
const current = fc.option(candidate, { nil: undefined });

const best = (policy: PolicyType, settings: PolicySettings, of: readonly Candidate[], now: Candidate | undefined) =>
	rankTags({ policy, settings, candidates: of, current: now }).eligible[0];

const cases = types.flatMap((type) =>
	settingsOf[type].flatMap((settings) =>
		[settings, { ...settings, allowDowngrade: true }].map((each) => [type, each, JSON.stringify(each)] as const),
	),
);

describe.each(cases)("%s", (type, settings, told) => {
	const policy = policyOf(type);

	test(`has no problem with ${told}, and a line for people`, () => {
		expect(policy.problems(settings)).toEqual([]);
		expect(policy.describe).toMatch(/^[a-z].*[^.]$/);
	});

	test(`chooses one of the tags, in whatever order they come: ${told}`, () => {
		const shuffled = candidates.chain((of) =>
			fc.tuple(fc.constant(of), fc.shuffledSubarray(of, { minLength: of.length, maxLength: of.length })),
		);
		fc.assert(
			fc.property(shuffled, current, ([of, mixed], now) => {
				const answer = best(type, settings, of, now);
				expect(best(type, settings, mixed, now)).toEqual(answer);
				if (answer !== undefined) expect(of).toContain(answer);
			}),
		);
	});

	test(`keeps what it chose: ${told}`, () => {
		fc.assert(
			fc.property(candidates, current, (of, now) => {
				const answer = best(type, settings, of, now);
				if (answer === undefined) return;
				const again = best(type, settings, of, answer);
				expect(again?.tag ?? answer.tag).toBe(answer.tag);
			}),
		);
	});

	test(`ranks by a total order: ${told}`, () => {
		const ranksOf = (of: readonly Candidate[], now: Candidate | undefined) =>
			of
				.map((one) => policy.judge(one, now, settings))
				.flatMap((judgement) => (judgement.kind === "eligible" ? [judgement.rank] : []));
		fc.assert(
			fc.property(fc.array(candidate, { maxLength: 8 }), current, (of, now) => {
				const ranks = ranksOf(of, now);
				for (const a of ranks)
					for (const b of ranks) {
						expect(Math.sign(policy.compare(a, b))).toBe(-Math.sign(policy.compare(b, a)) + 0);
						for (const c of ranks)
							if (policy.compare(a, b) >= 0 && policy.compare(b, c) >= 0)
								expect(policy.compare(a, c)).toBeGreaterThanOrEqual(0);
					}
			}),
			{ numRuns: 50 },
		);
	});

	test(`never throws, and says why not in a few words: ${told}`, () => {
		fc.assert(
			fc.property(candidate, current, (one, now) => {
				const judgement = policy.judge(one, now, settings);
				if (judgement.kind === "passedOver")
					expect(judgement.why).toMatch(/^(is|has|was|does|may|lacks|cannot|points) /);
			}),
		);
	});
});

describe("without allowDowngrade", () => {
	const forward = cases.filter(([, settings]) => settings.allowDowngrade !== true);

	test.each(forward)("%s never goes back and forth: %s %s", (type, settings) => {
		const policy = policyOf(type);
		// New content under one tag has no order.
		if (type === "digest" || settings.sameTag === true || type === "never") return;
		fc.assert(
			fc.property(candidate, candidate, (one, other) => {
				const there = policy.judge(one, other, settings).kind === "eligible";
				const back = policy.judge(other, one, settings).kind === "eligible";
				const isAdopted = (tag: Candidate) => policy.judge(tag, undefined, settings).kind !== "eligible";
				// From a tag that is nothing to the policy anything is a step ahead, but never the way back.
				expect(there && back && !isAdopted(one) && !isAdopted(other)).toBe(false);
			}),
			{ numRuns: 300 },
		);
	});
});

test("the order of ranks is the order of time, number, and version", () => {
	const named = (tag: string, createdAt?: number): Candidate => ({ tag, text: tag, createdAt });
	expect(best("newest", {}, [named("a", 1), named("b", 3), named("c", 2)], undefined)?.tag).toBe("b");
	expect(best("numeric", {}, [named("9"), named("10"), named("8")], named("8"))?.tag).toBe("10");
	expect(best("major", {}, [named("1.9.0"), named("1.10.0")], named("1.2.0"))?.tag).toBe("1.10.0");
});
