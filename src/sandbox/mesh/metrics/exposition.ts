import { BOUNDS_MS, type Durations } from "./histogram.ts";

export type Labels = Readonly<Record<string, string>>;

/** Prometheus' text format, family by family. */
export function createExposition() {
	const lines: string[] = [];
	const head = (name: string, type: string, help: string) =>
		lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
	return {
		counter(name: string, help: string, series: Iterable<readonly [Labels, number]>) {
			head(name, "counter", help);
			for (const [labels, value] of series)
				lines.push(`${name}${Object.keys(labels).length === 0 ? "" : `{${written(labels)}}`} ${value}`);
		},
		/** `unitMs` is how many milliseconds a unit of the series has: 1, or 1000 for seconds. */
		histogram(name: string, help: string, unitMs: number, series: Iterable<readonly [Labels, Durations]>) {
			head(name, "histogram", help);
			for (const [labels, { counts, count, sumMs }] of series) {
				const own = written(labels);
				let below = 0;
				for (const [index, bound] of BOUNDS_MS.entries()) {
					below += counts[index] ?? 0;
					lines.push(`${name}_bucket{${own},le="${bound / unitMs}"} ${below}`);
				}
				lines.push(`${name}_bucket{${own},le="+Inf"} ${count}`);
				lines.push(`${name}_sum{${own}} ${sumMs / unitMs}`, `${name}_count{${own}} ${count}`);
			}
		},
		text: () => `${lines.join("\n")}\n`,
	};
}

function written(labels: Labels): string {
	return Object.entries(labels)
		.map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`))}"`)
		.join(",");
}
