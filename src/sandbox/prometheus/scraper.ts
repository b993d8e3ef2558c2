import { type ExposedSample, parseExposition } from "./exposition.ts";
import { Labels, NAME } from "./labels.ts";
import type { SeriesStore } from "./series-store.ts";

export interface Scraper {
	/** Takes in what the target shows at this moment. Never throws: a target that fails is down, and `up` says so. */
	scrape(nowMs: number): void;
	/** Why the last scrape failed. */
	readonly lastError: string | undefined;
}

/**
 * Scrapes a function that answers with exposition text. Its samples get `labels`, unless the text says such a label
 * itself: one text may stand for many targets. A series that a scrape no longer has, or that a failed one could not
 * show, is marked as gone; not so when its samples came with times of their own. Beside them it writes `up` and
 * `scrape_samples_scraped`. A scrape with more samples than the store may have series fails as a whole.
 */
export function createScraper(options: {
	readonly store: SeriesStore;
	readonly expose: () => string;
	readonly labels: Readonly<Record<string, string>>;
}): Scraper {
	const { store, expose, labels } = options;
	const target = Object.entries(labels);
	const own = (name: string) => Labels.of([...target, [NAME, name]]);
	let seen = new Map<string, Labels>();
	let lastError: string | undefined;

	const samplesNow = (): readonly ExposedSample[] => {
		const { samples } = parseExposition(expose());
		const limit = store.bounds.maxSeries - 2;
		if (samples.length > limit) throw new Error(`sample limit of ${limit} exceeded: ${samples.length}`);
		lastError = undefined;
		return samples;
	};
	const attempt = (): readonly ExposedSample[] | undefined => {
		try {
			return samplesNow();
		} catch (thrown) {
			lastError = thrown instanceof Error ? thrown.message : String(thrown);
			return undefined;
		}
	};

	return {
		scrape(nowMs) {
			const samples = attempt();
			const now = new Map<string, Labels>();
			for (const sample of samples ?? []) {
				const whole = Labels.of([...target, ...sample.labels.entries]);
				store.append(whole, sample.timeMs ?? nowMs, sample.value);
				if (sample.timeMs === undefined) now.set(whole.key, whole);
			}
			for (const [key, gone] of seen) if (!now.has(key)) store.append(gone, nowMs, undefined);
			seen = now;
			store.append(own("up"), nowMs, samples === undefined ? 0 : 1);
			store.append(own("scrape_samples_scraped"), nowMs, samples?.length ?? 0);
			store.trim(nowMs);
		},
		get lastError() {
			return lastError;
		},
	};
}
