import { describe, expect, test } from "vitest";
import { Labels } from "../../../../src/sandbox/prometheus/labels.ts";
import { matcherOf } from "../../../../src/sandbox/prometheus/matcher.ts";
import { createScraper } from "../../../../src/sandbox/prometheus/scraper.ts";
import { SeriesStore } from "../../../../src/sandbox/prometheus/series-store.ts";
import { ask } from "./stored.ts";

const named = (name: string) => Labels.of([["__name__", name]]);
const namesIn = (store: SeriesStore) =>
	store.select([matcherOf("__name__", "=~", ".+")]).map(({ labels }) => labels.get("__name__"));

describe("what is kept", () => {
	test("is what is younger than the retention", () => {
		const store = new SeriesStore({ retentionMs: 100 });
		for (const timeMs of [0, 50, 100, 150]) store.append(named("a"), timeMs, timeMs);
		store.append(named("b"), 10, 1);
		store.trim(160);
		expect(ask(store, "a[1s]", 0.2)).toEqual(['{__name__="a"} 100 150']);
		expect([namesIn(store), store.sampleCount]).toEqual([["a"], 2]);
	});

	test("is never more than the bound of samples, the youngest", () => {
		const store = new SeriesStore({ retentionMs: 1e9, maxSamples: 100 });
		for (let timeMs = 1; timeMs <= 1_000; timeMs++) {
			store.append(named("a"), timeMs, timeMs);
			store.trim(timeMs);
			expect(store.sampleCount).toBeLessThanOrEqual(100);
		}
		expect(ask(store, "min_over_time(a[1s])", 1)).toEqual([expect.stringMatching(/^\{\} 9\d\d$/)]);
		expect(ask(store, "a", 1)).toEqual(['{__name__="a"} 1000']);
	});

	test("is never more than the bound of series: those that were silent longest go", () => {
		const store = new SeriesStore({ retentionMs: 1e9, maxSeries: 2 });
		store.append(named("a"), 1, 1);
		store.append(named("b"), 2, 1);
		store.append(named("c"), 3, 1);
		store.append(named("a"), 4, 1);
		store.trim(4);
		expect([namesIn(store), store.seriesCount, store.sampleCount]).toEqual([["a", "c"], 2, 3]);
	});

	test("a sample that is not newer than the last is not taken", () => {
		const store = new SeriesStore();
		expect([5, 5, 4, 6].map((timeMs) => store.append(named("a"), timeMs, timeMs))).toEqual([true, false, false, true]);
		expect(store.sampleCount).toBe(2);
	});

	test("a mark for a series that was never there makes none", () => {
		const store = new SeriesStore();
		expect([store.append(named("a"), 1, undefined), store.seriesCount]).toEqual([false, 0]);
	});
});

describe("a scrape", () => {
	const scraped = (labels: Readonly<Record<string, string>> = { job: "j" }, bounds = {}) => {
		const store = new SeriesStore(bounds);
		const shown = { text: "" };
		const expose = () => {
			if (shown.text === "throw") throw new Error("no");
			return shown.text;
		};
		const scraper = createScraper({ store, expose, labels });
		const scrape = (text: string, atS: number) => {
			shown.text = text;
			scraper.scrape(atS * 1000);
		};
		return { store, scraper, scrape };
	};

	test("adds the target's labels where the text does not say them, and how it went", () => {
		const { store, scrape } = scraped({ job: "j", instance: "i" });
		scrape('a 1\nb{job="own"} 2', 10);
		expect(ask(store, '{instance="i"}', 10)).toEqual([
			'{__name__="a", instance="i", job="j"} 1',
			'{__name__="b", instance="i", job="own"} 2',
			'{__name__="scrape_samples_scraped", instance="i", job="j"} 2',
			'{__name__="up", instance="i", job="j"} 1',
		]);
	});

	test.each([
		["no longer has a series", "b 1"],
		["fails", "throw"],
		["brings no text of the format", "a{ 1"],
	])("that %s marks it as gone", (_what, text) => {
		const { store, scrape } = scraped();
		scrape("a 1\nb 1", 10);
		scrape(text, 20);
		expect(ask(store, "a", 19)).toHaveLength(1);
		expect(ask(store, "a", 20)).toEqual([]);
		scrape("a 2", 30);
		expect(ask(store, "a", 30)).toEqual(['{__name__="a", job="j"} 2']);
	});

	test("that fails says so, until one goes well", () => {
		const { store, scraper, scrape } = scraped();
		scrape("a{", 10);
		expect(ask(store, "up", 10)).toEqual(['{__name__="up", job="j"} 0']);
		expect(scraper.lastError).toMatch("line 1: ");
		scrape("a 1", 20);
		expect([ask(store, "up", 20), scraper.lastError]).toEqual([['{__name__="up", job="j"} 1'], undefined]);
	});

	test("with times of its own keeps them, and such series are not marked", () => {
		const { store, scrape } = scraped();
		scrape("a 1 5000", 10);
		scrape("b 1", 20);
		expect(ask(store, "timestamp(a)", 20)).toEqual(['{job="j"} 5']);
	});

	test("with more samples than there may be series fails as a whole", () => {
		const { store, scraper, scrape } = scraped({}, { maxSeries: 4 });
		scrape("a 1\nb 1\nc 1", 10);
		expect([ask(store, "up", 10), scraper.lastError]).toEqual([['{__name__="up"} 0'], "sample limit of 2 exceeded: 3"]);
		expect(store.seriesCount).toBe(2);
	});
});
