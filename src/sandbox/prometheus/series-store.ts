import { compareLabels, type Labels } from "./labels.ts";
import { type Matcher, matchesAll } from "./matcher.ts";
import { Series } from "./series.ts";

/** How much is kept at most; beyond it the oldest goes. */
export interface StoreBounds {
	readonly retentionMs: number;
	readonly maxSeries: number;
	readonly maxSamples: number;
}

export const defaultBounds: StoreBounds = { retentionMs: 2 * 3_600_000, maxSeries: 20_000, maxSamples: 3_000_000 };

/**
 * Series in memory. Samples older than the retention go; so do, when there are too many samples, the oldest tenth of the
 * time that is held, and when there are too many series, those that have been silent the longest.
 */
export class SeriesStore {
	readonly #bounds: StoreBounds;
	readonly #series = new Map<string, Series>();
	#samples = 0;

	constructor(bounds: Partial<StoreBounds> = {}) {
		this.#bounds = { ...defaultBounds, ...bounds };
	}

	get seriesCount(): number {
		return this.#series.size;
	}

	get sampleCount(): number {
		return this.#samples;
	}

	get bounds(): StoreBounds {
		return this.#bounds;
	}

	/** Returns whether it was taken: a sample that is not newer than the last of its series is not. `undefined` marks the series as gone. */
	append(labels: Labels, timeMs: number, value: number | undefined): boolean {
		let series = this.#series.get(labels.key);
		if (series === undefined) {
			if (value === undefined) return false;
			series = new Series(labels);
			this.#series.set(labels.key, series);
		}
		if (!series.append(timeMs, value)) return false;
		this.#samples++;
		return true;
	}

	/** Series that fit all matchers and have samples, in the order of their labels. */
	select(matchers: readonly Matcher[]): readonly Series[] {
		const found: Series[] = [];
		for (const series of this.#series.values()) if (matchesAll(matchers, series.labels)) found.push(series);
		return found.sort((a, b) => compareLabels(a.labels, b.labels));
	}

	/** Keeps the bounds; to be called after each scrape. */
	trim(nowMs: number): void {
		this.#dropUntil(nowMs - this.#bounds.retentionMs);
		while (this.#samples > this.#bounds.maxSamples) {
			const [oldest, newest] = this.#span();
			this.#dropUntil(oldest + (newest - oldest) / 10);
		}
		const surplus = this.#series.size - this.#bounds.maxSeries;
		if (surplus <= 0) return;
		const bySilence = [...this.#series.values()].sort((a, b) => a.newest - b.newest);
		for (const series of bySilence.slice(0, surplus)) this.#remove(series);
	}

	#dropUntil(timeMs: number): void {
		for (const series of this.#series.values()) {
			this.#samples -= series.dropUntil(timeMs);
			if (series.length === 0) this.#series.delete(series.labels.key);
		}
	}

	#remove(series: Series): void {
		this.#samples -= series.length;
		this.#series.delete(series.labels.key);
	}

	#span(): readonly [number, number] {
		let oldest = Number.POSITIVE_INFINITY;
		let newest = Number.NEGATIVE_INFINITY;
		for (const series of this.#series.values()) {
			oldest = Math.min(oldest, series.oldest);
			newest = Math.max(newest, series.newest);
		}
		return [oldest, newest];
	}
}
