import { parseExposition } from "../../../../src/sandbox/prometheus/exposition.ts";
import { instantQuery, type QueryLimits, rangeQuery } from "../../../../src/sandbox/prometheus/promql/query.ts";
import { SeriesStore } from "../../../../src/sandbox/prometheus/series-store.ts";

export const unhurried: QueryLimits = { timeoutMs: 1, elapsed: () => 0 };

/** A store of lines such as `up{job="a"} 1 2 _ gone 5`: a sample each 10 s from 10 s on, `_` for none, `gone` for a mark that it went. */
export function stored(...lines: readonly string[]): SeriesStore {
	const store = new SeriesStore({ retentionMs: 1e15 });
	for (const line of lines) {
		const end = line.includes("}") ? line.lastIndexOf("}") + 1 : line.indexOf(" ");
		const [sample] = parseExposition(`${line.slice(0, end)} 0`).samples;
		if (sample === undefined) throw new Error(`no series in ${line}`);
		for (const [i, value] of line.slice(end).trim().split(/\s+/).entries()) {
			if (value === "_") continue;
			const number = Number(value.replace("Inf", "Infinity"));
			store.append(sample.labels, (i + 1) * 10_000, value === "gone" ? undefined : number);
		}
	}
	return store;
}

/** The answer at a moment, in seconds, as lines of labels and value. */
export function ask(store: SeriesStore, query: string, atS: number): readonly string[] {
	const result = instantQuery(store, query, atS * 1000, unhurried);
	if (result.type === "scalar" || result.type === "string") return [String(result.value)];
	if (result.type === "vector") return result.value.map(({ labels, value }) => `${labels} ${value}`);
	return result.value.map(({ labels, points }) => `${labels} ${points.values.join(" ")}`);
}

/** The values alone, in the order of the answer. */
export function values(store: SeriesStore, query: string, atS: number): readonly number[] {
	const result = instantQuery(store, query, atS * 1000, unhurried);
	if (result.type === "scalar") return [result.value];
	return result.type === "vector" ? result.value.map(({ value }) => value) : [];
}

export function over(
	store: SeriesStore,
	query: string,
	startS: number,
	endS: number,
	stepS: number,
): readonly string[] {
	const times = { startMs: startS * 1000, endMs: endS * 1000, stepMs: stepS * 1000 };
	return rangeQuery(store, query, times, unhurried).map(
		({ labels, points }) =>
			`${labels} ${points.times.map((time, i) => `${points.values[i]}@${time / 1000}`).join(" ")}`,
	);
}
