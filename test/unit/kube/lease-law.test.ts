import fc from "fast-check";
import { expect, test } from "vitest";
import { contest } from "./contest.ts";
import type { Fate } from "./lease-api.ts";

// Whatever requests meet: refusals, silence, writes whose answers are lost, dates that jump, processes that come and go.
test("two never lead at once, and in the end one does", async () => {
	const fate = fc.constantFrom<Fate>("answered", "answered", "refused", "hangs", "done, but hangs");
	const event = fc.record({
		ms: fc.integer({ min: 0, max: 20_000 }),
		who: fc.nat(2),
		meets: fc.option(fate, { nil: undefined }),
		jumps: fc.integer({ min: -60_000, max: 60_000 }),
	});
	let terms = 0;
	await fc.assert(
		fc.asyncProperty(
			fc.array(fate, { maxLength: 20 }),
			fc.array(event, { size: "large", minLength: 5, maxLength: 20 }),
			async (fates, events) => {
				const { api, clock, contend, leading, leads } = contest();
				api.fates.push(...fates);
				const present = ["a", "b", "c"].map((who) => ({ who, ...contend(who) }));
				const met = new Map<string, Fate>();
				api.fateOf = (who) => met.get(who);
				const live = async (ms: number) => {
					for (let passed = 0; passed < ms; passed += 500) {
						await clock.advance(500);
						expect(leading().length).toBeLessThanOrEqual(1);
					}
				};
				const restart = (place: number) => {
					present[place]?.stop.abort();
					const who = `${place} from ${clock.elapsed()}`;
					present[place] = { who, ...contend(who) };
				};
				for (const { ms, who: place, meets, jumps } of events) {
					await live(ms);
					clock.jump(jumps);
					if (meets === undefined) restart(place);
					else met.set(present[place]?.who ?? "", meets);
				}
				met.clear();
				api.fates.length = 0;
				restart(0);
				await live(40_000);
				expect(leading()).toHaveLength(1);
				for (const { stop } of present) stop.abort();
				await clock.advance(60_000);
				expect([leading(), clock.pending]).toEqual([[], 0]);
				terms += leads.length;
			},
		),
		{ numRuns: 40 },
	);
	expect(terms, "terms seen in all").toBeGreaterThan(80);
});
