/** What the bench of the image updater measures, in the order of the table. */
export interface ImageFigures {
	readonly webhookP50Ms: number;
	readonly webhookP99Ms: number;
	/** Each minute, on average and of the repository that was asked most. */
	readonly requestsPerPoll: number;
	readonly requestsPerPollMost: number;
	/** While nothing changed, watches apart. */
	readonly kubeRequests: number;
	readonly cpuPercent: number;
	readonly cpuPercentWithout: number;
	readonly memoryMoreMiB: number;
	readonly memoryMiB: number;
	readonly peakMemoryMiB: number;
}

interface Row {
	readonly figure: keyof ImageFigures;
	readonly title: string;
	readonly unit: string;
	readonly digits: number;
	/** What is promised for 1,000 workloads over 200 repositories. */
	readonly goal?: number;
}

const rows: readonly Row[] = [
	{ figure: "webhookP99Ms", title: "webhook to changed workload, p99", unit: " ms", digits: 0, goal: 250 },
	{ figure: "webhookP50Ms", title: "the same, p50", unit: " ms", digits: 0 },
	{
		figure: "requestsPerPoll",
		title: "registry requests a repository and poll, nothing changed",
		unit: "",
		digits: 2,
		goal: 1,
	},
	{ figure: "requestsPerPollMost", title: "the same, of the repository asked most", unit: "", digits: 2, goal: 1 },
	{ figure: "kubeRequests", title: "Kubernetes API requests, nothing changed", unit: "", digits: 0, goal: 0 },
	{ figure: "cpuPercent", title: "of one core", unit: " %", digits: 1, goal: 5 },
	{ figure: "cpuPercentWithout", title: "the same without the updater", unit: " %", digits: 1 },
	{ figure: "memoryMoreMiB", title: "more memory than without the updater", unit: " MiB", digits: 0, goal: 60 },
	{ figure: "memoryMiB", title: "memory", unit: " MiB", digits: 0 },
	{ figure: "peakMemoryMiB", title: "peak memory, webhooks included", unit: " MiB", digits: 0 },
];

/** A Markdown table: each figure beside its goal. */
export function imageTableOf(figures: ImageFigures): string {
	const lines = rows.map(({ figure, title, unit, digits, goal }) => {
		const said = figures[figure].toFixed(digits);
		if (goal === undefined) return [title, `${said}${unit}`, "–", "–"];
		return [title, `${said}${unit}`, `≤ ${goal}${unit}`, Number(said) <= goal ? "yes" : "**no**"];
	});
	const head = ["figure", "measured", "goal", "reached"];
	return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
