/** What the bench measures, in the order of the table. */
export interface Figures {
	readonly initialisedSeconds: number;
	readonly requestsToInitialise: number;
	readonly requestsIdlePerSecond: number;
	readonly noticedP99Seconds: number;
	readonly firstWeightP99Seconds: number;
	readonly rolloutP99Seconds: number;
	readonly requestsPerRollout: number;
	readonly writesPerRollout: number;
	readonly cpuPerRolloutMs: number;
	readonly peakMemoryMiB: number;
}

interface Row {
	readonly figure: keyof Figures;
	readonly title: string;
	readonly unit: string;
	readonly digits: number;
	/** Flagger 1.44 at 50 and at 400 canaries, on 2 cores, doing the same. */
	readonly flagger: readonly [number, number];
	/** What Haldane must reach at 50 and at 400. */
	readonly goal: readonly [number, number];
}

const rows: readonly Row[] = [
	row("initialisedSeconds", "all initialised", " s", 1, [33.5, 225], [8, 40]),
	row("requestsToInitialise", "API requests to initialise one", "", 1, [43, 67], [20, 20]),
	row("requestsIdlePerSecond", "API requests while nothing happens", " /s", 2, [50, 129], [0.5, 0.5]),
	row("noticedP99Seconds", "new revision noticed, p99", " s", 2, [8.7, 46], [0.3, 1]),
	row("firstWeightP99Seconds", "first weight, p99", " s", 2, [17.2, 147], [1.5, 4]),
	row("rolloutP99Seconds", "whole rollout, p99", " s", 1, [86, 446], [38, 45]),
	row("requestsPerRollout", "API requests a rollout", "", 1, [140, 162], [32, 32]),
	row("writesPerRollout", "of them writes", "", 1, [23, 14], [26, 26]),
	row("cpuPerRolloutMs", "CPU a rollout", " ms", 0, [74, 133], [60, 60]),
	row("peakMemoryMiB", "peak memory (the bundled file)", " MiB", 0, [69, 96], [130, 170]),
];

function row(
	figure: keyof Figures,
	title: string,
	unit: string,
	digits: number,
	flagger: readonly [number, number],
	goal: readonly [number, number],
): Row {
	return { figure, title, unit, digits, flagger, goal };
}

/** A Markdown table: ours beside Flagger's and the goal, where there are any for that many canaries. */
export function tableOf(figures: Figures, canaries: number): string {
	const column = canaries === 50 ? 0 : canaries === 400 ? 1 : undefined;
	const head = ["figure", `Haldane, ${canaries} canaries`, "goal", "reached", "Flagger 1.44"];
	const lines = rows.map(({ figure, title, unit, digits, flagger, goal }) => {
		const ours = figures[figure];
		const said = `${ours.toFixed(digits)}${unit}`;
		if (column === undefined) return [title, said, "–", "–", "–"];
		// What is printed is what is judged: half a digit is no miss.
		const isReached = Number(ours.toFixed(digits)) <= goal[column];
		return [title, said, `≤ ${goal[column]}${unit}`, isReached ? "yes" : "**no**", `${flagger[column]}${unit}`];
	});
	return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The value below which so many percent of the values lie, by the nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
	const sorted = [...values].sort((one, other) => one - other);
	return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
